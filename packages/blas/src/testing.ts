// For tests: matrices by formula, and what LAPACK's tests compare.
import type { Matrix } from "./matrix.ts";
import type { Heap } from "./memory.ts";
import { useScalarBuilds } from "./scalar.ts";

/** Bytes of a heap in use. */
export const usedBytes = (heap: Heap): number =>
  [...heap.sizes.values()].reduce((sum, size) => sum + size, 0);

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

/** Uniform in [-1, 1). */
export const vector = (length: number, seed: number) => Float64Array.from({ length }, uniform(seed));

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
  const [left, right] = [matrixOf(a.rows, a.columns, (i, j) => entryOf(a, i, j)), transposeOf(b)];
  return matrixOf(a.rows, b.columns, (i, j) => {
    let sum = 0;
    for (let k = 0, p = i * a.columns, q = j * a.columns; k < a.columns; k++, p++, q++)
      sum += left.values[p] * right.values[q];
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

/** Largest difference over the rounding of sums of so many terms of size at most 1. */
export function worst(found: Float64Array, exact: (k: number) => number, terms: number): number {
  return found.reduce(
    (most, value, k) => Math.max(most, Math.abs(value - exact(k)) / ((terms + 2) * Number.EPSILON)),
    0,
  );
}

/** Sizes 0 to 200 and around every block size. */
export const SIZES = [
  0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 65, 100, 127, 128, 129, 200, 255, 256,
  257,
] as const;

/** Runs a check with the builds with SIMD and with the scalar ones. */
export function withBothBuilds(check: () => void): void {
  check();
  useScalarBuilds();
  try {
    check();
  } finally {
    useScalarBuilds(false);
  }
}

/** The lower or the upper triangle, with ones on the diagonal where `unit`. */
export function triangleOf(a: Matrix, triangle: "lower" | "upper", unit = false): Matrix {
  return matrixOf(a.rows, a.columns, (i, j) => {
    if (i === j && unit) return 1;
    return (triangle === "lower" ? j <= i : j >= i) ? entryOf(a, i, j) : 0;
  });
}

/** The identity. */
export const identityOf = (n: number): Matrix => matrixOf(n, n, (i, j) => (i === j ? 1 : 0));

/** A A^T + shift I of a random square matrix. */
export function randomDefinite(n: number, seed: number, shift = 0.1): Matrix {
  const a = randomMatrix(n, n, seed);
  const product = productOf(a, transposeOf(a));
  return matrixOf(n, n, (i, j) => entryOf(product, i, j) + (i === j ? shift : 0));
}

/** A copy. */
export const copyOf = (a: Matrix): Matrix => ({ ...a, values: a.values.slice() });

/** H_ij = 1 / (i + j + 1): condition number beyond 1e16 from order 12 on. */
export const hilbert = (n: number): Matrix => matrixOf(n, n, (i, j) => 1 / (i + j + 1));

/** Ones on the diagonal and in the last column, -1 below: partial pivoting lets the last column grow to 2^(n - 1). */
export const wilkinson = (n: number): Matrix =>
  matrixOf(n, n, (i, j) => (i === j || j === n - 1 ? 1 : i > j ? -1 : 0));

/** diag(1, s, s^2, ...) times an upper triangle of ones and -c: singular to working precision with no small pivot. */
export function kahan(n: number, angle = 1.2): Matrix {
  const [s, c] = [Math.sin(angle), Math.cos(angle)];
  return matrixOf(n, n, (i, j) => (i === j ? s ** i : i < j ? -c * s ** i : 0));
}

/** Rows and columns scaled from 1 down to 1e-12. */
export function graded(n: number, seed: number): Matrix {
  const a = randomDefinite(n, seed);
  const weight = (i: number) => 10 ** ((-6 * i) / Math.max(n - 1, 1));
  return matrixOf(n, n, (i, j) => entryOf(a, i, j) * weight(i) * weight(j));
}
