import { describe, expect, test } from "vitest";
import { papers } from "../index.ts";
import { claimsChecked, expectDescribed, expectDrawable, failed, paperRuns } from "../paper-testing.ts";
import { consensusBasedOptimizationPaper as paper } from "./paper.ts";

const { quick, wholeAndResumed } = paperRuns(paper);
const MINUTES = 5 * 60_000;

test("the paper is listed, and says of each experiment what the experiment says of itself", async () => {
  expect(papers).toContain(paper);
  await expectDescribed(paper);
});

describe("quick runs, against the figures of an independent program", () => {
  test("canyon: who reaches the minimum", { timeout: MINUTES }, async () => {
    const report = await quick("canyon");
    expect(claimsChecked(report)).toEqual(["C1", "C3", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const share = (method: string) =>
      Number(report.tables[0].rows.find((row) => row.method === method)?.success);
    expect(share("CBO")).toBeGreaterThanOrEqual(0.98);
    expect(share("consensus hopping")).toBeGreaterThanOrEqual(0.96);
    expect(Math.abs(share("annealed Langevin") - 0.37)).toBeLessThan(0.13);
  });

  test("hopping: exponents and directions", { timeout: MINUTES }, async () => {
    const report = await quick("hopping");
    expect(claimsChecked(report)).toEqual(["C1", "C2", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const cosines = report.tables[0].rows.map((row) => Number(row.cosine));
    [0.99, 0.995, 0.996, 0.76].forEach((cosine, k) => {
      expect(Math.abs(cosines[k] - cosine)).toBeLessThan(k === 3 ? 0.08 : 0.02);
    });
    const rms = report.series.samples["ατ‖∇E‖² = 1.1"].map(({ y }) => y);
    [0.054, 0.0153, 0.005, 0.0016].forEach((error, k) => {
      expect(Math.abs(rms[k] / error - 1)).toBeLessThan(0.35);
    });
  });

  test("descent: the direction of the consensus point", { timeout: MINUTES }, async () => {
    const report = await quick("descent");
    expect(claimsChecked(report)).toEqual(["C1"]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const cosines = report.tables[0].rows.map((row) => Number(row.preconditioned));
    [0.98, 0.94, 0.82].forEach((cosine, k) => {
      expect(Math.abs(cosines[k] - cosine)).toBeLessThan(0.05);
    });
  });

  test("rate: the mean-field law", { timeout: MINUTES }, async () => {
    const report = await quick("rate");
    expect(claimsChecked(report)).toEqual(["C4"]);
    expectDrawable(report);
    const slopes = report.tables[0].rows.map((row) => Number(row.slope));
    [-1.85, -1.69, -1.37, -0.7, -1.85, -1.85, -1.84, -1.91].forEach((slope, k) => {
      expect(Math.abs(slopes[k] - slope)).toBeLessThan(0.1);
    });
  });

  test("benchmarks: Rastrigin's function", { timeout: MINUTES }, async () => {
    const report = await quick("benchmarks");
    expect(claimsChecked(report)).toEqual(["C5", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    expect(Number(report.tables[0].rows[0].value)).toBeLessThan(1e-4);
  });

  test("classifier: the digits", { timeout: MINUTES }, async () => {
    const report = await quick("classifier");
    expect(claimsChecked(report)).toEqual(["C5"]);
    expectDrawable(report);
    const [own, linear] = report.tables[0].rows.map((row) => Number(row.accuracy));
    // 0.725 to 0.869 over four seeds, with other random numbers
    expect(own).toBeGreaterThan(0.55);
    expect(own).toBeLessThan(0.92);
    expect(linear).toBeGreaterThan(0.92);
  });
});

test("a run resumed in the middle gives the same report", { timeout: MINUTES }, async () => {
  const { whole, resumed } = await wholeAndResumed("rate", 4, { set: { particles: 500 } });
  expect(resumed).toStrictEqual(whole);
});
