import type { DenseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";

/** Normal inputs and targets. */
export function normalRows(n: number, d: number, seed: number): { x: DenseMatrix; y: Float64Array } {
  const stream = randomStream(seed);
  const x = { rows: n, columns: d, values: stream.fillNormal(new Float64Array(n * d)) };
  return { x, y: stream.fillNormal(new Float64Array(n)) };
}

/** +1 or -1, by the signs of numbers. */
export const signs = (values: Float64Array): Float64Array => values.map((value) => (value < 0 ? -1 : 1));

/** A matrix by a formula of its row and column numbers, which start at 1. */
export function formulaMatrix(
  rows: number,
  columns: number,
  entry: (i: number, j: number) => number,
): DenseMatrix {
  const values = Float64Array.from({ length: rows * columns }, (_, at) =>
    entry(Math.floor(at / columns) + 1, (at % columns) + 1),
  );
  return { rows, columns, values };
}

/** The problem whose reference values other libraries printed: 24 rows of two inputs, without randomness. */
export const reference = {
  x: formulaMatrix(24, 2, (k, j) => Math.sin(1.7 * k + 2.3 * j + 0.4 * k * j)),
  labels: Float64Array.from({ length: 24 }, (_, k) => (Math.cos(2.9 * (k + 1)) >= 0 ? 1 : -1)),
};
