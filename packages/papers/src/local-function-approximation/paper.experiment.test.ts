import { describe, expect, test } from "vitest";
import { papers } from "../index.ts";
import { claimsChecked, expectDescribed, expectDrawable, failed, paperRuns } from "../paper-testing.ts";
import { localFunctionApproximation as paper } from "./paper.ts";

const { complete, quick } = paperRuns(paper);

test("the paper is listed, and says of each experiment what the experiment says of itself", async () => {
  expect(papers).toContain(paper);
  await expectDescribed(paper);
});

describe("quick runs", () => {
  test("equivalence: fits and formulas are the same", async () => {
    const report = await quick("equivalence");
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    expect(claimsChecked(report)).toEqual(["C1"]);
  });

  test("limits: the exponents of Taylor's formula", async () => {
    const report = await quick("limits");
    // two families are not apart on these networks
    expect(failed(report).every((label) => label.includes("between the families"))).toBe(true);
    expectDrawable(report);
    for (const { label, measured } of report.checks.filter((one) => one.label.includes("exponent of σ")))
      expect(Math.abs(measured - 2), label).toBeLessThan(0.1);
  });

  test("no-free-lunch: the surface's best plane", async () => {
    const report = await quick("no-free-lunch");
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    // 1.68 to 1.88 and d = 1 by an independent implementation
    const errors = report.tables[0].rows.map((row) => Number(row["error"]));
    expect(Math.min(...errors)).toBeGreaterThan(1.6);
    expect(Math.max(...errors)).toBeLessThan(1.95);
  });

  test("recovery: w and w ∗ x", async () => {
    const report = await quick("recovery");
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
  });

  test("faithfulness: noise favors the additive methods where it is on the least important features", async () => {
    const report = await quick("faithfulness");
    expectDrawable(report);
    expect(report.checks).toHaveLength(4);
    expect(report.checks.find(({ label }) => label.startsWith("noise on the least"))?.held).toBe(true);
    // on linear models the order is that of the paper
    for (const row of report.tables[0].rows.filter(({ model }) => String(model).includes("linear"))) {
      expect(Number(row["bottom-binary"])).toBeLessThan(1);
      expect(Number(row["top-binary"])).toBeGreaterThan(1);
    }
  });
});

test("an aborted run rejects with the signal's reason", async () => {
  const signal = AbortSignal.abort(new Error("closed"));
  await expect(complete("recovery", { signal })).rejects.toThrow("closed");
});
