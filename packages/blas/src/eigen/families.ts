// For tests: symmetric and tridiagonal matrices that are hard for eigensolvers, and LAPACK's ratios.
import type { Matrix } from "../matrix.ts";
import {
  differenceOf,
  entryOf,
  hilbert,
  identityOf,
  matrixOf,
  oneNorm,
  productOf,
  randomMatrix,
  ratio,
  transposeOf,
  uniform,
} from "../testing.ts";
import type { SymmetricEigen } from "./symmetric-eigen.ts";
import type { TridiagonalArguments } from "./tridiagonal-eigen.ts";

/** A random symmetric matrix with a number of unused entries after each row. */
export function randomSymmetric(n: number, seed: number, gap = 0): Matrix {
  const r = randomMatrix(n, n, seed);
  return matrixOf(n, n, (i, j) => entryOf(r, i, j) + entryOf(r, j, i), gap);
}

/** Q diag(values) Q^T  with Q a product of three random reflections. */
export function withEigenvalues(values: readonly number[], seed: number): Matrix {
  const n = values.length;
  const next = uniform(seed);
  let a = matrixOf(n, n, (i, j) => (i === j ? values[i] : 0));
  for (let round = 0; round < 3; round++) {
    const v = Array.from({ length: n }, next);
    const squares = v.reduce((sum, x) => sum + x * x, 0);
    const h = matrixOf(n, n, (i, j) => (i === j ? 1 : 0) - (2 * v[i] * v[j]) / squares);
    a = productOf(productOf(h, a), h);
  }
  return matrixOf(n, n, (i, j) => (entryOf(a, i, j) + entryOf(a, j, i)) / 2);
}

/** The whole of a tridiagonal matrix. */
export function wholeOf({ diagonal, offDiagonal }: TridiagonalArguments): Matrix {
  const n = diagonal.length;
  return matrixOf(n, n, (i, j) => {
    if (i === j) return diagonal[i];
    return Math.abs(i - j) === 1 ? offDiagonal[Math.min(i, j)] : 0;
  });
}

/** A tridiagonal matrix by formulas. */
export function tridiagonalOf(
  n: number,
  diagonal: (i: number) => number,
  offDiagonal: (i: number) => number,
): TridiagonalArguments {
  return {
    diagonal: Float64Array.from({ length: n }, (_, i) => diagonal(i)),
    offDiagonal: Float64Array.from({ length: Math.max(0, n - 1) }, (_, i) => offDiagonal(i)),
  };
}

const draw = uniform(7);

/** Tridiagonal matrices by name. */
export const hardTridiagonals: readonly (readonly [string, TridiagonalArguments])[] = [
  [
    "Wilkinson's W21+",
    tridiagonalOf(
      21,
      (i) => Math.abs(i - 10),
      () => 1,
    ),
  ],
  [
    "Wilkinson's W201+",
    tridiagonalOf(
      201,
      (i) => Math.abs(i - 100),
      () => 1,
    ),
  ],
  [
    "nine of Wilkinson's W21+ glued by 1e-8",
    tridiagonalOf(
      189,
      (i) => Math.abs((i % 21) - 10),
      (i) => (i % 21 === 20 ? 1e-8 : 1),
    ),
  ],
  [
    "glued by the square root of rounding",
    tridiagonalOf(
      168,
      (i) => Math.abs((i % 21) - 10),
      (i) => (i % 21 === 20 ? 1.5e-8 * 1e-8 : 1),
    ),
  ],
  [
    "the second difference",
    tridiagonalOf(
      150,
      () => 2,
      () => -1,
    ),
  ],
  [
    "zero diagonal",
    tridiagonalOf(
      129,
      () => 0,
      () => 1,
    ),
  ],
  [
    "zero",
    tridiagonalOf(
      100,
      () => 0,
      () => 0,
    ),
  ],
  [
    "diagonal, ascending",
    tridiagonalOf(
      100,
      (i) => i,
      () => 0,
    ),
  ],
  [
    "diagonal, all the same",
    tridiagonalOf(
      100,
      () => 3,
      () => 0,
    ),
  ],
  [
    "Clement's",
    tridiagonalOf(
      120,
      () => 0,
      (i) => Math.sqrt((i + 1) * (119 - i)),
    ),
  ],
  [
    "graded downward",
    tridiagonalOf(
      90,
      (i) => 10 ** -i,
      (i) => 10 ** (-i - 0.5),
    ),
  ],
  [
    "graded upward",
    tridiagonalOf(
      90,
      (i) => 10 ** (i - 90),
      (i) => 10 ** (i - 89.5),
    ),
  ],
  [
    "steeply graded",
    tridiagonalOf(
      120,
      (i) => 1e5 ** -i,
      (i) => 1e5 ** (-i - 0.5),
    ),
  ],
  [
    "a tiny off-diagonal",
    tridiagonalOf(
      100,
      (i) => i % 3,
      () => 1e-17,
    ),
  ],
  [
    "entries of all sizes",
    tridiagonalOf(
      150,
      () => 10 ** (20 * draw()),
      () => 10 ** (20 * draw()),
    ),
  ],
  [
    "entries of size 1e300",
    tridiagonalOf(
      70,
      () => 1e300 * draw(),
      () => 1e300 * draw(),
    ),
  ],
  [
    "entries of size 1e-300",
    tridiagonalOf(
      70,
      () => 1e-300 * draw(),
      () => 1e-300 * draw(),
    ),
  ],
  [
    "one large entry",
    tridiagonalOf(
      80,
      (i) => (i === 40 ? 1e10 : 1),
      () => 1,
    ),
  ],
  [
    "alternating signs",
    tridiagonalOf(
      140,
      (i) => (-1) ** i,
      (i) => (-1) ** (i >> 1) * 0.5,
    ),
  ],
];

/** Symmetric matrices by name. */
export const hardSymmetrics: readonly (readonly [string, Matrix])[] = [
  ["zero", matrixOf(70, 70, () => 0)],
  ["identity", identityOf(70)],
  ["the identity reversed", matrixOf(67, 67, (i, j) => (i + j === 66 ? 1 : 0))],
  ["ones", matrixOf(99, 99, () => 1)],
  ["diagonal", matrixOf(80, 80, (i, j) => (i === j ? (i * 37) % 80 : 0))],
  ["Hilbert's", hilbert(100)],
  ["an arrow", matrixOf(90, 90, (i, j) => (i === j ? i + 1 : i === 89 || j === 89 ? 1 : 0))],
  ["an arrow upward", matrixOf(90, 90, (i, j) => (i === j ? i + 1 : i === 0 || j === 0 ? 1 : 0))],
  [
    "three eigenvalues, repeated",
    withEigenvalues(
      Array.from({ length: 110 }, (_, i) => (i % 3) - 1),
      1,
    ),
  ],
  [
    "two clusters",
    withEigenvalues(
      Array.from({ length: 100 }, (_, i) => (i < 50 ? 1 : 2) + i * 1e-14),
      2,
    ),
  ],
  [
    "half of the eigenvalues 0",
    withEigenvalues(
      Array.from({ length: 120 }, (_, i) => Math.max(0, i - 60)),
      3,
    ),
  ],
  [
    "eigenvalues down to 1e-16",
    withEigenvalues(
      Array.from({ length: 90 }, (_, i) => 10 ** (-i / 5.6)),
      4,
    ),
  ],
  [
    "one eigenvalue of 1, the others rounding",
    withEigenvalues(
      Array.from({ length: 70 }, (_, i) => (i ? 2e-16 : 1)),
      5,
    ),
  ],
  ["graded to 1e-200", matrixOf(80, 80, (i, j) => Math.cos(i * j) * 10 ** (-2.5 * Math.max(i, j)))],
  ["graded upward", matrixOf(80, 80, (i, j) => Math.cos(i * j) * 10 ** (2.5 * (Math.min(i, j) - 80)))],
  ["of size 1e300", matrixOf(60, 60, (i, j) => 1e300 * Math.cos(i * j + i + j))],
  ["of size 1e150", matrixOf(60, 60, (i, j) => 1e150 * Math.cos(i * j + i + j))],
  ["of size 1e-160", matrixOf(60, 60, (i, j) => 1e-160 * Math.cos(i * j + i + j))],
  ["of size 1e-300", matrixOf(60, 60, (i, j) => 1e-300 * Math.cos(i * j + i + j))],
];

/** x / size. */
const divided = (x: Matrix, size: number): Matrix => ({
  ...x,
  values: x.values.map((value) => value / size),
});

/** LAPACK's ratios: of the residual A V - V D to ||A||, and of orthogonality; the larger one. */
export function eigenRatio(a: Matrix, { values, vectors }: SymmetricEigen): number {
  const n = a.rows;
  const dense = matrixOf(n, n, (i, j) => entryOf(a, i, j));
  const size = dense.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const scaled = divided(dense, size);
  const scaledVectors = matrixOf(n, n, (i, j) => entryOf(vectors, i, j) * (values[j] / size));
  const residual = differenceOf(productOf(scaled, vectors), scaledVectors);
  const gram = productOf(transposeOf(vectors), vectors);
  return Math.max(ratio(residual, n, oneNorm(scaled) || 1), ratio(differenceOf(gram, identityOf(n)), n, 1));
}

/** |x - y| at most, over  n eps max |y|. */
export function valuesRatio(x: Float64Array, y: Float64Array): number {
  const n = y.length;
  const size = y.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = y.reduce((most, value, i) => Math.max(most, Math.abs(x[i] - value)), 0);
  return worst === 0 ? 0 : worst / (n * Number.EPSILON * size);
}
