import { dot, norm2 } from "../../linalg/vector.ts";

/**
 * Whether a step s with the change y of the gradient shows positive curvature: <s, y> above what rounding makes of
 * orthogonal vectors, whatever the units of both.
 */
export const curvesUp = (s: Float64Array, y: Float64Array): boolean =>
  dot(s, y) > Number.EPSILON * norm2(s) * norm2(y);
