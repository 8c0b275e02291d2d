import { describe, expect, test } from "vitest";
import { papers } from "../index.ts";
import { claimsChecked, expectDescribed, expectDrawable, paperRuns } from "../paper-testing.ts";
import { multiplicativeDiffusion as paper } from "./paper.ts";

const { complete, quick } = paperRuns(paper);

test("the paper is listed, and says of each experiment what the experiment says of itself", async () => {
  expect(papers).toContain(paper);
  await expectDescribed(paper);
});

describe("quick runs, against the figures of an independent prototype", () => {
  test("exact scores: variances and distances of the prototype", { timeout: 300_000 }, async () => {
    const report = await quick("exact-scores");
    expect(claimsChecked(report)).toEqual(["C1", "C4", null]);
    expectDrawable(report);
    expect(report.checks.filter(({ held }) => !held)).toEqual([]);
    const variances = report.tables[0].rows.map(({ variance }) => Number(variance));
    // the prototype's, with 200,000 particles; four standard errors of 50,000
    for (const [k, expected] of [0.10369, 0.08098, 0.06928, 0.06578].entries())
      expect(Math.abs(variances[k] / expected - 1)).toBeLessThan(4 * Math.sqrt(2 / 50_000));
  });

  test("losses: the constant of the prototype", { timeout: 300_000 }, async () => {
    const report = await quick("losses");
    expect(claimsChecked(report)).toEqual(["C3", null]);
    expectDrawable(report);
    expect(report.checks.filter(({ held }) => !held)).toEqual([]);
  });

  test("plane: distances of the size of the prototype's", { timeout: 300_000 }, async () => {
    const report = await quick("plane");
    expect(claimsChecked(report)).toEqual(["C1", "C4", null]);
    expectDrawable(report);
    const [row] = report.tables[0].rows;
    // the prototype: .0475
    expect(Math.abs(Number(row.logNormal) / 0.0475 - 1)).toBeLessThan(0.15);
    expect(Number(row.logSpace)).toBeLessThan(0.02);
  });

  test("generation: the baselines of the prototype", { timeout: 300_000 }, async () => {
    const report = await quick("generation");
    expect(claimsChecked(report)).toEqual(["C5", null]);
    expect(report.undecided.map(({ claim }) => claim)).toEqual(["C4"]);
    expectDrawable(report);
    const of = (name: string) => report.tables[0].rows.find((row) => row.name === name);
    // the prototype: 1.089 and .196; .898 and .586
    expect(Math.abs(Number(of("log-normal pixels, independent")?.frechet) / 1.089 - 1)).toBeLessThan(0.15);
    expect(Math.abs(Number(of("held-out digits")?.confidence) - 0.898)).toBeLessThan(0.05);
  });

  test("generation with networks that are trained in the run", { timeout: 300_000 }, async () => {
    const set = { trainingSteps: 300, width: 32, samples: 200, steps: 20 };
    const report = await complete("generation", { set });
    expect(claimsChecked(report)).toEqual(["C4", "C5", null]);
    expectDrawable(report);
  });

  test("Dale's law: no sign changes against hundreds", { timeout: 300_000 }, async () => {
    const report = await quick("dales-law");
    expect(claimsChecked(report)).toEqual(["C2"]);
    expectDrawable(report);
    expect(report.checks.filter(({ held }) => !held)).toEqual([]);
  });
});
