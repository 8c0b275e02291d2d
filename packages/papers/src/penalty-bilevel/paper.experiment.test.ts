import { describe, expect, test } from "vitest";
import { papers } from "../index.ts";
import { claimsChecked, expectDescribed, expectDrawable, failed, paperRuns } from "../paper-testing.ts";
import { penaltyBilevel as paper } from "./paper.ts";

const { complete, quick } = paperRuns(paper);

test("the paper is listed, and says of each experiment what the experiment says of itself", async () => {
  expect(papers).toContain(paper);
  await expectDescribed(paper);
});

describe("quick runs", () => {
  test("landscape: exponents of an independent implementation", async () => {
    const report = await quick("landscape");
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    expect(claimsChecked(report)).toEqual(["C1", "C3", null]);
    // 0.9963 to 0.9990 by an independent implementation on other instances
    for (const { label, measured } of report.checks.filter((one) => one.label.includes("exponent"))) {
      expect(measured, label).toBeGreaterThan(0.98);
      expect(measured, label).toBeLessThan(1.02);
    }
  });

  test("limits: the gap of example 1 in closed form", async () => {
    const report = await quick("limits");
    expect(failed(report)).toEqual([]);
    expectDrawable(report, { most: 410 });
    const [gap] = report.checks.filter(({ claim }) => claim === "C2");
    // at x = sigma/100: 1 - 1/100 + 1/40000
    expect(gap.measured).toBeCloseTo(1 - 0.01 + 0.000025, 6);
  });

  test("deterministic: as many steps as along exact hypergradients", async () => {
    const report = await quick("deterministic");
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    // eleven times three gradients a step, and about as many steps as along exact hypergradients
    for (const row of report.tables[0].rows) {
      expect(row["calls"]).toBe(33 * Number(row["iterations"]));
      expect(Math.abs(Number(row["iterations"]) - Number(row["exact"]))).toBeLessThanOrEqual(2);
    }
  });

  test("stochastic: few runs", async () => {
    const report = await complete("stochastic", { set: { budget: 30_000, runs: 2 } });
    expectDrawable(report);
    expect(report.undecided).toHaveLength(1);
    expect(report.checks.map(({ claim }) => claim)).toEqual(["C5", "C5"]);
    await expect(complete("stochastic", { set: { budgets: 2 } })).rejects.toThrow(/parameter budgets .*3/);
  });

  test("cleaning: wrong labels lose their weight", async () => {
    const report = await quick("cleaning");
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
  });

  test("network-cleaning: wrong labels lose their weight", async () => {
    const report = await complete("network-cleaning", {
      set: { hidden: 16, iterations: 100, baselineIterations: 60 },
    });
    expectDrawable(report);
    expect(claimsChecked(report)).toEqual(["C6", null]);
  });

  test("ridge: the gap falls with sigma", async () => {
    const report = await quick("ridge");
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
  });
});

test("an aborted run rejects with the signal's reason", async () => {
  const signal = AbortSignal.abort(new Error("closed"));
  await expect(complete("landscape", { signal })).rejects.toThrow("closed");
});
