import { expect, test } from "vitest";
import { claimsChecked, expectDescribed, paperRuns } from "../paper-testing.ts";
import type { RunReport } from "../run.ts";
import { claimVerdicts } from "../verdict.ts";
import { anyloss } from "./paper.ts";

const { complete } = paperRuns(anyloss);

test("what is said of an experiment before it is loaded is what it says itself", async () => {
  await expectDescribed(anyloss);
});

test("every quick experiment checks the claims that it names, and every claim holds", {
  timeout: 600_000,
}, async () => {
  const reports: RunReport[] = [];
  for (const { id, claims } of anyloss.experiments) {
    // What is timed is not asserted, so that a thirtieth of its rows will do.
    const report = await complete(id, id === "slope-and-speed" ? { set: { timedRows: 3000 } } : {});
    expect(claimsChecked(report).filter((claim) => claim !== null)).toStrictEqual([...claims].sort());
    expect(report.checks.filter(({ claim, held }) => claim === null && !held)).toStrictEqual([]);
    expect(report.summary.length).toBeGreaterThan(0);
    // With fewer rows it is not the paper's run, though only its times differ.
    reports.push({ ...report, modified: false });
  }
  const verdicts = claimVerdicts(anyloss, reports);
  for (const { claim, verdict } of verdicts) expect([claim, verdict]).toStrictEqual([claim, "held"]);

  // The specification's figures, from an independent implementation on its own folds: within 0.03.
  const slope = reports.find((r) => r.experiment === "slope-and-speed")?.series.slope ?? {};
  const f1 = [0.32, 0.38, 0.54, 0.638, 0.633, 0.633, 0.633, 0.634, 0.636];
  const balanced = [0.76, 0.8, 0.84, 0.869, 0.873, 0.875, 0.875, 0.875, 0.876];
  f1.forEach((value, k) => {
    expect(Math.abs(slope.F1[k].y - value)).toBeLessThan(0.03);
    expect(Math.abs(slope["balanced accuracy"][k].y - balanced[k])).toBeLessThan(0.03);
  });
});
