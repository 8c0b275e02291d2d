import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError, MissingClassError } from "../check/errors.ts";
import {
  accuracy,
  balancedAccuracy,
  cohenKappa,
  fBeta,
  fowlkesMallows,
  geometricMean,
  informedness,
  jaccard,
  matthews,
  precision,
  recall,
  specificity,
} from "./classification-metrics.ts";

const all = {
  accuracy,
  precision,
  recall,
  specificity,
  f1: fBeta(1),
  geometricMean,
  balancedAccuracy,
  informedness,
  jaccard,
  matthews,
  cohenKappa,
  fowlkesMallows,
};
const count = fc.integer({ min: 1, max: 500 });
const matrices = fc.record({ tp: count, fp: count, fn: count, tn: count });

describe("relations between metrics", () => {
  test("informedness is twice the balanced accuracy less 1, the geometric mean at most their half sum", () => {
    fc.assert(
      fc.property(matrices, (m) => {
        expect(informedness(m)).toBeCloseTo(2 * balancedAccuracy(m) - 1, 14);
        expect(geometricMean(m)).toBeLessThanOrEqual(balancedAccuracy(m) + 1e-15);
        expect(geometricMean(m) ** 2).toBeCloseTo(recall(m) * specificity(m), 14);
        expect(fowlkesMallows(m) ** 2).toBeCloseTo(recall(m) * precision(m), 14);
      }),
    );
  });

  test("F1 is the harmonic mean of precision and recall, and J = F1 / (2 - F1)", () => {
    fc.assert(
      fc.property(matrices, (m) => {
        const f1 = fBeta(1)(m);
        expect(1 / f1).toBeCloseTo((1 / precision(m) + 1 / recall(m)) / 2, 10);
        expect(jaccard(m)).toBeCloseTo(f1 / (2 - f1), 14);
        expect(fBeta(1e-6)(m)).toBeCloseTo(precision(m), 9);
        expect(fBeta(1e6)(m)).toBeCloseTo(recall(m), 9);
      }),
    );
  });

  test("kappa is (p_o - p_e) / (1 - p_e), the correlation squared is chi-square over n", () => {
    fc.assert(
      fc.property(matrices, (m) => {
        const { tp, fp, fn, tn } = m;
        const n = tp + fp + fn + tn;
        const expected = [
          ((tp + fp) * (tp + fn)) / n,
          ((tp + fp) * (fp + tn)) / n,
          ((fn + tn) * (tp + fn)) / n,
          ((fn + tn) * (fp + tn)) / n,
        ];
        const chance = (expected[0] + expected[3]) / n;
        expect(cohenKappa(m)).toBeCloseTo((accuracy(m) - chance) / (1 - chance), 12);
        const chiSquare = [tp, fp, fn, tn].reduce(
          (sum, c, i) => sum + (c - expected[i]) ** 2 / expected[i],
          0,
        );
        expect(matthews(m) ** 2).toBeCloseTo(chiSquare / n, 12);
      }),
    );
  });

  test("all are 1 for perfect predictions, and none changes with the unit of the weights", () => {
    fc.assert(
      fc.property(matrices, fc.constantFrom(1e-3, 1e12), (m, unit) => {
        const scaled = { tp: m.tp * unit, fp: m.fp * unit, fn: m.fn * unit, tn: m.tn * unit };
        for (const [name, metric] of Object.entries(all)) {
          expect(metric({ ...m, fp: 0, fn: 0 }), name).toBeCloseTo(1, 14);
          expect(metric(scaled), name).toBeCloseTo(metric(m), 12);
        }
      }),
    );
  });
});

describe("0/0", () => {
  const allNegative = { tp: 0, fp: 0, fn: 3, tn: 5 };
  const noPositives = { tp: 0, fp: 2, fn: 0, tn: 5 };

  test("F-beta of all-negative predictions is 0 without any 0/0", () => {
    expect(fBeta(2)(allNegative, { zeroDivision: "error" })).toBe(0);
  });

  test("is 0, another number or an error, as asked", () => {
    expect(precision(allNegative)).toBe(0);
    expect(precision(allNegative, { zeroDivision: 1 })).toBe(1);
    expect(precision(allNegative, { zeroDivision: Number.NaN })).toBeNaN();
    expect(() => precision(allNegative, { zeroDivision: "error" })).toThrow(
      "precision is 0/0 for tp = 0, fp = 0, fn = 3, tn = 5: one class is never predicted",
    );
  });

  test("names the class that has no row", () => {
    expect(() => balancedAccuracy(noPositives, { zeroDivision: "error" })).toThrow(MissingClassError);
    expect(() => recall(noPositives, { zeroDivision: "error" })).toThrow("no row has class 1");
    const noNegatives = { tp: 1, fp: 0, fn: 1, tn: 0 };
    expect(() => specificity(noNegatives, { zeroDivision: "error" })).toThrow("no row has class 0");
    expect(specificity(noPositives, { zeroDivision: "error" })).toBeCloseTo(5 / 7, 15);
  });
});

test("counts must be finite and >= 0, beta > 0", () => {
  expect(() => accuracy({ tp: -1, fp: 0, fn: 0, tn: 0 })).toThrow(DataError);
  expect(() => accuracy({ tp: 1, fp: Number.NaN, fn: 0, tn: 0 })).toThrow("fp must be finite");
  expect(() => fBeta(0)).toThrow(ArgumentError);
});

test("weights in other units leave every metric as it is", () => {
  const matrix = { tp: 5, fp: 2, fn: 3, tn: 7 };
  for (const metric of Object.values(all))
    for (const unit of [2 ** -1000, 2 ** -600, 2 ** 600, 2 ** 1000]) {
      const { tp, fp, fn, tn } = matrix;
      expect(metric({ tp: tp * unit, fp: fp * unit, fn: fn * unit, tn: tn * unit })).toBe(metric(matrix));
    }
});

test("the largest weights of float64 have metrics, too", () => {
  const most = Number.MAX_VALUE;
  expect(accuracy({ tp: most, fp: 0, fn: 0, tn: 0 })).toBe(1);
  expect(accuracy({ tp: most / 4, fp: most / 4, fn: 0, tn: 0 })).toBe(0.5);
});
