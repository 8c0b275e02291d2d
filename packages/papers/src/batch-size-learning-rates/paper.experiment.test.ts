import { afterEach, describe, expect, test, vi } from "vitest";
import { claimsChecked, expectDescribed, expectDrawable, failed, paperRuns } from "../paper-testing.ts";
import { ParameterError } from "../run.ts";
import { batchSizeLearningRates as paper } from "./paper.ts";

const { complete } = paperRuns(paper);

afterEach(() => {
  vi.unstubAllEnvs();
});

test("what is said of an experiment before it is loaded is what it says itself", async () => {
  await expectDescribed(paper);
});

describe("the quick profile", () => {
  const cases = paper.experiments.map(({ id, claims }) => ({ id, claims }));
  test.each(cases)("of $id checks its claims, and all hold", { timeout: 300_000 }, async ({ id, claims }) => {
    const report = await complete(id);
    const judged = [...claimsChecked(report), ...report.undecided.map(({ claim }) => claim)];
    expect(judged.filter((claim) => claim !== null).sort()).toEqual([...claims].sort());
    expect(failed(report)).toEqual([]);
    // Fashion-MNIST is drawn at full size only.
    expectDrawable(report, { empty: ["fashion"] });
  });

  test("a loss that no rate reaches is an error of the parameter that asks for it", async () => {
    const run = complete("largest-rates", { set: { steps: 10, threshold: 0.1, halvings: 1 } });
    await expect(run).rejects.toThrow(ParameterError);
    await expect(run).rejects.toMatchObject({
      parameter: "threshold",
      message: expect.stringMatching(
        /^threshold must be met at the rate 0.05 and not at 8 in 10 steps of SGD on batches of 1, got 0.1: /,
      ),
    });
  });

  test("has largest rates near the reference's, which has its own random numbers", async () => {
    const report = await complete("largest-rates", { set: { seeds: 3 } });
    const reference = {
      SGD: [0.148, 0.282, 0.562, 0.824, 1.05, 1.18, 1.42, 1.47, 1.66],
      Adam: [0.027, 0.05, 0.071, 0.1, 0.17, 0.199, 0.236],
    };
    for (const [name, rates] of Object.entries(reference)) {
      const series = report.series.rates[name];
      if (!Array.isArray(series)) throw new Error(`${name} has no points`);
      expect(series.length).toBe(rates.length);
      // six halvings leave an interval of 8%; starts and batches differ
      series.forEach(({ y }, i) => {
        expect(Math.abs(Math.log(y / rates[i]))).toBeLessThan(Math.log(1.4));
      });
    }
  }, 300_000);
});

test("the full profile says which file it lacks, and a signal ends a run", async () => {
  vi.stubEnv("GRADUS_DATA_DIR", "");
  const set = { batches: 3, seeds: 2, fashion: true };
  await expect(complete("network-hessian", { set })).rejects.toThrow(
    "fashion-mnist-train-images-idx3-ubyte.gz",
  );
  const signal = AbortSignal.abort(new Error("closed"));
  await expect(complete("scaling-rules", { signal })).rejects.toThrow("closed");
});
