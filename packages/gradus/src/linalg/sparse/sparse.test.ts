import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { denseMultiply, denseMultiplyTransposed } from "../dense.ts";
import { denseMatrix } from "../matrix.ts";
import { checkCsr, csrFromDense, csrFromRows, csrFromTriplets } from "./build.ts";
import { cscToCsr, csrToCsc } from "./csc.ts";
import {
  csrAddRow,
  csrDiagonal,
  csrMultiply,
  csrMultiplyTransposed,
  csrRowDot,
  csrRowNorms,
  csrSelectRows,
  csrToDense,
  csrTranspose,
} from "./csr.ts";

// small integers: every sum is exact, whatever its order
const integer = fc.integer({ min: -50, max: 50 });
const problems = fc
  .record({ rows: fc.integer({ min: 0, max: 9 }), columns: fc.integer({ min: 0, max: 9 }) })
  .chain(({ rows, columns }) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      triplets: fc.array(fc.tuple(fc.nat(Math.max(rows - 1, 0)), fc.nat(Math.max(columns - 1, 0)), integer), {
        maxLength: rows * columns === 0 ? 0 : 40,
      }),
      x: fc.array(integer, { minLength: columns, maxLength: columns }).map((a) => Float64Array.from(a)),
      v: fc.array(integer, { minLength: rows, maxLength: rows }).map((a) => Float64Array.from(a)),
    }),
  );

const fromTriplets = (rows: number, columns: number, triplets: readonly (readonly number[])[]) =>
  csrFromTriplets(rows, columns, {
    rows: triplets.map((t) => t[0]),
    columns: triplets.map((t) => t[1]),
    values: triplets.map((t) => t[2]),
  });

function denseSum(rows: number, columns: number, triplets: readonly (readonly number[])[]): Float64Array {
  const dense = new Float64Array(rows * columns);
  for (const [i, j, value] of triplets) dense[i * columns + j] += value;
  return dense;
}

test("triplets in any order, repeated or not, make the matrix that adding them up makes", () => {
  fc.assert(
    fc.property(problems, ({ rows, columns, triplets }) => {
      const A = checkCsr(fromTriplets(rows, columns, triplets));
      expect(csrToDense(A)).toEqual(denseMatrix(denseSum(rows, columns, triplets), rows, columns));
    }),
  );
});

test("products, row and column operations agree with the dense matrix exactly", () => {
  fc.assert(
    fc.property(problems, ({ rows, columns, triplets, x, v }) => {
      const dense = denseSum(rows, columns, triplets);
      const A = csrFromDense(denseMatrix(dense, rows, columns));
      const C = csrToCsc(A);
      const product = denseMultiply(dense, rows, columns, x);
      const adjoint = denseMultiplyTransposed(dense, rows, columns, v);
      expect(csrMultiply(A, x)).toEqual(product);
      expect(csrMultiplyTransposed(A, v)).toEqual(adjoint);
      expect(cscToCsr(C)).toEqual(A);
      expect(csrTranspose(csrTranspose(A))).toEqual(A);
      for (let i = 0; i < rows; i++) {
        const row = dense.subarray(i * columns, (i + 1) * columns);
        expect(csrRowDot(A, i, x)).toBe(product[i]);
        const sum = x.slice();
        csrAddRow(A, i, 3, sum);
        expect(sum).toEqual(x.map((value, j) => value + 3 * row[j]));
        expect(csrRowNorms(A)[i]).toBeCloseTo(Math.hypot(...row), 12);
      }
      const diagonal = Array.from({ length: Math.min(rows, columns) }, (_, i) => dense[i * columns + i] + 0);
      expect(Array.from(csrDiagonal(A))).toEqual(diagonal);
    }),
  );
});

test("rows can be selected in any order, repeated", () => {
  const A = csrFromRows(
    [
      [[1, 5]],
      [],
      [
        [2, 7],
        [0, 6],
      ],
    ],
    3,
  );
  const B = csrSelectRows(A, [2, 1, 2, 0]);
  expect(Array.from(csrToDense(B).values)).toEqual([6, 0, 7, 0, 0, 0, 6, 0, 7, 0, 5, 0]);
  expect(checkCsr(B)).toBe(B);
  expect(() => csrSelectRows(A, [0, 3])).toThrow("rows[1] must be an integer from 0 to 2, got 3");
});

describe("malformed entries are named by row and column", () => {
  test("in triplets", () => {
    expect(() =>
      fromTriplets(2, 3, [
        [0, 0, 1],
        [1, 3, 1],
      ]),
    ).toThrow("entry 1 is at row 1, column 3, outside the 2 x 3 matrix");
    expect(() => fromTriplets(2, 3, [[-1, 0, 1]])).toThrow(DataError);
    expect(() => fromTriplets(2, 3, [[1, 2, Number.NaN]])).toThrow("row 1, column 2 must be finite, got NaN");
    expect(() => csrFromTriplets(2, 3, { rows: [0], columns: [], values: [1] })).toThrow("got 1, 0 and 1");
    expect(() => csrFromTriplets(1.5, 3, { rows: [], columns: [], values: [] })).toThrow(ArgumentError);
  });

  test("in rows", () => {
    expect(() => csrFromRows([[], [[2, 1]]], 2)).toThrow("row 1 has column 2, outside 0 .. 1");
    expect(() =>
      csrFromRows(
        [
          [
            [1, 1],
            [0, 2],
            [1, 3],
          ],
        ],
        2,
      ),
    ).toThrow("row 0 has column 1 twice");
    expect(() => csrFromRows([[[1, Number.POSITIVE_INFINITY]]], 2)).toThrow("row 0, column 1 must be finite");
  });

  test("in dense matrices and arrays from elsewhere", () => {
    expect(() => csrFromDense(denseMatrix(Float64Array.of(1, 2, 3, Number.NaN), 2, 2))).toThrow(
      "row 1, column 1",
    );
    expect(() => csrFromDense(denseMatrix(new Float64Array(3), 2, 2))).toThrow("2 * 2 numbers, got 3");
    const good = csrFromDense(denseMatrix(Float64Array.of(1, 2, 3, 4), 2, 2));
    const broken = (changes: Partial<typeof good>) => () => checkCsr({ ...good, ...changes });
    expect(broken({ rowPointers: Int32Array.of(0, 4) })).toThrow("rows + 1 = 3 numbers");
    expect(broken({ rowPointers: Int32Array.of(0, 5, 4) })).toThrow("rowPointers decrease at row 1");
    expect(broken({ columnIndices: Int32Array.of(0, 1, 1, 0) })).toThrow("row 1 has column 0 after 1");
    expect(broken({ columnIndices: Int32Array.of(0, 1, 0, 2) })).toThrow(
      "row 1 has column 2, outside 0 .. 1",
    );
    expect(broken({ values: Float64Array.of(1, 2, 3) })).toThrow("must have 4 numbers, got 4 and 3");
    expect(broken({ values: Float64Array.of(1, 2, 3, Number.NaN) })).toThrow(
      "row 1, column 1 must be finite",
    );
  });

  test("and sizes that do not fit", () => {
    const A = csrFromDense(denseMatrix(Float64Array.of(1, 2, 3, 4, 5, 6), 2, 3));
    expect(() => csrMultiply(A, new Float64Array(2))).toThrow("x must have 3 numbers, got 2");
    expect(() => csrMultiplyTransposed(A, new Float64Array(2), new Float64Array(2))).toThrow(
      "out must have 3",
    );
  });
});
