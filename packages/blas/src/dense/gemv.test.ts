import fc from "fast-check";
import { expect, test } from "vitest";
import { residentMatrix } from "../resident.ts";
import {
  entryOf,
  matrixOf,
  productOf,
  RATIO,
  randomMatrix,
  transposeOf,
  triangleOf,
  uniform,
  withBothBuilds,
} from "../testing.ts";
import { gemv } from "./gemv.ts";
import { ger, symv } from "./symmetric.ts";

const vector = (length: number, seed: number) => Float64Array.from({ length }, uniform(seed));
const column = (x: Float64Array) => ({ rows: x.length, columns: 1, values: x });

/** Largest |y - wanted| over the rounding of a sum of n terms of size at most 1. */
function worst(y: Float64Array, wanted: (i: number) => number, n: number): number {
  return Math.max(0, ...y.map((value, i) => Math.abs(value - wanted(i)) / ((n + 2) * Number.EPSILON)));
}

const size = fc.integer({ min: 0, max: 60 });
const problem = fc.tuple(
  size,
  size,
  fc.boolean(),
  fc.constantFrom(0, 1, -0.5),
  fc.constantFrom(0, 3),
  fc.integer(),
);

test("gemv is the sum over the columns for every size, transposition, factor, gap and kind of matrix", () => {
  withBothBuilds(() =>
    fc.assert(
      fc.property(problem, fc.boolean(), ([m, n, transpose, beta, gap, seed], resident) => {
        const a = randomMatrix(m, n, seed, gap);
        const op = transpose ? transposeOf(a) : a;
        const [x, y] = [vector(op.columns, seed + 1), vector(op.rows, seed + 2)];
        const exact = productOf(op, column(x)).values;
        const given = resident ? residentMatrix(a) : a;
        const result = gemv({ a: given, transpose, x, alpha: 0.7, beta, y: y.slice() });
        expect(worst(result, (i) => 0.7 * exact[i] + beta * y[i], op.columns)).toBeLessThan(RATIO);
      }),
    ),
  );
});

test.each([false, true])("a matrix larger than what is copied at a time, transposed %s", (transpose) => {
  const a = randomMatrix(300, 200, 5);
  const op = transpose ? transposeOf(a) : a;
  const x = vector(op.columns, 6);
  const y = vector(op.rows, 7);
  const exact = productOf(op, column(x)).values;
  const result = gemv({ a, transpose, x, beta: 2, y: y.slice() });
  expect(worst(result, (i) => exact[i] + 2 * y[i], op.columns)).toBeLessThan(RATIO);
});

test("symv reads one triangle", () => {
  withBothBuilds(() =>
    fc.assert(
      fc.property(size, fc.constantFrom("lower", "upper"), fc.integer(), (n, triangle, seed) => {
        const a = randomMatrix(n, n, seed);
        const half = triangleOf(a, triangle);
        const whole = matrixOf(n, n, (i, j) =>
          i === j ? entryOf(a, i, i) : entryOf(half, i, j) + entryOf(half, j, i),
        );
        const [x, y] = [vector(n, seed + 1), vector(n, seed + 2)];
        const exact = productOf(whole, column(x)).values;
        const spoiled = matrixOf(n, n, (i, j) =>
          (triangle === "lower" ? j <= i : j >= i) ? entryOf(a, i, j) : Number.NaN,
        );
        const result = symv({ a: spoiled, triangle, x, alpha: 2, beta: 3, y: y.slice() });
        expect(worst(result, (i) => 2 * exact[i] + 3 * y[i], n)).toBeLessThan(RATIO);
      }),
    ),
  );
});

test("ger adds the outer product", () => {
  fc.assert(
    fc.property(size, size, fc.constantFrom(0, 2), fc.integer(), (m, n, gap, seed) => {
      const a = randomMatrix(m, n, seed, gap);
      const [x, y] = [vector(m, seed + 1), vector(n, seed + 2)];
      const wanted = matrixOf(m, n, (i, j) => entryOf(a, i, j) + 0.5 * x[i] * y[j]);
      ger({ a, x, y, alpha: 0.5 });
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) expect(entryOf(a, i, j)).toBeCloseTo(entryOf(wanted, i, j), 14);
    }),
  );
});

test("sizes that do not fit are refused by name", () => {
  const a = randomMatrix(3, 4, 1);
  expect(() => gemv({ a, x: new Float64Array(3) })).toThrow("x must have 4 numbers, got 3");
  expect(() => symv({ a, x: new Float64Array(3) })).toThrow("a must be square, got 3 x 4");
  expect(() => ger({ a, x: new Float64Array(4), y: new Float64Array(4) })).toThrow("x must have 3");
});
