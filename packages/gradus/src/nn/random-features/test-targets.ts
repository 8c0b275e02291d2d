// For tests: targets on [0, 1].
import { type DenseMatrix, denseMatrix } from "../../linalg/matrix.ts";

/** 0.2 exp(-(10 x - 4)^2) + 0.5 exp(-(80 x - 40)^2) + 0.3 exp(-(80 x - 20)^2). */
export const threeBumps = (x: number): number =>
  0.2 * Math.exp(-((10 * x - 4) ** 2)) +
  0.5 * Math.exp(-((80 * x - 40) ** 2)) +
  0.3 * Math.exp(-((80 * x - 20) ** 2));

/** A function at N equidistant points. */
export function sampled(f: (x: number) => number, N: number, from = 0, to = 1) {
  const x = Float64Array.from({ length: N }, (_, j) => from + ((to - from) * j) / (N - 1));
  return { x, values: x.map(f) };
}

/** Numbers as the rows of one column. */
export const column = (values: Float64Array): DenseMatrix => denseMatrix(values, values.length, 1);
