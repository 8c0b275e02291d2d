import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../errors.ts";
import { stratifiedKFold } from "./folds.ts";

fc.configureGlobal({ seed: 1 });

const problems = fc
  .record({ k: fc.integer({ min: 2, max: 6 }), extra: fc.array(fc.nat(10), { minLength: 1, maxLength: 4 }) })
  .chain(({ k, extra }) => {
    const labels = extra.flatMap((count, label) => new Array<number>(k + count).fill(label));
    return fc.record({
      k: fc.constant(k),
      y: fc.shuffledSubarray(labels, { minLength: labels.length }),
      seed: fc.nat(),
    });
  });

describe("stratifiedKFold", () => {
  test("tests every row once and trains on the others", () => {
    fc.assert(
      fc.property(problems, ({ k, y, seed }) => {
        const folds = stratifiedKFold(y, k, seed);
        expect(folds.length).toBe(k);
        const all = Int32Array.from(y, (_, i) => i);
        expect(Int32Array.from(folds.flatMap(({ test }) => [...test])).sort()).toEqual(all);
        for (const { train, test } of folds) {
          expect(Int32Array.from([...train, ...test]).sort()).toEqual(all);
          expect(test).toEqual(Int32Array.from(test).sort());
        }
      }),
    );
  });

  test("spreads every class, and all rows together, to within one row a fold", () => {
    fc.assert(
      fc.property(problems, ({ k, y, seed }) => {
        const folds = stratifiedKFold(y, k, seed);
        for (const label of [...new Set(y), undefined]) {
          const counts = folds.map(
            ({ test }) => test.filter((i) => label === undefined || y[i] === label).length,
          );
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test("depends on the seed alone", () => {
    const y = Array.from({ length: 60 }, (_, i) => i % 3);
    expect(stratifiedKFold(y, 5, 1)).toEqual(stratifiedKFold(y, 5, 1));
    expect(stratifiedKFold(y, 5, 1)).not.toEqual(stratifiedKFold(y, 5, 2));
  });

  test("rejects a class with fewer rows than folds, and targets that are no labels", () => {
    expect(() => stratifiedKFold([0, 0, 0, 1, 1], 3, 0)).toThrow(DataError);
    expect(() => stratifiedKFold([0, 0, 0, 1, 1], 3, 0)).toThrow("k = 3 rows, got 2 of class 1");
    expect(() => stratifiedKFold([0, Number.NaN], 2, 0)).toThrow("got NaN in row 1");
    expect(() => stratifiedKFold([], 2, 0)).toThrow(DataError);
    expect(() => stratifiedKFold([0, 0], 1, 0)).toThrow(ArgumentError);
  });
});
