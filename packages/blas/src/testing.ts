// For tests: matrices by formula, and what LAPACK's tests compare.
import type { Matrix } from "./matrix.ts";

/** Uniform in [-1, 1), the same for the same seed. Source: Steele, Lea & Flood 2014, SplitMix. */
export function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 31 - 1;
  };
}

/** A matrix whose entry in row i, column j is entry(i, j), with so many unused numbers after each row. */
export function matrixOf(
  rows: number,
  columns: number,
  entry: (i: number, j: number) => number,
  gap = 0,
): Matrix {
  const leadingDimension = columns + gap;
  const values = new Float64Array(rows * leadingDimension).fill(gap === 0 ? 0 : Number.NaN);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) values[i * leadingDimension + j] = entry(i, j);
  return gap === 0 ? { rows, columns, values } : { rows, columns, values, leadingDimension };
}

/** Entries uniform in [-1, 1). */
export function randomMatrix(rows: number, columns: number, seed: number, gap = 0): Matrix {
  const next = uniform(seed);
  return matrixOf(rows, columns, next, gap);
}

/** Entry (i, j). */
export function entryOf(
  { values, columns, leadingDimension = columns }: Matrix,
  i: number,
  j: number,
): number {
  return values[i * leadingDimension + j];
}

/** The transpose. */
export function transposeOf(matrix: Matrix): Matrix {
  return matrixOf(matrix.columns, matrix.rows, (i, j) => entryOf(matrix, j, i));
}

/** The product by its definition. */
export function productOf(a: Matrix, b: Matrix): Matrix {
  return matrixOf(a.rows, b.columns, (i, j) => {
    let sum = 0;
    for (let k = 0; k < a.columns; k++) sum += entryOf(a, i, k) * entryOf(b, k, j);
    return sum;
  });
}

/** max_j sum_i |a_ij|. */
export function oneNorm(a: Matrix): number {
  let largest = 0;
  for (let j = 0; j < a.columns; j++) {
    let sum = 0;
    for (let i = 0; i < a.rows; i++) sum += Math.abs(entryOf(a, i, j));
    if (!(sum <= largest)) largest = sum;
  }
  return largest;
}

/** The difference. */
export function differenceOf(a: Matrix, b: Matrix): Matrix {
  return matrixOf(a.rows, a.columns, (i, j) => entryOf(a, i, j) - entryOf(b, i, j));
}

/** The bar of LAPACK's own tests for its ratios, such as  ||A - L L^T||_1 / (n eps ||A||_1). */
export const RATIO = 30;

/** ||error||_1 / (n eps scale), 0 where there is no error. */
export function ratio(error: Matrix, n: number, scale: number): number {
  const norm = oneNorm(error);
  return norm === 0 ? 0 : norm / (Math.max(n, 1) * Number.EPSILON * scale);
}

/** Sizes 0 to 200 and around every block size. */
export const SIZES = [
  0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 65, 100, 127, 128, 129, 200, 255, 256,
  257,
] as const;
