import fc from "fast-check";
import { expect, test } from "vitest";
import type { Matrix } from "../matrix.ts";
import {
  copyOf,
  differenceOf,
  entryOf,
  hilbert,
  kahan,
  matrixOf,
  oneNorm,
  productOf,
  RATIO,
  randomMatrix,
  ratio,
  SIZES,
  wilkinson,
  withBothBuilds,
} from "../testing.ts";
import { lu, luSolve } from "./lu.ts";

/** ||P A - L U||_1 / (n eps ||A||_1 growth); multipliers at most 1. */
function factorRatio(a: Matrix, growth = 1): number {
  const { rows: m, columns: n } = a;
  const factors = copyOf(a);
  const { permutation } = lu({ a: factors });
  expect(Array.from(permutation).sort((x, y) => x - y)).toEqual(Array.from({ length: m }, (_, i) => i));
  const k = Math.min(m, n);
  const l = matrixOf(m, k, (i, j) => (i === j ? 1 : j < i ? entryOf(factors, i, j) : 0));
  const u = matrixOf(k, n, (i, j) => (j >= i ? entryOf(factors, i, j) : 0));
  for (const value of l.values) expect(Math.abs(value)).toBeLessThanOrEqual(1);
  const permuted = matrixOf(m, n, (i, j) => entryOf(a, permutation[i], j));
  return ratio(differenceOf(productOf(l, u), permuted), Math.max(m, n), growth * oneNorm(a));
}

test.each(SIZES)("order %i", (n) => {
  withBothBuilds(() => expect(factorRatio(randomMatrix(n, n, n))).toBeLessThan(RATIO));
});

test("any shape, with numbers between the rows that are not touched", () => {
  const size = fc.integer({ min: 0, max: 80 });
  fc.assert(
    fc.property(size, size, fc.constantFrom(0, 3), fc.integer(), (m, n, gap, seed) => {
      expect(factorRatio(randomMatrix(m, n, seed, gap))).toBeLessThan(RATIO);
    }),
    { numRuns: 60 },
  );
});

test.each([
  ["Hilbert", hilbert(40), 1],
  ["Kahan", kahan(90), 1],
  ["Wilkinson, with its growth of 2^39", wilkinson(40), 2 ** 39],
  ["rows that have to be exchanged", matrixOf(67, 67, (i, j) => (j === (i + 1) % 67 ? i + 1 : 0)), 1],
])("%s", (_, a, growth) => {
  expect(factorRatio(a, growth)).toBeLessThan(RATIO);
});

test("a zero pivot is named, and the factorization goes on", () => {
  const a = randomMatrix(50, 50, 4);
  for (let i = 0; i < 50; i++) a.values[i * 50 + 37] = 2 * a.values[i * 50 + 36];
  for (let i = 0; i < 50; i++) a.values[i * 50 + 36] = a.values[i * 50 + 37] = 0;
  expect(lu({ a: copyOf(a) }).singular).toBe(36);
  expect(factorRatio(a)).toBeLessThan(RATIO);
  expect(lu({ a: randomMatrix(50, 50, 4) }).singular).toBeUndefined();
});

test("NaN is reported at the first column that it reaches", () => {
  const a = randomMatrix(40, 40, 1);
  for (let i = 0; i < 40; i++) a.values[i * 40 + 20] = Number.NaN;
  expect(lu({ a }).singular).toBe(20);
});

test("solves for a vector and for a matrix", () => {
  for (const n of [1, 6, 33, 100]) {
    const a = randomMatrix(n, n, n);
    const factors = copyOf(a);
    const { permutation } = lu({ a: factors });
    const b = randomMatrix(n, 3, 7);
    const x = luSolve({ lu: factors, permutation, b: copyOf(b) });
    expect(ratio(differenceOf(productOf(a, x), b), n, oneNorm(a) * oneNorm(x))).toBeLessThan(RATIO);
    const one = Float64Array.from({ length: n }, (_, i) => entryOf(b, i, 0));
    const first = { rows: n, columns: 1, values: luSolve({ lu: factors, permutation, b: one.slice() }) };
    const error = differenceOf(productOf(a, first), { rows: n, columns: 1, values: one });
    expect(ratio(error, n, oneNorm(a) * oneNorm(first))).toBeLessThan(RATIO);
  }
});
