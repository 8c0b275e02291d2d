import { describe, expect, test } from "vitest";
import { papers } from "../index.ts";
import { claimsChecked, expectDescribed, expectDrawable, paperRuns } from "../paper-testing.ts";
import { deepConjugateDirection as paper } from "./paper.ts";

const { complete, quick } = paperRuns(paper);

test("the paper is listed, and says of each experiment what the experiment says of itself", async () => {
  expect(papers).toContain(paper);
  await expectDescribed(paper);
});

describe("quick runs, against the figures of an independent prototype", () => {
  test("unseen geometry: the iterations of CG and IC(0) are those of the prototype, the network takes a third", {
    timeout: 300_000,
  }, async () => {
    const report = await quick("unseen-geometry");
    expect(claimsChecked(report)).toEqual(["C1", "C3", null]);
    expectDrawable(report, { withHoles: ["field"] });
    const row = (geometry: string) =>
      report.tables[0].rows.find((one) => one.geometry === geometry && one.rightSide === "R2");
    expect(row("empty")).toMatchObject({ CG: 76, IC: 34 });
    expect(row("disk")).toMatchObject({ CG: 84, IC: 36 });
    // the prototype's networks: 14 to 18, and 18 to 20
    expect(Number(row("empty")?.network)).toBeLessThan(22);
    expect(Number(row("disk")?.network)).toBeLessThan(25);
  });

  test("unseen geometry with a network that is trained in the run", { timeout: 300_000 }, async () => {
    const report = await complete("unseen-geometry", { set: { N: 16, trainHere: true, steps: 150 } });
    expectDrawable(report, { withHoles: ["field"] });
    const { validation } = report.series.loss;
    expect(validation.map(({ x }) => x)).toEqual([0, 50, 100, 150]);
    expect(validation[3].y).toBeLessThan(validation[0].y);
  });

  test("size independence: CG's iterations double", { timeout: 300_000 }, async () => {
    const report = await quick("size-independence");
    expect(claimsChecked(report)).toEqual([null]);
    expect(report.undecided.map(({ claim }) => claim)).toEqual(["C2"]);
    expectDrawable(report);
    const CG = (N: number) =>
      Number(report.tables[0].rows.find((one) => one.N === N && one.geometry === "empty")?.CG);
    // one plume, as in the prototype
    expect(CG(128)).toBe(316);
    // several plumes, some harder than the prototype's, which needs 38 and 76
    expect(CG(16) / 38).toBeGreaterThanOrEqual(1);
    expect(CG(32) / CG(16)).toBeCloseTo(2, 0);
  });

  test("three dimensions: fewer iterations in a cube", { timeout: 300_000 }, async () => {
    const report = await quick("three-dimensions");
    expect(claimsChecked(report)).toEqual(["C1", "C3"]);
    expectDrawable(report, { withHoles: ["field"] });
    for (const { network, CG } of report.tables[0].rows) expect(Number(network)).toBeLessThan(Number(CG));
  });

  test("properties: theorems hold to rounding", { timeout: 300_000 }, async () => {
    const report = await quick("properties");
    expect(claimsChecked(report)).toEqual(["C1", "C5", null]);
    expectDrawable(report);
    const theorems = report.checks.filter(({ ground }) => ground.kind === "theorem");
    expect(theorems.map(({ held }) => held)).toEqual([true, true, true, true]);
  });

  test("training sets: white noise has the smaller loss", { timeout: 300_000 }, async () => {
    const report = await quick("training-sets");
    expect(claimsChecked(report)).toEqual(["C4"]);
    expect(report.undecided.map(({ claim }) => claim)).toEqual(["C4"]);
    expectDrawable(report);
    const loss = (set: string) => Number(report.tables[0].rows.find((one) => one.set === set)?.loss);
    expect(loss("white noise")).toBeLessThan(0.1 * loss("Ritz mixtures"));
  });

  test("time: every solution is within the tolerance", { timeout: 300_000 }, async () => {
    const report = await quick("time");
    expect(claimsChecked(report)).toEqual([null]);
    expectDrawable(report);
    expect(report.checks.map(({ held }) => held)).toEqual([true]);
  });
});
