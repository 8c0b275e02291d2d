import fc from "fast-check";
import { expect, test } from "vitest";
import { BlasArgumentError } from "../errors.ts";
import type { Matrix } from "../matrix.ts";
import { useScalarBuilds } from "../scalar.ts";
import { entryOf, matrixOf, oneNorm, productOf, RATIO, randomMatrix, transposeOf } from "../testing.ts";
import { gemm } from "./gemm.ts";

/** |C - alpha A B - beta C0| entry by entry, over the rounding of its sum. */
function worstRatio(c: Matrix, a: Matrix, b: Matrix, alpha: number, beta: number, c0: Matrix): number {
  const absolute = (x: Matrix) => matrixOf(x.rows, x.columns, (i, j) => Math.abs(entryOf(x, i, j)));
  const [exact, size] = [productOf(a, b), productOf(absolute(a), absolute(b))];
  let worst = 0;
  for (let i = 0; i < c.rows; i++)
    for (let j = 0; j < c.columns; j++) {
      const wanted = alpha * entryOf(exact, i, j) + (beta === 0 ? 0 : beta * entryOf(c0, i, j));
      const scale =
        Math.abs(alpha) * entryOf(size, i, j) + (beta === 0 ? 0 : Math.abs(beta * entryOf(c0, i, j)));
      const error = Math.abs(entryOf(c, i, j) - wanted);
      if (error > 0) worst = Math.max(worst, error / ((a.columns + 2) * Number.EPSILON * scale));
    }
  return worst;
}

const size = fc.integer({ min: 0, max: 70 });
interface Problem {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly alpha: number;
  readonly beta: number;
  readonly gap: number;
  readonly seed: number;
}

const problem: fc.Arbitrary<Problem> = fc.record({
  m: size,
  n: size,
  k: size,
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  alpha: fc.constantFrom(1, 0, -1, 0.3),
  beta: fc.constantFrom(0, 1, -2),
  gap: fc.constantFrom(0, 1, 3),
  seed: fc.integer(),
});

/** Checks a product against its definition. */
function check({ m, n, k, transposeA, transposeB, alpha, beta, gap, seed }: Problem): void {
  const a = transposeA ? randomMatrix(k, m, seed, gap) : randomMatrix(m, k, seed, gap);
  const b = transposeB ? randomMatrix(n, k, seed + 1, gap) : randomMatrix(k, n, seed + 1, gap);
  const c0 = randomMatrix(m, n, seed + 2, gap);
  const c = { ...c0, values: c0.values.slice() };
  expect(gemm({ a, b, transposeA, transposeB, alpha, beta, c })).toBe(c);
  const [left, right] = [transposeA ? transposeOf(a) : a, transposeB ? transposeOf(b) : b];
  expect(worstRatio(c, left, right, alpha, beta, c0)).toBeLessThan(RATIO);
  // what stands between the rows is not touched
  for (let i = 0; i < m; i++) for (let j = n; j < n + gap; j++) expect(c.values[i * (n + gap) + j]).toBeNaN();
}

test("is the sum over the inner dimension for every size, transposition, factor and gap", () => {
  fc.assert(fc.property(problem, check), { numRuns: 150 });
});

test.each([
  [1, 1, 1],
  [4, 4, 256],
  [5, 513, 3],
  [129, 5, 257],
  [127, 511, 255],
  [128, 512, 256],
  [3, 4, 1024],
  [5, 3, 2100],
])("is the same around block sizes: %i x %i, inner %i", (m, n, k) => {
  for (const transposeA of [false, true])
    for (const transposeB of [false, true])
      check({ m, n, k, transposeA, transposeB, alpha: 1, beta: 1, gap: 0, seed: m });
});

test("the scalar build computes the same", () => {
  useScalarBuilds();
  try {
    fc.assert(fc.property(problem, check), { numRuns: 40 });
  } finally {
    useScalarBuilds(false);
  }
});

test("beta = 0 overwrites NaN; NaN and infinity in A or B go where the sum has them", () => {
  const c = matrixOf(6, 6, () => Number.NaN);
  const a = randomMatrix(6, 6, 1);
  const b = randomMatrix(6, 6, 2);
  gemm({ a, b, c });
  expect(oneNorm(c)).toBeLessThan(40);
  a.values[1 * 6 + 2] = Number.NaN;
  b.values[4 * 6 + 3] = Number.POSITIVE_INFINITY;
  gemm({ a, b, c });
  for (let i = 0; i < 6; i++)
    for (let j = 0; j < 6; j++)
      if (i === 1) expect(entryOf(c, i, j)).toBeNaN();
      else if (j === 3) expect(Math.abs(entryOf(c, i, j))).toBe(Number.POSITIVE_INFINITY);
      else expect(Number.isFinite(entryOf(c, i, j))).toBe(true);
});

test("shapes that do not fit are refused by name", () => {
  const a = randomMatrix(3, 4, 1);
  expect(() => gemm({ a, b: a })).toThrow(BlasArgumentError);
  expect(() => gemm({ a, b: a })).toThrow("inner dimension, got 3 x 4 and 3 x 4");
  expect(() => gemm({ a, b: a, transposeB: true, c: randomMatrix(3, 4, 1) })).toThrow("c must be 3 x 3");
  expect(() => gemm({ a: { ...a, columns: 5 }, b: a })).toThrow("a.values must have 15 numbers");
  expect(() => gemm({ a: { ...a, leadingDimension: 3 }, b: a })).toThrow("a.leadingDimension must be");
});
