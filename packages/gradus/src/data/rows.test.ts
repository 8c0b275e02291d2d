import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, MissingClassError } from "../check/errors.ts";
import { oneVersusRest, rowsWithLabel, selectRows } from "./rows.ts";

fc.configureGlobal({ seed: 1 });

describe("selectRows", () => {
  test("takes whole rows in the given order and keeps the kind of array", () => {
    const x = [1, 2, 10, 20, 100, 200];
    expect(selectRows(Float64Array.from(x), 2, [2, 0, 2])).toEqual(Float64Array.of(100, 200, 1, 2, 100, 200));
    expect(selectRows(Float32Array.from(x), 3, [1])).toEqual(Float32Array.of(20, 100, 200));
    expect(selectRows(Int32Array.from(x), 1, Int32Array.of(5, 1))).toEqual(Int32Array.of(200, 2));
    expect(selectRows(Uint8Array.from(x), 2, [])).toEqual(new Uint8Array(0));
  });

  test("selecting all rows in a permuted order and back changes nothing", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 20 }), (values) => {
        const x = Int32Array.from(values);
        const reversed = Int32Array.from(values, (_, i) => values.length - 1 - i);
        expect(selectRows(selectRows(x, 1, reversed), 1, reversed)).toEqual(x);
      }),
    );
  });

  test("rejects rows that are not there", () => {
    const x = new Float64Array(6);
    expect(() => selectRows(x, 2, [0, 3])).toThrow("rows[1] must be an integer in 0 .. 2, got 3");
    expect(() => selectRows(x, 2, [-1])).toThrow(ArgumentError);
    expect(() => selectRows(x, 4, [0])).toThrow("got 4");
    expect(() => selectRows(x, 0, [])).toThrow(ArgumentError);
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
    expect(() => oneVersusRest([0, 1], 2)).toThrow("label 2 has no row");
    expect(() => oneVersusRest([2, 2], 2)).toThrow(MissingClassError);
  });
});
