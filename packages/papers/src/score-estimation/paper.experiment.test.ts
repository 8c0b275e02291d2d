import { describe, expect, test } from "vitest";
import { papers } from "../index.ts";
import { claimsChecked, expectDescribed, expectDrawable, failed, paperRuns } from "../paper-testing.ts";
import { scoreEstimation as paper } from "./paper.ts";

const { quick } = paperRuns(paper);

test("the paper is listed, and says of each experiment what the experiment says of itself", async () => {
  expect(papers).toContain(paper);
  await expectDescribed(paper);
});

describe("quick runs, against the figures of an independent prototype", () => {
  const measured = async (id: string, label: RegExp) =>
    (await quick(id)).checks.find((one) => label.test(one.label))?.measured ?? Number.NaN;

  test("identity: an excess of 0.80 and a variance of 0.48 on four atoms", { timeout: 300_000 }, async () => {
    const report = await quick("identity");
    expect(claimsChecked(report)).toEqual(["C1", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const [zero] = report.tables[0].rows;
    expect(Math.abs(Number(zero.excess) - 0.8)).toBeLessThan(0.03);
    expect(Math.abs(Number(zero.variance) - 0.484)).toBeLessThan(0.03);
  });

  test("coupling: 0.022 apart with 2,048 units after 30 steps", { timeout: 300_000 }, async () => {
    const report = await quick("coupling");
    expect(claimsChecked(report)).toEqual(["C2", null]);
    expectDrawable(report);
    const row = report.tables[0].rows.find(({ width }) => width === 2048);
    expect(Math.abs(Number(row?.k30) - 0.022)).toBeLessThan(0.008);
  });

  test("stopping: 0.021 at best on 400 rows, 0.165 after a million steps", { timeout: 300_000 }, async () => {
    const report = await quick("stopping");
    expect(claimsChecked(report)).toEqual(["C4", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report, { most: 700 });
    const row = report.tables[0].rows.find(({ rows }) => rows === 400);
    expect(Math.abs(Number(row?.excess4) - 0.165)).toBeLessThan(0.03);
    expect(Math.abs(Number(row?.steps3) - 5)).toBeLessThan(1);
  });

  test("sampling: 0.403, 0.247 and 0.163 from the circle", { timeout: 600_000 }, async () => {
    const report = await quick("sampling");
    expect(claimsChecked(report)).toEqual([null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    for (const [rows, distance] of [
      [100, 0.403],
      [400, 0.247],
      [1600, 0.163],
    ]) {
      const row = report.tables[0].rows.find(
        (one) => one.rows === rows && one.estimate === "stopped by SURE",
      );
      expect(Math.abs(Number(row?.distance) / distance - 1)).toBeLessThan(0.4);
    }
  });

  test("tabular: a choice close to the best", { timeout: 300_000 }, async () => {
    const report = await quick("tabular");
    expect(claimsChecked(report)).toEqual(["C5", null]);
    expectDrawable(report);
    expect(await measured("tabular", /chosen on half/)).toBeLessThan(1.02);
  });

  test("parts: 0.0008, 0.019, 0.0085 and 0.0031 at the stopping time", { timeout: 300_000 }, async () => {
    const report = await quick("parts");
    expect(claimsChecked(report)).toEqual(["C3"]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const square = (i: number) => Number(report.tables[0].rows[i].square);
    for (const [i, expected] of [
      [1, 0.0008],
      [2, 0.0192],
      [3, 0.0085],
      [4, 0.0031],
    ])
      expect(Math.abs(Math.log2(square(i) / expected))).toBeLessThan(1);
  });
});
