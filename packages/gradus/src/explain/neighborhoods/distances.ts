import { gemm } from "@gradus/blas/dense";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { Scratch } from "../scratch.ts";
import type { Perturbed } from "./contract.ts";

/** From this many rows on, one matrix product is faster than a loop over rows. */
const PRODUCT_FROM = 3;

/** The square of the share of x0 - r that each perturbation takes away, N x d; undefined where one is not exact. */
function exactShares({ complement = false }: Perturbed, xi: DenseMatrix): DenseMatrix | undefined {
  const center = complement ? 0 : 1;
  const values = new Float64Array(xi.rows * xi.columns);
  for (let at = 0; at < values.length; at++) {
    const away = xi.values[at] - center;
    const square = away * away;
    if (square !== 0 && square !== 1) return undefined;
    values[at] = square;
  }
  return { rows: xi.rows, columns: xi.columns, values };
}

/** sum_j scale_j (xi_kj - center)^2 of each perturbation. */
function weightedSquares(scale: Float64Array, center: number, xi: DenseMatrix, to: Float64Array): void {
  const { values, rows: count, columns: d } = xi;
  let k = 0;
  // four sums side by side: each waits for its own additions only
  for (; k + 4 <= count; k += 4) {
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let j = 0; j < d; j++) {
      const at = k * d + j;
      const factor = scale[j];
      const away0 = values[at] - center;
      const away1 = values[at + d] - center;
      const away2 = values[at + 2 * d] - center;
      const away3 = values[at + 3 * d] - center;
      sum0 += factor * away0 * away0;
      sum1 += factor * away1 * away1;
      sum2 += factor * away2 * away2;
      sum3 += factor * away3 * away3;
    }
    to[k] = sum0;
    to[k + 1] = sum1;
    to[k + 2] = sum2;
    to[k + 3] = sum3;
  }
  for (; k < count; k++) {
    let sum = 0;
    for (let j = 0; j < d; j++) {
      const away = values[k * d + j] - center;
      sum += scale[j] * away * away;
    }
    to[k] = sum;
  }
}

/** ||x - x0||^2 of the inputs that perturbations make of rows `from` to `to`, written into memory: N numbers a row. */
export type SquaredDistances = (from: number, to: number, memory: Scratch) => Float64Array;

/**
 * The distances of the inputs that perturbations make of rows. Masks take features away or leave them, so that their squares
 * are exact and the distances of several rows are one product, with the same bits as row by row.
 */
export function squaredDistances(perturbed: Perturbed, xi: DenseMatrix): SquaredDistances {
  const { x, baseline, composition, complement = false } = perturbed;
  const { rows: count, columns: d } = xi;
  const multiplicative = composition === "multiplicative";
  const shares = multiplicative && x.rows >= PRODUCT_FROM ? exactShares(perturbed, xi) : undefined;
  const center = multiplicative && !complement ? 1 : 0;
  return (from, to, memory) => {
    const rows = to - from;
    const scales = new Float64Array(rows * d).fill(1);
    if (multiplicative)
      for (let i = 0, at = 0; i < rows; i++)
        for (let j = 0; j < d; j++, at++)
          // finite, so that what is not taken away adds 0
          scales[at] = Math.min((x.values[from * d + at] - baseline[j]) ** 2, Number.MAX_VALUE);
    const distances = memory(rows * count);
    if (shares) {
      const c = { rows, columns: count, values: distances };
      gemm({ a: { rows, columns: d, values: scales }, b: shares, transposeB: true, c });
    } else
      for (let i = 0; i < rows; i++) {
        const own = distances.subarray(i * count, (i + 1) * count);
        weightedSquares(scales.subarray(i * d, (i + 1) * d), center, xi, own);
      }
    return distances;
  };
}
