import { expect, test } from "vitest";
import { BlasArgumentError } from "../errors.ts";
import type { Matrix } from "../matrix.ts";
import { residentMatrix } from "../resident.ts";
import {
  differenceOf,
  entryOf,
  matrixOf,
  productOf,
  RATIO,
  randomMatrix,
  transposeOf,
  withBothBuilds,
} from "../testing.ts";
import { formQ, qr } from "./qr.ts";
import { orthogonalityRatio, scaledRatio } from "./ratios.ts";
import { testShapes } from "./shapes-testing.ts";
import { singularValues, svd } from "./svd.ts";

/** LAPACK's ratios of A = U diag(s) V^T, of U and of V, and of the values alone. */
function check(a: Matrix): void {
  const { u, s, v } = svd({ a });
  const count = Math.min(a.rows, a.columns);
  expect([u.rows, u.columns, v.rows, v.columns, s.length]).toEqual([a.rows, count, a.columns, count, count]);
  const scale = s[0] || 1;
  const scaled = matrixOf(a.rows, count, (i, j) => entryOf(u, i, j) * (s[j] / scale));
  const product = productOf(scaled, transposeOf(v));
  const wanted = matrixOf(a.rows, a.columns, (i, j) => entryOf(a, i, j) / scale);
  expect(scaledRatio(differenceOf(wanted, product), wanted)).toBeLessThan(RATIO);
  expect(orthogonalityRatio(u)).toBeLessThan(RATIO);
  expect(orthogonalityRatio(v)).toBeLessThan(RATIO);
  expect(count === 0 || s[count - 1] >= 0).toBe(true);
  for (let j = 1; j < count; j++) expect(s[j]).toBeLessThanOrEqual(s[j - 1]);
  const alone = singularValues({ a });
  expect(alone.length).toBe(count);
  const share = RATIO * Math.max(a.rows, a.columns) * Number.EPSILON * scale;
  for (let j = 0; j < count; j++) expect(Math.abs(alone[j] - s[j])).toBeLessThanOrEqual(share);
}

testShapes("A = U diag(s) V^T with orthonormal U and V", check);

test.each([
  [24, 24],
  [25, 25],
  [26, 25],
  [49, 49],
  [51, 50],
  [33, 32],
  [65, 64],
  [129, 70],
  [128, 71],
  [71, 131],
])("the same around block sizes and where QR comes first: %i x %i", (rows, columns) => {
  check(randomMatrix(rows, columns, rows));
});

/** Q_1 diag(s) Q_2^T with random orthonormal columns. */
function withSingularValues(s: readonly number[], rows: number, columns: number, seed: number): Matrix {
  const left = formQ({ factors: qr({ a: randomMatrix(rows, s.length, seed) }) });
  const right = formQ({ factors: qr({ a: randomMatrix(columns, s.length, seed + 1) }) });
  const scaled = matrixOf(rows, s.length, (i, j) => entryOf(left, i, j) * s[j]);
  return productOf(scaled, transposeOf(right));
}

const spectra: readonly (readonly [string, (j: number) => number])[] = [
  ["all equal", () => 1],
  ["in five groups", (j) => 1 + Math.floor(j / 16)],
  ["from 1 down to 1e-16", (j) => 10 ** (-j / 5)],
  ["of one large and equal small ones", (j) => (j === 0 ? 1 : 1e-8)],
  ["that differ in their last digits", (j) => 1 + j * 1e-15],
  ["of two clusters", (j) => (j % 2) + j * 1e-13],
];

test.each(spectra)("singular values %s are found to rounding", (_, value) => {
  for (const [rows, columns] of [
    [80, 80],
    [200, 90],
    [85, 120],
  ]) {
    const wanted = Array.from({ length: 80 }, (_, j) => value(j)).sort((x, y) => y - x);
    const a = withSingularValues(wanted, rows, columns, 1);
    check(a);
    const s = singularValues({ a });
    for (const [j, one] of wanted.entries())
      expect(Math.abs(s[j] - one)).toBeLessThan(200 * Number.EPSILON * wanted[0]);
  }
});

test.each([1, 2, 5, 24, 25, 60, 150])("a bidiagonal of %i ones has 2 cos(k pi / (2 n + 1))", (n) => {
  const a = matrixOf(n, n, (i, j) => (j === i || j === i + 1 ? 1 : 0));
  check(a);
  for (const s of [svd({ a }).s, singularValues({ a })])
    for (let k = 1; k <= n; k++)
      expect(Math.abs(s[k - 1] - 2 * Math.cos((k * Math.PI) / (2 * n + 1)))).toBeLessThan(10 * n * 2 ** -52);
});

test("values alone keep their digits where the matrix is bidiagonal and graded", () => {
  // determinant and inverse of (1 x; 0 1e-20): the product of the values is 1e-20
  const n = 30;
  const a = matrixOf(n, n, (i, j) => (i === j ? 10 ** -i : j === i + 1 ? 10 ** -i : 0));
  const s = singularValues({ a });
  let exponent = 0;
  for (const value of s) exponent += Math.log10(value);
  expect(exponent).toBeCloseTo(-(n * (n - 1)) / 2, 9);
});

test("the scalar build computes the same", () => {
  withBothBuilds(() => {
    check(randomMatrix(90, 70, 1));
    check(randomMatrix(30, 101, 2));
    check(withSingularValues([3, 3, 3, 2, 1, 1e-9, 0, 0], 60, 50, 3));
  });
});

test("a resident is read where it is", () => {
  for (const [rows, columns] of [
    [40, 30],
    [30, 40],
  ]) {
    const a = randomMatrix(rows, columns, 1);
    using resident = residentMatrix(a);
    expect(svd({ a: resident })).toEqual(svd({ a }));
    expect(singularValues({ a: resident })).toEqual(singularValues({ a }));
    expect(qr({ a: resident })).toEqual(qr({ a }));
    expect(resident.toMatrix().values).toEqual(a.values);
  }
});

test("an entry that is not finite is named", () => {
  for (const bad of [Number.NaN, Number.NEGATIVE_INFINITY])
    for (const [rows, columns] of [
      [70, 50],
      [20, 60],
    ]) {
      const a = randomMatrix(rows, columns, 1);
      a.values[2 * columns + 5] = bad;
      const message = `a must be finite, got ${bad} in row 2, column 5`;
      expect(() => svd({ a })).toThrow(message);
      expect(() => singularValues({ a })).toThrow(message);
    }
});

test("what is not a matrix is refused by name", () => {
  const a = { ...randomMatrix(3, 4, 1), rows: 2 };
  expect(() => svd({ a })).toThrow(BlasArgumentError);
  expect(() => singularValues({ a })).toThrow("a.values must have 8 numbers for 2 x 4, got 12");
});
