import fc from "fast-check";
import { expect, test } from "vitest";
import type { Matrix } from "../matrix.ts";
import {
  differenceOf,
  entryOf,
  hilbert,
  kahan,
  matrixOf,
  oneNorm,
  productOf,
  RATIO,
  randomMatrix,
  transposeOf,
  withBothBuilds,
} from "../testing.ts";
import { lowRankMatrix } from "./families.ts";
import { leastSquares } from "./least-squares.ts";
import { svd } from "./svd.ts";

/** ||A^T (A X - B)|| over the rounding of its sums: LAPACK's test of a least-squares solution (DQRT17). */
function gradientRatio(a: Matrix, b: Matrix, x: Matrix): number {
  const residual = differenceOf(productOf(a, x), b);
  const scale = oneNorm(a) * (oneNorm(a) * oneNorm(x) + oneNorm(b));
  const size = Math.max(a.rows, a.columns, 1);
  return oneNorm(productOf(transposeOf(a), residual)) / (size * Number.EPSILON * (scale || 1));
}

const size = fc.integer({ min: 0, max: 60 });
const problem = fc.record({
  rows: size,
  columns: size,
  rank: fc.constantFrom(1, 3, 100),
  sides: fc.integer({ min: 0, max: 4 }),
  gap: fc.constantFrom(0, 2),
  seed: fc.integer(),
});

function checkAll(runs: number): void {
  fc.assert(
    fc.property(problem, ({ rows, columns, rank, sides, gap, seed }) => {
      const a = lowRankMatrix(rows, columns, rank, seed);
      const b = randomMatrix(rows, sides, seed + 2, gap);
      const kept = b.values.slice();
      const { x, rank: found } = leastSquares({ a, b, relativeCutoff: 1e-11 });
      expect([x.rows, x.columns]).toEqual([columns, sides]);
      expect(b.values).toEqual(kept);
      expect(gradientRatio(a, b, x)).toBeLessThan(RATIO);
      const { u, s, v } = svd({ a });
      const wanted = s.filter((value) => value > 1e-11 * s[0]).length;
      expect(found).toBe(wanted);
      // the shortest solution by singular values, as far as the condition number lets two methods agree
      const pseudo = matrixOf(columns, rows, (i, j) => {
        let sum = 0;
        for (let k = 0; k < wanted; k++) sum += (entryOf(v, i, k) * entryOf(u, j, k)) / s[k];
        return sum;
      });
      const expected = productOf(pseudo, b);
      const condition = wanted > 0 ? s[0] / s[wanted - 1] : 1;
      const allowed = 1e-14 * 100 * condition ** 2 * (1 + oneNorm(expected));
      expect(oneNorm(differenceOf(x, expected))).toBeLessThanOrEqual(allowed);
    }),
    { numRuns: runs },
  );
}

test("the gradient vanishes and the solution is the shortest, whatever shape and rank", () => {
  withBothBuilds(() => checkAll(60));
});

test.each([
  ["Hilbert's", hilbert(40)],
  ["Kahan's", kahan(60)],
  ["zero", matrixOf(10, 7, () => 0)],
] as const)("the gradient vanishes for a matrix %s", (_, a) => {
  const b = randomMatrix(a.rows, 2, 1);
  expect(gradientRatio(a, b, leastSquares({ a, b }).x)).toBeLessThan(RATIO);
});

test("a matrix that is not finite is refused; of a right-hand side NaN propagates", () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const [a, b] = [randomMatrix(20, 10, 1), randomMatrix(20, 2, 2)];
    b.values[7] = bad;
    const { x } = leastSquares({ a, b });
    for (let i = 0; i < 10; i++)
      expect([entryOf(x, i, 0), entryOf(x, i, 1)]).toEqual([expect.any(Number), Number.NaN]);
    a.values[57] = bad;
    expect(() => leastSquares({ a, b })).toThrow("a must be finite");
  }
});

test("what does not fit is refused by name", () => {
  const a = randomMatrix(3, 2, 1);
  expect(() => leastSquares({ a, b: randomMatrix(2, 1, 1) })).toThrow("b must have 3 rows, got 2");
  expect(() => leastSquares({ a, b: a, relativeCutoff: 1 })).toThrow(
    "relativeCutoff must be in [0, 1), got 1",
  );
});
