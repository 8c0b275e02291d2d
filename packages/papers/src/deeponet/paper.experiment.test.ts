import { describe, expect, test } from "vitest";
import { papers } from "../index.ts";
import { claimsChecked, expectDescribed, expectDrawable, failed, paperRuns } from "../paper-testing.ts";
import { deepOnet as paper } from "./paper.ts";

const { complete, quick } = paperRuns(paper);

test("the paper is listed, and says of each experiment what the experiment says of itself", async () => {
  expect(papers).toContain(paper);
  await expectDescribed(paper);
});

describe("quick runs, against the figures of an independent PyTorch run", { timeout: 600_000 }, () => {
  test("generalization: errors of the orders that PyTorch gives, and a file to explore", async () => {
    const report = await quick("generalization");
    expect(claimsChecked(report)).toEqual(["C1", "C7", "C8", null]);
    expectDrawable(report);
    expect(
      failed(report).filter(
        (label) => !label.startsWith("relative error") && !label.includes("over four functions"),
      ),
    ).toEqual([]);
    const row = (model: string) => report.tables[0].rows.find((one) => one.model === model);
    // 1.6e-4 to 7.2e-4, and 1.1e-2 to 2.1e-2
    expect(Number(row("DeepONet")?.test)).toBeGreaterThan(5e-5);
    expect(Number(row("DeepONet")?.test)).toBeLessThan(1.5e-3);
    expect(Number(row("FNN 2x40")?.test)).toBeGreaterThan(5e-3);
    expect(Number(row("FNN 2x40")?.test)).toBeLessThan(4e-2);
    expect(report.explorable).toEqual({ file: expect.any(String) });
  });

  test("sensors: near the floor where sensors limit", async () => {
    const report = await quick("sensors");
    expect(claimsChecked(report)).toEqual(["C3", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const slopes = report.tables[1].rows.map(({ slope }) => Number(slope));
    [-1.86, -1.93, -1.95, -1.96].forEach((slope, i) => {
      expect(Math.abs(slopes[i] - slope)).toBeLessThan(0.1);
    });
  });

  test("horizon: about tenfold from one horizon to the next", async () => {
    const report = await quick("horizon");
    expect(claimsChecked(report)).toEqual(["C4", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
  });

  test("training size: a rate of about 1.5", async () => {
    const report = await quick("training-size");
    expect(claimsChecked(report)).toEqual(["C5", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
  });

  test.each([
    ["stacked", ["C2"], { functions: 100, testFunctions: 200, iterations: 200, repeats: 1 }],
    [
      "diffusion",
      ["C5", "C6"],
      { functions: [5, 10, 20], points: [5, 20], testFunctions: 20, iterations: 200 },
    ],
    ["nonlinear", ["C1"], { functions: 100, testFunctions: 1000, iterations: 200, repeats: 1 }],
  ])("%s, at a small size: everything is drawn and judged", async (id, claims, set) => {
    const report = await complete(id, { set });
    expect(claimsChecked(report)).toEqual(claims);
    expectDrawable(report);
  });
});
