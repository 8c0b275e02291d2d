// For tests: matrices that are hard for orthogonal factorizations.
import type { Matrix } from "../matrix.ts";
import { hilbert, kahan, matrixOf, randomMatrix } from "../testing.ts";

/** Random, with rows and columns from 1 to 10^-exponent. */
function gradedMatrix(rows: number, columns: number, exponent: number, seed: number): Matrix {
  const { values } = randomMatrix(rows, columns, seed);
  const share = (i: number, count: number) => i / Math.max(1, count - 1) / 2;
  return matrixOf(
    rows,
    columns,
    (i, j) => values[i * columns + j] * 10 ** (-exponent * (share(i, rows) + share(j, columns))),
  );
}

/** The sum of `rank` products of random vectors. */
export function lowRankMatrix(rows: number, columns: number, rank: number, seed: number): Matrix {
  const [left, right] = [randomMatrix(rows, rank, seed), randomMatrix(rank, columns, seed + 1)];
  return matrixOf(rows, columns, (i, j) => {
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += left.values[i * rank + k] * right.values[k * columns + j];
    return sum;
  });
}

/** Matrices by name, of both directions. */
export const hardMatrices: readonly (readonly [string, Matrix])[] = [
  ["zero", matrixOf(40, 30, () => 0)],
  ["ones", matrixOf(37, 45, () => 1)],
  ["identity", matrixOf(50, 50, (i, j) => (i === j ? 1 : 0))],
  ["the identity reversed", matrixOf(33, 33, (i, j) => (i + j === 32 ? 1 : 0))],
  ["Kahan's", kahan(90)],
  ["Hilbert's", hilbert(60)],
  ["Hilbert's, wide", matrixOf(20, 70, (i, j) => 1 / (i + j + 1))],
  ["of rank 5", lowRankMatrix(120, 80, 5, 1)],
  ["of rank 40, wide", lowRankMatrix(70, 150, 40, 2)],
  ["with repeated columns", matrixOf(80, 60, (i, j) => Math.sin(i * ((j % 7) + 1)))],
  ["graded to 1e-150", gradedMatrix(80, 80, 150, 3)],
  [
    "graded from 1e150 to 1e-150",
    { ...gradedMatrix(70, 90, 300, 7), values: gradedMatrix(70, 90, 300, 7).values.map((x) => x * 1e150) },
  ],
  ["graded to 1e-20, tall", gradedMatrix(150, 40, 20, 4)],
  ["of size 1e150", matrixOf(60, 70, (i, j) => 1e150 * Math.cos(i * j + i))],
  ["of size 1e-150", matrixOf(70, 60, (i, j) => 1e-150 * Math.cos(i * j + i))],
  ["of size 1e-300", matrixOf(50, 60, (i, j) => 1e-300 * Math.cos(i * j + i))],
  ["of size 1e300", matrixOf(40, 40, (i, j) => 1e300 * Math.cos(i * j + i))],
  ["a single column", randomMatrix(200, 1, 5)],
  ["a single row", randomMatrix(1, 200, 6)],
];
