import { describe, expect, test } from "vitest";
import { papers } from "../index.ts";
import { claimsChecked, expectDescribed, expectDrawable, paperRuns } from "../paper-testing.ts";
import { bandlimitedRandomNetworks as paper } from "./paper.ts";

const { quick } = paperRuns(paper);

test("the paper is listed, and says of each experiment what the experiment says of itself", async () => {
  expect(papers).toContain(paper);
  await expectDescribed(paper);
});

describe("quick runs, against the figures of an independent prototype", () => {
  const measured = async (id: string, label: RegExp) =>
    (await quick(id)).checks.find((one) => label.test(one.label))?.measured ?? Number.NaN;

  test("low pass: the closed forms", { timeout: 300_000 }, async () => {
    const report = await quick("low-pass");
    expect(claimsChecked(report)).toEqual(["C1", "C2", null]);
    expectDrawable(report);
    const row = report.tables[0].rows.find((one) => one.target === "bump" && one.slope === 4);
    expect(Number(row?.tail)).toBeCloseTo(0.05292, 4);
    expect(Number(row?.error)).toBeCloseTo(0.06689, 4);
    expect(Number(row?.lower)).toBeCloseTo(0.03975, 4);
    expect(Number(row?.upper)).toBeCloseTo(0.23005, 4);
    expect(await measured("low-pass", /to the target, over/)).toBeCloseTo(1.02, 1);
  });

  test("plateau: 0.0631 and rank 10 for the small domain", { timeout: 300_000 }, async () => {
    const report = await quick("plateau");
    expect(claimsChecked(report)).toEqual(["C1", "C3", null]);
    expectDrawable(report);
    const row = (slope: number) => report.tables[0].rows.find((one) => one.slope === slope);
    expect(Number(row(1)?.error)).toBeCloseTo(0.0631, 3);
    expect(Number(row(1)?.rank)).toBe(10);
    expect(Number(row(10)?.error)).toBeCloseTo(0.0385, 2);
    expect(Number(row(100)?.error)).toBeLessThan(0.01);
    expect(Number(row(5000)?.error)).toBeGreaterThan(0.01);
  });

  test("budget: 67% of the target out of reach", { timeout: 300_000 }, async () => {
    const report = await quick("budget");
    expect(claimsChecked(report)).toEqual(["C2", null]);
    expectDrawable(report, { most: 400 });
    expect(await measured("budget", /bound over the target’s size/)).toBeCloseTo(0.67, 1);
    expect(await measured("budget", /error reached over the bound/)).toBeLessThan(1.1);
    expect(await measured("budget", /minus the bound/)).toBeGreaterThanOrEqual(0);
  });

  test("scope: 0.74, 2.1, 6.1 and 13.8 for the four frequencies", { timeout: 300_000 }, async () => {
    const report = await quick("scope");
    expect(claimsChecked(report)).toEqual(["C4"]);
    expectDrawable(report);
    for (const [i, needed] of [0.74, 2.1, 6.1, 13.8].entries()) {
      const found = Number(report.tables[0].rows[i].needed);
      expect(found / needed).toBeGreaterThan(0.7);
      expect(found / needed).toBeLessThan(1.5);
    }
  });

  test("assignment: five digits by sampling the spectrum", { timeout: 300_000 }, async () => {
    const report = await quick("assignment");
    expect(claimsChecked(report)).toEqual(["C4"]);
    expectDrawable(report);
    const [bumps] = report.tables[0].rows;
    expect(Number(bumps.sampled)).toBeLessThan(1e-4);
    expect(Number(bumps.uniform)).toBeCloseTo(0.035, 1);
  });

  test("digits: 0.959 in the middle, 0.933 and 0.875 beside", { timeout: 300_000 }, async () => {
    const report = await quick("digits");
    expect(claimsChecked(report)).toEqual(["C1", "C3", "C4"]);
    expectDrawable(report);
    const accuracy = (slope: number) =>
      Number(report.tables[0].rows.find((one) => one.slope === slope)?.accuracy);
    expect(Math.abs(accuracy(1) - 0.959)).toBeLessThan(0.02);
    expect(Math.abs(accuracy(1e-4) - 0.933)).toBeLessThan(0.025);
    expect(Math.abs(accuracy(100) - 0.875)).toBeLessThan(0.04);
  });
});
