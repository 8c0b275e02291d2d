import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, MissingClassError } from "../check/errors.ts";
import { denseMatrix } from "../linalg/matrix.ts";
import { csrFromDense } from "../linalg/sparse/build.ts";
import { csrToDense } from "../linalg/sparse/csr.ts";
import { oneVersusRest, rowsWithLabel, selectRows } from "./rows.ts";

describe("selectRows", () => {
  test("takes whole rows in the given order, of dense and sparse matrices", () => {
    const x = denseMatrix([1, 0, 10, 20, 0, 200], 3, 2);
    const selected = denseMatrix([0, 200, 1, 0, 0, 200], 3, 2);
    expect(selectRows(x, [2, 0, 2])).toEqual(selected);
    expect(csrToDense(selectRows(csrFromDense(x), [2, 0, 2]))).toEqual(selected);
    expect(selectRows(x, [])).toEqual(denseMatrix([], 0, 2));
  });

  test("takes labels and keeps the kind of array", () => {
    const y = [1, 2, 10, 20];
    expect(selectRows(Float64Array.from(y), [3, 0, 3])).toEqual(Float64Array.of(20, 1, 20));
    expect(selectRows(Float32Array.from(y), [1])).toEqual(Float32Array.of(2));
    expect(selectRows(Int32Array.from(y), Int32Array.of(3, 1))).toEqual(Int32Array.of(20, 2));
    expect(selectRows(Uint8Array.from(y), [])).toEqual(new Uint8Array(0));
  });

  test("selecting all rows in a permuted order and back changes nothing", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 20 }), (values) => {
        const x = Int32Array.from(values);
        const reversed = Int32Array.from(values, (_, i) => values.length - 1 - i);
        expect(selectRows(selectRows(x, reversed), reversed)).toEqual(x);
      }),
    );
  });

  test("rejects rows that are not there", () => {
    const x = denseMatrix(new Float64Array(6), 3, 2);
    for (const rows of [x, csrFromDense(x), new Int32Array(3)] as (typeof x)[]) {
      expect(() => selectRows(rows, [0, 3])).toThrow("rows[1] must be an integer from 0 to 2, got 3");
      expect(() => selectRows(rows, [-1])).toThrow(ArgumentError);
    }
    expect(() => selectRows([1, 2] as never, [0])).toThrow("x must be a matrix");
  });
});

describe("labels", () => {
  test("rowsWithLabel keeps the order of the rows", () => {
    expect(rowsWithLabel([3, 8, 1, 8, 3], 8, 3)).toEqual(Int32Array.of(0, 1, 3, 4));
    expect(() => rowsWithLabel([3, 8], 3, 7)).toThrow(MissingClassError);
  });

  test("oneVersusRest marks one class", () => {
    expect(oneVersusRest([0, 1, 2, 1], 1)).toEqual(Int32Array.of(0, 1, 0, 1));
    expect(oneVersusRest([0, 1, 2, 1], 1, { negative: -1 })).toEqual(Int32Array.of(-1, 1, -1, 1));
    expect(() => oneVersusRest([0, 1], 2)).toThrow("no row of 2 has label 2");
    expect(() => oneVersusRest([2, 2], 2)).toThrow(MissingClassError);
  });
});
