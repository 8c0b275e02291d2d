import { expect, test } from "vitest";
import { residentMatrix } from "../resident.ts";
import {
  copyOf,
  differenceOf,
  entryOf,
  graded,
  hilbert,
  matrixOf,
  oneNorm,
  productOf,
  RATIO,
  randomDefinite,
  randomMatrix,
  ratio,
  SIZES,
  transposeOf,
  triangleOf,
  withBothBuilds,
} from "../testing.ts";
import { cholesky, choleskySolve } from "./cholesky.ts";

/** ||A - L L^T||_1 / (n eps ||A||_1) of a factorization that succeeds. */
function factorRatio(a: ReturnType<typeof randomDefinite>): number {
  const n = a.rows;
  const factor = matrixOf(n, n, (i, j) => (j <= i ? entryOf(a, i, j) : Number.NaN), 1);
  expect(cholesky({ a: factor })).toBe(n);
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j <= n; j++) expect(factor.values[i * (n + 1) + j]).toBeNaN();
  const l = triangleOf(factor, "lower");
  return ratio(differenceOf(productOf(l, transposeOf(l)), a), n, oneNorm(a));
}

test.each(SIZES)("order %i", (n) => {
  withBothBuilds(() => expect(factorRatio(randomDefinite(n, n))).toBeLessThan(RATIO));
});

test.each([
  ["Hilbert, order 12", hilbert(12)],
  ["graded, order 70", graded(70, 1)],
  [
    "Hilbert with a diagonal of 1e-12, order 100",
    matrixOf(100, 100, (i, j) => 1 / (i + j + 1) + (i === j ? 1e-12 : 0)),
  ],
])("%s", (_, a) => {
  expect(factorRatio(a)).toBeLessThan(RATIO);
});

test.each([0, 1, 31, 32, 33, 64, 70])("the first pivot that is not positive is named: %i", (row) => {
  const a = randomDefinite(71, 5);
  const exact = copyOf(a);
  expect(cholesky({ a: exact })).toBe(71);
  // the Schur complement of row `row` is L_ii^2: take a little more away
  const pivot = entryOf(exact, row, row) ** 2;
  a.values[row * 72] -= 1.01 * pivot;
  expect(cholesky({ a })).toBe(row);
});

test("NaN and infinity are reported at their pivot", () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const a = randomDefinite(50, 2);
    a.values[40 * 50 + 40] = bad;
    expect(cholesky({ a })).toBe(40);
    const b = randomDefinite(50, 2);
    b.values[45 * 50 + 3] = bad;
    expect(cholesky({ a: b })).toBe(45);
  }
});

test("a pivot must exceed its share of the diagonal", () => {
  const a = matrixOf(3, 3, (i, j) => (i === j ? 1 : i === 2 || j === 2 ? 0 : 1 - 1e-9));
  expect(cholesky({ a: copyOf(a) })).toBe(3);
  expect(cholesky({ a, relativePivot: 1e-8 })).toBe(1);
});

test("the semidefinite rule factorizes a matrix of low rank with a tiny diagonal added", () => {
  for (const n of [20, 75, 130]) {
    const low = randomMatrix(n, 3, n);
    const gram = productOf(low, transposeOf(low));
    const leastPivots = new Float64Array(n).fill(1e-18);
    const a = matrixOf(n, n, (i, j) => entryOf(gram, i, j) + (i === j ? 1e-18 : 0));
    const factor = copyOf(a);
    expect(cholesky({ a: factor, leastPivots })).toBe(n);
    const l = triangleOf(factor, "lower");
    expect(ratio(differenceOf(productOf(l, transposeOf(l)), a), n, oneNorm(a))).toBeLessThan(RATIO);
    // but an indefinite one is refused where it is
    const indefinite = copyOf(a);
    indefinite.values[10 * (n + 1)] -= 1;
    expect(cholesky({ a: indefinite, leastPivots })).toBe(10);
  }
});

test("solves for a vector and for a matrix, with a factor in either memory", () => {
  for (const n of [1, 7, 40, 100]) {
    const a = randomDefinite(n, n, 1);
    const factor = copyOf(a);
    cholesky({ a: factor });
    using resident = residentMatrix(a);
    expect(cholesky({ a: resident })).toBe(n);
    const b = randomMatrix(n, 5, 3);
    for (const l of [factor, resident]) {
      const x = choleskySolve({ l, b: copyOf(b) });
      const scale = oneNorm(a) * oneNorm(x);
      expect(ratio(differenceOf(productOf(a, x), b), n, scale)).toBeLessThan(RATIO);
      const first = choleskySolve({ l, b: Float64Array.from({ length: n }, (_, i) => entryOf(b, i, 0)) });
      for (let i = 0; i < n; i++)
        expect(Math.abs(first[i] - entryOf(x, i, 0))).toBeLessThan(1e-10 * oneNorm(x));
    }
  }
});
