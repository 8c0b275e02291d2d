import {
  type ExplainableModel,
  type ExplainerName,
  type ExplainerOptions,
  explain,
  explainers,
} from "gradus/explain";
import { type DenseMatrix, denseMatrix } from "gradus/linalg";

const height = (a: number, b: number) => Math.tanh(2 * a) + a * b;

function heights({ rows, values: x }: DenseMatrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => height(x[2 * i], x[2 * i + 1]));
}

/** f = tanh(2 x1) + x1 x2 on [-1, 1]^2, with its gradient: what the pictures in two dimensions explain. */
export const surface: ExplainableModel = {
  features: 2,
  values: heights,
  valuesAndGradients(x) {
    const gradients = new Float64Array(2 * x.rows);
    for (let i = 0; i < x.rows; i++) {
      const [a, b] = [x.values[2 * i], x.values[2 * i + 1]];
      gradients[2 * i] = 2 * (1 - Math.tanh(2 * a) ** 2) + b;
      gradients[2 * i + 1] = a;
    }
    return { values: heights(x), gradients };
  },
};

/** g(x) = weights . x + intercept. */
export interface Plane {
  readonly weights: readonly [number, number];
  readonly intercept: number;
}

/** What a plane is fitted with. */
export type PlaneOptions = Pick<ExplainerOptions, "sigma" | "width" | "samples"> & { readonly seed: number };

/** A feature at its baseline is not moved: the plane is level along it. */
const slope = (share: number, x: number) => (x === 0 ? 0 : share / x);

/**
 * The plane that an explainer fits around x0, in the coordinates of the input: w . (x - x0) + b for additive ones, w . xi +
 * b with xi = x / x0 for multiplicative ones with baseline 0, and f(x0) - w . (1 - x / x0) for Occlusion.
 */
export async function planeOf(
  name: ExplainerName,
  x0: readonly [number, number],
  { seed, samples = 2000, ...own }: PlaneOptions,
): Promise<Plane> {
  const at = denseMatrix(x0, 1, 2);
  const choice = explainers[name].approximation(own);
  const { attributions, intercepts } = await explain(surface, at, { ...choice, samples, seed });
  const [w0, w1] = attributions.values;
  const [b] = intercepts;
  if (explainers[name].family === "additive")
    return { weights: [w0, w1], intercept: b - w0 * x0[0] - w1 * x0[1] };
  const weights = [slope(w0, x0[0]), slope(w1, x0[1])] as const;
  if (choice.neighborhood.response !== "difference") return { weights, intercept: b };
  return { weights, intercept: height(...x0) - w0 - w1 };
}

export const planeAt = ({ weights, intercept }: Plane, a: number, b: number) =>
  intercept + weights[0] * a + weights[1] * b;

/** The points of an n x n grid on [-1, 1]^2, row after row of x2, and f there. */
export function surfaceGrid(n: number) {
  const side = Array.from({ length: n }, (_, i) => -1 + (2 * i) / (n - 1));
  const points = denseMatrix(
    side.flatMap((b) => side.flatMap((a) => [a, b])),
    n * n,
    2,
  );
  return { side, points, values: heights(points) };
}
