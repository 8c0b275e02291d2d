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

const large = fc.record({
  rows: fc.integer({ min: 97, max: 160 }),
  columns: fc.integer({ min: 97, max: 160 }),
  rank: fc.constantFrom(1, 31, 32, 33, 70, 200),
  sides: fc.integer({ min: 1, max: 3 }),
  seed: fc.integer(),
});

test("sketched pivots find the rank of large matrices, and the shortest solution", () => {
  withBothBuilds(() =>
    fc.assert(
      fc.property(large, ({ rows, columns, rank, sides, seed }) => {
        const a = lowRankMatrix(rows, columns, rank, seed);
        const b = randomMatrix(rows, sides, seed + 2);
        const { x, rank: found } = leastSquares({ a, b, relativeCutoff: 1e-11 });
        expect(found).toBe(Math.min(rows, columns, rank));
        expect(gradientRatio(a, b, x)).toBeLessThan(RATIO);
        // x lies in the row space: what A^T leaves of it is rounding
        const { x: within, rank: same } = leastSquares({ a: transposeOf(a), b: x, relativeCutoff: 1e-11 });
        expect(same).toBe(found);
        const left = differenceOf(productOf(transposeOf(a), within), x);
        expect(oneNorm(left)).toBeLessThan(1e-9 * oneNorm(x));
      }),
      { numRuns: 15 },
    ),
  );
});

test.each([
  [300, 200, 8],
  [400, 330, 30],
])(
  "where singular values fall evenly the rank is that of the cutoff, up to a small factor (%i x %i)",
  (rows, columns, bumps) => {
    // smooth bumps: with 8 the singular values fall by a factor of about 2 each, with 30 over nine blocks of pivots
    const a = matrixOf(rows, columns, (i, j) => Math.exp(-(((i / rows - j / columns) * bumps) ** 2)));
    const b = randomMatrix(rows, 1, 3);
    const { s } = svd({ a });
    for (const cutoff of [1e-2, 1e-4, 1e-8, 1e-12]) {
      const { rank } = leastSquares({ a, b, relativeCutoff: cutoff });
      const above = (factor: number) => s.filter((value) => value > factor * cutoff * s[0]).length;
      expect(rank).toBeGreaterThanOrEqual(above(30));
      expect(rank).toBeLessThanOrEqual(above(1 / 30));
    }
  },
);

test("pivots that stop falling after a block need more reflections than were expected", () => {
  const [rows, columns] = [300, 260];
  const rest = randomMatrix(rows, columns, 8);
  const a = matrixOf(
    rows,
    columns,
    (i, j) => 100 * Math.exp(-(((i / rows - j / columns) * 12) ** 2)) + 0.1 * entryOf(rest, i, j),
  );
  const b = randomMatrix(rows, 2, 9);
  withBothBuilds(() => {
    const { x, rank } = leastSquares({ a, b, relativeCutoff: 1e-12 });
    expect(rank).toBe(columns);
    expect(gradientRatio(a, b, x)).toBeLessThan(RATIO);
  });
});

test.each([1e-200, 1e200])("sketched pivots take entries of size %s", (scale) => {
  const a = lowRankMatrix(120, 110, 40, 5);
  const b = randomMatrix(120, 1, 6);
  const scaled = matrixOf(120, 110, (i, j) => scale * entryOf(a, i, j));
  const [{ x, rank }, other] = [leastSquares({ a, b }), leastSquares({ a: scaled, b })];
  expect([rank, other.rank]).toEqual([40, 40]);
  for (let j = 0; j < 110; j++) expect((entryOf(other.x, j, 0) * scale) / entryOf(x, j, 0)).toBeCloseTo(1, 6);
});

const times = (x: Matrix, factor: number): Matrix => ({ ...x, values: x.values.map((v) => v * factor) });

test.each([
  [30, 20],
  [20, 30],
  [140, 120],
])(
  "powers of two times A and B, up to the largest numbers, change the exponents of X alone: %i x %i",
  (rows, columns) => {
    const [a, b] = [randomMatrix(rows, columns, 4), randomMatrix(rows, 2, 5)];
    const { x, rank } = leastSquares({ a, b });
    // columns of such numbers are longer than the largest number
    const most = 1023;
    for (const [ofA, ofB] of [
      [most, 60],
      [most, most],
      [60, most],
      [-900, 0],
      [-900, -900],
      [900, -100],
      [-400, 500],
    ]) {
      const scaled = leastSquares({ a: times(a, 2 ** ofA), b: times(b, 2 ** ofB) });
      expect(scaled.rank).toBe(rank);
      expect(scaled.x.values.map((v) => v * 2 ** (ofA - ofB))).toEqual(x.values);
    }
  },
);

test("a zero column among many rows has coefficient 0", () => {
  const [rows, columns] = [130_000, 97];
  const values = new Float64Array(rows * columns);
  // the columns of the identity, again and again, but for one
  for (let i = 0; i < rows; i++) if (i % columns !== 7) values[i * columns + (i % columns)] = 1;
  const b = matrixOf(rows, 1, (i) => i % columns);
  const { x, rank } = leastSquares({ a: { rows, columns, values }, b });
  expect(rank).toBe(columns - 1);
  for (let j = 0; j < columns; j++) expect(x.values[j]).toBeCloseTo(j === 7 ? 0 : j, 10);
});

test.each([
  ["Hilbert's", hilbert(40)],
  ["Hilbert's, larger,", hilbert(150)],
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
    expect(() => leastSquares({ a, b })).toThrow(`a must be finite, got ${bad} in row 5, column 7`);
  }
});

test("an array as the right-hand side is refused with the matrix that it would be", () => {
  const a = { rows: 2, columns: 1, values: Float64Array.of(1, 2) };
  for (const b of [Float64Array.of(1, 2), [1, 2]]) {
    const options = { a, b: a };
    Object.assign(options, { b });
    expect(() => leastSquares(options)).toThrow(
      "b must be a matrix, one right-hand side a column, got an array; { rows, columns: 1, values: b } is one of it",
    );
  }
});

test("what does not fit is refused by name", () => {
  const a = randomMatrix(3, 2, 1);
  expect(() => leastSquares({ a, b: randomMatrix(2, 1, 1) })).toThrow("b must have 3 rows, got 2");
  expect(() => leastSquares({ a, b: a, relativeCutoff: 1 })).toThrow(
    "relativeCutoff must be in [0, 1), got 1",
  );
});
