import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { kFold, stratifiedKFold, trainTestSplit } from "./folds.ts";

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
  test("names a label that is text as such", () => {
    expect(() => stratifiedKFold(["a", "a", "b", "b"] as never, 2, 1)).toThrow(
      'y must be finite, got "a" in row 0',
    );
  });

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

describe("kFold", () => {
  test("tests every row once, in folds of sizes within one row", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.integer({ min: 2, max: 10 }),
        fc.nat(),
        (n, k, seed) => {
          fc.pre(k <= n);
          const folds = kFold(n, k, seed);
          const tested = folds.flatMap(({ test }) => [...test]).sort((a, b) => a - b);
          expect(tested).toEqual(Array.from({ length: n }, (_, i) => i));
          for (const { train, test } of folds) {
            expect(train.length + test.length).toBe(n);
            expect(Math.abs(test.length - n / k)).toBeLessThan(1);
          }
        },
      ),
    );
  });

  test("rejects more folds than rows", () => {
    expect(() => kFold(3, 4, 1)).toThrow("k must be an integer from 2 to 3, got 4");
  });
});

describe("trainTestSplit", () => {
  test("holds out the share asked for, of every class where labels are given", () => {
    const labels = Int32Array.from({ length: 100 }, (_, i) => (i < 90 ? 0 : 1));
    for (let seed = 0; seed < 20; seed++) {
      const split = trainTestSplit(100, { testShare: 0.3, labels, seed });
      expect(split.test.filter((row) => labels[row] === 1).length).toBe(3);
      expect(split.test.length).toBe(30);
      const all = [...split.train, ...split.test].sort((a, b) => a - b);
      expect(all).toEqual(Array.from({ length: 100 }, (_, i) => i));
      expect(trainTestSplit(100, { testShare: 0.25, seed }).test.length).toBe(25);
    }
  });

  test("holds every row out equally often", () => {
    const counts = new Float64Array(20);
    for (let seed = 0; seed < 3000; seed++)
      for (const row of trainTestSplit(20, { testShare: 0.25, seed }).test) counts[row] += 1;
    // each count is binomial(3000, 1/4), the sum of all is fixed
    const chiSquare = counts.reduce((sum, count) => sum + (count - 750) ** 2 / (750 * 0.75), 0) * (19 / 20);
    expect(chiSquare).toBeLessThan(43.8); // 19 degrees of freedom, exceeded with probability 1e-3
  });

  test("rejects splits that leave a part without rows", () => {
    expect(() => trainTestSplit(10, { testShare: 0.01, seed: 1 })).toThrow(DataError);
    expect(() => trainTestSplit(10, { testShare: 1, seed: 1 })).toThrow(ArgumentError);
    expect(() => trainTestSplit(3, { testShare: 0.5, labels: [0, 0, 1], seed: 1 })).toThrow(
      "testShare 0.5 of the 1 rows of class 1 leaves one part empty",
    );
    expect(() => trainTestSplit(3, { testShare: 0.5, labels: [0], seed: 1 })).toThrow(
      "labels must have 3 numbers, got 1",
    );
  });
});
