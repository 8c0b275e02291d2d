import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { randomStream } from "../random/stream.ts";
import { denseMultiply, denseMultiplyTransposed } from "./dense.ts";
import { dot } from "./vector.ts";

// integers this small make every sum exact, so that any order of summation gives the same bits
const integers = (length: number) =>
  fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: length, maxLength: length });
const problems = fc
  .record({ n: fc.integer({ min: 0, max: 11 }), d: fc.integer({ min: 1, max: 9 }) })
  .chain(({ n, d }) =>
    fc.record({ n: fc.constant(n), d: fc.constant(d), A: integers(n * d), x: integers(d), v: integers(n) }),
  );

describe("multiply and multiplyTransposed", () => {
  test("are exact on integers", () => {
    fc.assert(
      fc.property(problems, ({ n, d, A, x, v }) => {
        const rows = Array.from({ length: n }, (_, i) => A.slice(i * d, (i + 1) * d));
        const matrix = Float64Array.from(A);
        const product = rows.map((row) => row.reduce((sum, a, j) => sum + a * x[j], 0));
        expect(Array.from(denseMultiply(matrix, n, d, Float64Array.from(x)))).toEqual(product);
        const out = new Float64Array(d).fill(7);
        const transposed = x.map((_, j) => rows.reduce((sum, row, i) => sum + row[j] * v[i], 0));
        expect(denseMultiplyTransposed(matrix, n, d, Float64Array.from(v), out)).toBe(out);
        expect(Array.from(out)).toEqual(transposed);
      }),
    );
  });

  test("are adjoint: <A x, v> = <x, A^T v>", () => {
    const stream = randomStream(1);
    const [n, d] = [37, 23];
    const A = stream.fillNormal(new Float64Array(n * d));
    const x = stream.fillNormal(new Float64Array(d));
    const v = stream.fillNormal(new Float64Array(n));
    expect(dot(denseMultiply(A, n, d, x), v)).toBeCloseTo(dot(x, denseMultiplyTransposed(A, n, d, v)), 11);
  });

  test("give a row the same bits wherever it stands", () => {
    const stream = randomStream(2);
    const d = 29;
    const row = stream.fillNormal(new Float64Array(d));
    const x = stream.fillNormal(new Float64Array(d));
    const A = new Float64Array(7 * d);
    for (let i = 0; i < 7; i++) A.set(row, i * d);
    expect(new Set(denseMultiply(A, 7, d, x)).size).toBe(1);
  });

  test("skip rows of weight 0", () => {
    const A = Float64Array.from({ length: 10 }, (_, i) => (i < 8 ? Number.NaN : i));
    expect(Array.from(denseMultiplyTransposed(A, 5, 2, Float64Array.of(0, 0, 0, 0, 2)))).toEqual([16, 18]);
  });

  test("reject sizes that do not fit", () => {
    const A = new Float64Array(6);
    expect(() => denseMultiply(A, 2, 2, new Float64Array(2))).toThrow("n x d = 2 x 2 numbers, got 6");
    expect(() => denseMultiply(A, 3, 2, new Float64Array(3))).toThrow("d = 2 numbers, got 3");
    expect(() => denseMultiplyTransposed(A, 3, 2, new Float64Array(2))).toThrow(ArgumentError);
  });
});
