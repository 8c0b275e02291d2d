import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MissingClassError } from "../../check/errors.ts";
import { metricByName } from "../../losses/metric/metrics.ts";
import { confusionMatrix } from "../../statistics/confusion-matrix.ts";
import { tuneThreshold } from "./threshold.ts";

describe("tuneThreshold", () => {
  it("is as good as the best of all thresholds, and reports the metric there", () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom(0, 1));
    fc.assert(
      fc.property(
        // of both classes
        fc
          .array(row, { minLength: 1, maxLength: 30 })
          .map((rows) => [[3, 0] as const, [9, 1] as const, ...rows]),
        fc.constantFrom("f1", "geometricMean", "accuracy", "matthews"),
        (rows, metric) => {
          const probabilities = Float64Array.from(rows, ([p]) => p / 20);
          const labels = rows.map(([, label]) => label);
          const scoreAt = (threshold: number) =>
            metricByName(metric).score(
              confusionMatrix(
                labels,
                probabilities.map((p) => (p > threshold ? 1 : 0)),
              ),
            );
          const all = Array.from({ length: 42 }, (_, k) => scoreAt(k / 40 - 1 / 80));
          const { threshold, score } = tuneThreshold(probabilities, labels, metric);
          expect(scoreAt(threshold)).toBeCloseTo(score, 12);
          // No threshold in [0, 1] makes a probability of 0 a positive prediction.
          expect(score).toBeGreaterThanOrEqual(Math.max(...all.slice(1)) - 1e-12);
        },
      ),
      { seed: 17, numRuns: 200 },
    );
  });

  it("stands midway between the rows that it separates", () => {
    const { threshold, score } = tuneThreshold(Float64Array.of(0.1, 0.2, 0.6, 0.9), [0, 0, 1, 1], "f1");
    expect(threshold).toBeCloseTo(0.4, 15);
    expect(score).toBe(1);
  });

  it("separates probabilities that are adjacent numbers", () => {
    const spacing = Number.EPSILON / 2;
    for (const steps of [1, 2, 3, 4]) {
      const low = 0.5 + steps * spacing;
      const high = low + spacing;
      const { threshold, score } = tuneThreshold(Float64Array.of(low, high), [0, 1], "accuracy");
      expect([score, low > threshold, high > threshold]).toEqual([1, false, true]);
    }
  });

  it("refuses lengths that differ, no rows, and what is no probability", () => {
    expect(() => tuneThreshold(Float64Array.of(0.5), [0, 1], "f1")).toThrow(
      "labels must have one number for each of 1",
    );
    expect(() => tuneThreshold(new Float64Array(0), [], "f1")).toThrow("at least one row");
    expect(() => tuneThreshold(Float64Array.of(0.5, 1.5), [0, 1], "f1")).toThrow("got 1.5 in row 1");
    expect(() => tuneThreshold(Float64Array.of(0.5, 0.7), [0, 0], "f1")).toThrow(
      new MissingClassError(
        "f1 is 0 for any predictions without positive rows, but none of the 2 rows has label 1",
      ),
    );
    expect(tuneThreshold(Float64Array.of(0.5, 0.7), [0, 0], "accuracy").score).toBe(1);
  });
});
