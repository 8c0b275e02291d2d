import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { denseMatrix } from "../matrix.ts";
import { csrFromDense } from "../sparse/build.ts";
import { asynchronous } from "../test-matrices.ts";
import { dot } from "../vector.ts";
import {
  composeOperators,
  deflateOperator,
  scaleOperator,
  shiftOperator,
  sumOperators,
  transposeOperator,
} from "./combine.ts";
import { adjointProduct, type LinearOperator, operatorEntries } from "./contract.ts";
import { matrixOperator } from "./matrix-operator.ts";
import { diagonalOperator, identityOperator, lowRankOperator } from "./structured.ts";

const integers = (length: number) =>
  fc
    .array(fc.integer({ min: -20, max: 20 }), { minLength: length, maxLength: length })
    .map((values) => Float64Array.from(values));

/** Entries by the definition of the operation, from those of A (3 x 4), B (4 x 3), S and C (3 x 3). */
const at = (A: Float64Array, columns: number) => (i: number, j: number) => A[i * columns + j];
const table = (rows: number, columns: number, entry: (i: number, j: number) => number) =>
  Array.from({ length: rows * columns }, (_, k) => entry(Math.floor(k / columns), k % columns) + 0);

async function expectEntries(operator: LinearOperator, expected: readonly number[]): Promise<void> {
  const entries = Array.from((await operatorEntries(operator)).values, (value) => value + 0);
  expect(entries).toEqual(expected);
  const { rows, columns } = operator;
  const transposed = (await operatorEntries(transposeOperator(operator))).values;
  expect(Array.from(transposed, (value) => value + 0)).toEqual(
    table(columns, rows, (i, j) => expected[j * columns + i]),
  );
}

describe.each([
  ["synchronous", (A: LinearOperator) => A],
  ["asynchronous", asynchronous],
])("%s operators", (_, wrap) => {
  test("combine as their matrices do, and so do their adjoints", async () => {
    await fc.assert(
      fc.asyncProperty(integers(12), integers(12), integers(9), integers(3), async (a, b, c, d) => {
        const [A, B, C] = [
          matrixOperator(denseMatrix(a, 3, 4)),
          matrixOperator(denseMatrix(b, 4, 3)),
          matrixOperator(denseMatrix(c, 3, 3)),
        ].map(wrap);
        const [ea, eb, ec] = [at(a, 4), at(b, 3), at(c, 3)];
        const product = (i: number, j: number) =>
          ea(i, 0) * eb(0, j) + ea(i, 1) * eb(1, j) + ea(i, 2) * eb(2, j) + ea(i, 3) * eb(3, j);
        const D = wrap(diagonalOperator(d));
        await expectEntries(A, table(3, 4, ea));
        await expectEntries(composeOperators(A, B), table(3, 3, product));
        await expectEntries(
          sumOperators(composeOperators(A, B), C, 2, -3),
          table(3, 3, (i, j) => 2 * product(i, j) - 3 * ec(i, j)),
        );
        await expectEntries(
          shiftOperator(scaleOperator(C, -2), 5),
          table(3, 3, (i, j) => -2 * ec(i, j) + (i === j ? 5 : 0)),
        );
        await expectEntries(
          composeOperators(D, C),
          table(3, 3, (i, j) => d[i] * ec(i, j)),
        );
        await expectEntries(
          sumOperators(D, wrap(identityOperator(3))),
          table(3, 3, (i, j) => (i === j ? d[i] + 1 : 0)),
        );
        await expectEntries(
          wrap(
            lowRankOperator(
              denseMatrix(a.slice(0, 6), 3, 2),
              d.slice(0, 2),
              denseMatrix(b.slice(0, 8), 4, 2),
            ),
          ),
          table(3, 4, (i, j) => a[2 * i] * d[0] * b[2 * j] + a[2 * i + 1] * d[1] * b[2 * j + 1]),
        );
      }),
      { numRuns: 20 },
    );
  });

  test("deflation takes an eigenvector out", async () => {
    // eigenvalues 3 (1, 1)/sqrt(2) and 1 (1, -1)/sqrt(2)
    const A = wrap(matrixOperator(denseMatrix(Float64Array.of(2, 1, 1, 2), 2, 2), { symmetric: true }));
    const deflated = await operatorEntries(deflateOperator(A, [Float64Array.of(Math.SQRT1_2, Math.SQRT1_2)]));
    for (const [i, entry] of [0.5, -0.5, -0.5, 0.5].entries())
      expect(deflated.values[i]).toBeCloseTo(entry, 14);
  });
});

test("a sparse operator equals the dense one", () => {
  fc.assert(
    fc.property(integers(12), integers(4), integers(3), (a, x, v) => {
      const sparse = csrFromDense(denseMatrix(a, 3, 4));
      const outs = [matrixOperator(denseMatrix(a, 3, 4)), matrixOperator(sparse)].map((A) => {
        const [forward, backward] = [new Float64Array(3), new Float64Array(4)];
        A.apply(x, forward);
        A.applyAdjoint?.(v, backward);
        expect(dot(forward, v)).toBe(dot(x, backward));
        return [forward, backward];
      });
      expect(outs[1]).toEqual(outs[0]);
    }),
  );
});

test("a synchronous product returns no promise, however it is combined", () => {
  const A = matrixOperator(denseMatrix(Float64Array.of(1, 2, 2, 5), 2, 2), { symmetric: true });
  const all = sumOperators(
    shiftOperator(scaleOperator(composeOperators(A, A), 2), 1),
    deflateOperator(A, []),
  );
  expect(all.apply(Float64Array.of(1, 1), new Float64Array(2))).toBeUndefined();
});

test("a product whose arrow function returns its array is synchronous too", () => {
  const doubled = { rows: 2, columns: 2, apply: (v: Float64Array, out: Float64Array) => out.fill(2 * v[0]) };
  const out = new Float64Array(2);
  expect(shiftOperator(doubled as never, 1).apply(Float64Array.of(3, 4), out)).toBeUndefined();
  expect(Array.from(out)).toEqual([9, 10]);
});

test("sizes that do not fit are refused by name", () => {
  const A = matrixOperator(denseMatrix(new Float64Array(6), 2, 3));
  expect(() => matrixOperator(denseMatrix(new Float64Array(5), 2, 3))).toThrow("2 * 3 numbers, got 5");
  expect(() => matrixOperator(denseMatrix(new Float64Array(6), 2, 3), { symmetric: true })).toThrow(
    "must be square",
  );
  expect(() => composeOperators(A, A)).toThrow("got 2 x 3 and 2 x 3");
  expect(() => sumOperators(A, transposeOperator(A))).toThrow("of the same size");
  expect(() => shiftOperator(A, 1)).toThrow("A must be square, got 2 x 3");
  expect(() => lowRankOperator(denseMatrix([1, 2, 3], 3, 1), new Float64Array(2))).toThrow(
    "U must have k = 2 columns, one per coefficient, got 1",
  );
  expect(() => adjointProduct({ rows: 2, columns: 2, apply: () => {} })).toThrow(ArgumentError);
  expect(() => deflateOperator(identityOperator(3), [new Float64Array(2)])).toThrow("basis[0] must have 3");
  expect(() => deflateOperator(matrixOperator(denseMatrix(new Float64Array(4), 2, 2)), [])).toThrow(
    "symmetric operator",
  );
});
