import { compile, f64 } from "@gradus/graph";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { type MetricName, metricByName, metricNames } from "./metrics.ts";

describe("metricByName", () => {
  it("has formulas that agree with the hard metrics on random counts, and with their 0/0 of 0", async () => {
    const count = f64();
    using program = await compile(
      ({ tp, fp, fn, tn, positives, negatives }) =>
        metricNames.map((name) => metricByName(name).formula({ tp, fp, fn, tn, positives, negatives })),
      { tp: count, fp: count, fn: count, tn: count, positives: count, negatives: count },
    );
    const stream = randomStream(5);
    const matrices = Array.from({ length: 20 }, () => ({
      tp: stream.uniform(0, 50),
      fp: stream.uniform(0, 50),
      fn: stream.uniform(0, 50),
      tn: stream.uniform(0, 50),
    }));
    matrices.push({ tp: 0, fp: 0, fn: 5, tn: 7 }, { tp: 5, fp: 7, fn: 0, tn: 0 });
    for (const matrix of matrices) {
      const values = await program.run({
        ...matrix,
        positives: matrix.tp + matrix.fn,
        negatives: matrix.fp + matrix.tn,
      });
      metricNames.forEach((name, i) => {
        expect(Number(values[i].data[0]), name).toBeCloseTo(metricByName(name).score(matrix), 12);
      });
    }
  });

  it("has a kappa of 0 for rows of one class, however sure the scores, and one that is accurate beside it", async () => {
    const count = f64();
    using program = await compile(
      ({ tp, fp, fn, tn, positives, negatives }) =>
        metricByName("cohenKappa").formula({ tp, fp, fn, tn, positives, negatives }),
      { tp: count, fp: count, fn: count, tn: count, positives: count, negatives: count },
    );
    const kappa = async (tp: number, fp: number, fn: number, tn: number) =>
      Number((await program.run({ tp, fp, fn, tn, positives: tp + fn, negatives: fp + tn })).data[0]);
    for (const fp of [0, 1e-16, 1e-8]) {
      expect(await kappa(0, fp, 0, 7 - fp)).toBe(0);
      expect(await kappa(7 - fp, 0, fp, 0)).toBe(0);
    }
    // half of a small class is found in a large one: 2 tp / (2 tp + fn)
    const [tp, fn, tn] = [1e-12, 1e-12, 1e6];
    expect((await kappa(tp, 0, fn, tn)) / ((2 * tp) / (2 * tp + fn))).toBeCloseTo(1, 9);
  });

  it("knows f and any beta > 0, and says which names there are", () => {
    const matrix = { tp: 3, fp: 1, fn: 2, tn: 4 };
    expect(metricByName("f3").score(matrix)).toBeCloseTo(30 / (9 * 5 + 3 + 1), 12);
    expect(() => metricByName("f0")).toThrow("beta must be a positive number");
    expect(() => metricByName("f-1")).toThrow("beta must be a positive number");
    const unknown: string = "f1-score";
    expect(() => metricByName(unknown as MetricName)).toThrow(/metric must be accuracy, .* got "f1-score"/);
  });
});
