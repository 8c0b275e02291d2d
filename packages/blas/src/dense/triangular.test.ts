import fc from "fast-check";
import { expect, test } from "vitest";
import type { Matrix } from "../matrix.ts";
import {
  copyOf,
  differenceOf,
  entryOf,
  identityOf,
  kahan,
  matrixOf,
  oneNorm,
  productOf,
  RATIO,
  randomMatrix,
  ratio,
  SIZES,
  transposeOf,
  triangleOf,
  uniform,
  withBothBuilds,
} from "../testing.ts";
import { invertLower, trsm, trsv } from "./triangular.ts";

/** Well conditioned: the entries beside the diagonal are small. NaN stands where nothing is read. */
function triangular(n: number, triangle: "lower" | "upper", unit: boolean, seed: number, gap = 0): Matrix {
  const next = uniform(seed);
  return matrixOf(
    n,
    n,
    (i, j) => {
      const value = next();
      if (i === j) return unit ? Number.NaN : value < 0 ? value - 1 : value + 1;
      return (triangle === "lower" ? j < i : j > i) ? value / Math.sqrt(n) : Number.NaN;
    },
    gap,
  );
}

const kinds = fc.record({
  triangle: fc.constantFrom("lower", "upper"),
  transpose: fc.boolean(),
  unitDiagonal: fc.boolean(),
  gap: fc.constantFrom(0, 2),
  seed: fc.integer(),
});
const size = fc.integer({ min: 0, max: 90 });

/** ||op(T) X - B|| / (n eps ||T|| ||X||). */
function residual(op: Matrix, x: Matrix, b: Matrix): number {
  return ratio(
    differenceOf(productOf(op, x), b),
    op.rows,
    Math.max(oneNorm(op) * oneNorm(x), Number.MIN_VALUE),
  );
}

test("trsm solves from the left and from the right", () => {
  withBothBuilds(() =>
    fc.assert(
      fc.property(size, fc.integer({ min: 0, max: 40 }), fc.boolean(), kinds, (n, count, left, kind) => {
        const { triangle, transpose, unitDiagonal, gap, seed } = kind;
        const t = triangular(n, triangle, unitDiagonal, seed, gap);
        const whole = triangleOf(t, triangle, unitDiagonal);
        const op = transpose ? transposeOf(whole) : whole;
        const b = left ? randomMatrix(n, count, seed + 1, gap) : randomMatrix(count, n, seed + 1, gap);
        const x = trsm({ t, triangle, transpose, unitDiagonal, b: copyOf(b), side: left ? "left" : "right" });
        if (left) expect(residual(op, x, b)).toBeLessThan(RATIO);
        else expect(residual(transposeOf(op), transposeOf(x), transposeOf(b))).toBeLessThan(RATIO);
      }),
      { numRuns: 60 },
    ),
  );
});

test("trsv solves", () => {
  withBothBuilds(() =>
    fc.assert(
      fc.property(size, kinds, (n, { triangle, transpose, unitDiagonal, gap, seed }) => {
        const t = triangular(n, triangle, unitDiagonal, seed, gap);
        const whole = triangleOf(t, triangle, unitDiagonal);
        const op = transpose ? transposeOf(whole) : whole;
        const b = randomMatrix(n, 1, seed + 1);
        const values = trsv({ t, triangle, transpose, unitDiagonal, b: b.values.slice() });
        expect(residual(op, { rows: n, columns: 1, values }, b)).toBeLessThan(RATIO);
      }),
    ),
  );
});

test.each(SIZES)("the inverse of order %i", (n) => {
  for (const unitDiagonal of [false, true]) {
    const l = triangular(n, "lower", unitDiagonal, n);
    const whole = triangleOf(l, "lower", unitDiagonal);
    const before = copyOf(l);
    invertLower({ l, unitDiagonal });
    const inverse = triangleOf(l, "lower", unitDiagonal);
    const scale = oneNorm(whole) * oneNorm(inverse);
    expect(ratio(differenceOf(productOf(inverse, whole), identityOf(n)), n, scale)).toBeLessThan(RATIO);
    // what stands above the diagonal, and a diagonal of ones, is not touched
    for (let i = 0; i < n; i++)
      for (let j = i + (unitDiagonal ? 0 : 1); j < n; j++)
        expect(entryOf(l, i, j)).toBe(entryOf(before, i, j));
  }
});

test("a Kahan matrix of order 90, singular to working precision", () => {
  const t = kahan(90);
  const b = randomMatrix(90, 17, 3);
  expect(residual(t, trsm({ t, triangle: "upper", b: copyOf(b) }), b)).toBeLessThan(RATIO);
});

test("a zero on the diagonal gives infinity", () => {
  const t = identityOf(40);
  t.values[39 * 41] = 0;
  expect(entryOf(trsm({ t, triangle: "lower", b: matrixOf(40, 2, () => 1) }), 39, 1)).toBe(
    Number.POSITIVE_INFINITY,
  );
});

test("NaN in one right-hand side is passed on and does not reach the others", () => {
  const b = matrixOf(40, 9, () => 1);
  b.values[6 * 9 + 1] = Number.NaN;
  trsm({ t: identityOf(40), triangle: "lower", b });
  for (let j = 0; j < 9; j++)
    if (j === 1) expect(entryOf(b, 6, j)).toBeNaN();
    else for (let i = 0; i < 40; i++) expect(entryOf(b, i, j)).toBe(1);
});
