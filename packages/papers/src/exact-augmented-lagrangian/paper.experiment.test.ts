import { describe, expect, test } from "vitest";
import { papers } from "../index.ts";
import { claimsChecked, expectDescribed, expectDrawable, failed, paperRuns } from "../paper-testing.ts";
import type { RunReport } from "../run.ts";
import { exactAugmentedLagrangian as paper } from "./paper.ts";

const { complete } = paperRuns(paper);

/** Every plot can be drawn, of the series that it declares; those of splice only at the full size. */
function expectPlotted(report: RunReport): void {
  const empty = report.plots.map(({ id }) => id).filter((id) => id.endsWith("splice"));
  expectDrawable(report, { empty });
  for (const { id, series } of report.plots.filter((plot) => !empty.includes(plot.id)))
    for (const name of Object.keys(report.series[id])) expect(series).toContain(name);
}

test("the paper is listed, and says of each experiment what the experiment says of itself", async () => {
  expect(papers).toContain(paper);
  await expectDescribed(paper);
});

describe("quick runs", () => {
  test("small problems: medians as in the authors' stored runs", async () => {
    const report = await complete("small-problems", { set: { seeds: 1 } });
    // as many calls as adaptive GMRES, where the claim wants fewer; penalties that still change late
    expect(failed(report)).toEqual([
      ...["RK", "GV"].map(
        (kind) => `AdaSketch-${kind}: median calls of f and c over those of the strongest baseline`,
      ),
      "share of the runs whose penalty η₁ at the end is what it was halfway",
    ]);
    expectPlotted(report);
    const row = (method: string) => report.tables[0].rows.find((candidate) => candidate["method"] === method);
    expect(row("AdaSketch-RK")).toMatchObject({ solved: 21, iterations: 5 });
    expect(row("AdaSketch-GV")).toMatchObject({ solved: 21, iterations: 5 });
    expect(row("adaptive GMRES ℓ1-SQP")).toMatchObject({ solved: 21, iterations: 6 });
    expect(report.tables.find(({ id }) => id === "problems")?.rows).toHaveLength(21);
  });

  test("control: the paper's iterations, and a finer grid out of the plain sketch's reach", async () => {
    const report = await complete("control");
    expect(failed(report)).toEqual([]);
    expectPlotted(report);
    // ||K||_F^2 / sigma_min^2 by an independent implementation
    const [three, seven, fifteen] = report.series["difficulty"]["as it is"].map(({ y }) => y);
    expect(three / 5.3e5).toBeCloseTo(1, 1);
    expect(seven / 4.9e7).toBeCloseTo(1, 1);
    expect(fifteen / 3.6e9).toBeCloseTo(1, 1);
    const stuck = report.tables[0].rows.find((row) => row["N"] === 7 && row["method"] === "RK");
    expect(stuck).toMatchObject({ status: "max-iterations", iterations: 50 });
    expect(Number(stuck?.["kkt"])).toBeGreaterThan(1e-2);
  });

  test("cost of a solve: row steps near those of an independent implementation", async () => {
    const report = await complete("inner-cost");
    expect(failed(report)).toEqual([]);
    expectPlotted(report);
    const steps = report.series["steps"]["RK, norm-weighted rows"].map(({ y }) => y);
    [5.1e3, 1.1e4, 2.1e4].forEach((expected, k) => {
      expect(Math.abs(steps[k] / expected - 1)).toBeLessThan(0.1);
    });
  });

  test("local rates on what comes with the library", async () => {
    const report = await complete("local-rates");
    expect(failed(report)).toEqual([]);
    expectPlotted(report);
    expect(report.checks).toHaveLength(8);
  });

  test("logistic regression, one seed", async () => {
    const report = await complete("logistic-regression", { set: { seeds: 1 } });
    // about as many calls as adaptive GMRES, where the claim wants fewer
    for (const label of failed(report)) expect(label).toMatch(/: calls of f and c, .* strongest baseline/);
    expectPlotted(report);
    expect(claimsChecked(report).filter((claim) => claim !== null)).toEqual(["C1", "C5"]);
    const sets = new Set(report.tables[0].rows.map((row) => row["set"]));
    expect([...sets]).toEqual(["breast-cancer", "ionosphere"]);
  });
});

test("an aborted run rejects with the signal's reason", async () => {
  const signal = AbortSignal.abort(new Error("closed"));
  await expect(complete("control", { signal })).rejects.toThrow("closed");
});
