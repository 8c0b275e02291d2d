import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { papers } from "../index.ts";
import {
  claimsChecked,
  EVERY_THOUSAND_TICKS,
  expectDescribed,
  expectDrawable,
  failed,
  paperRuns,
  useTickingClock,
} from "../paper-testing.ts";
import type { RunReport } from "../run.ts";
import { gradientNormalizedSmoothness as paper } from "./paper.ts";

const { complete, quick } = paperRuns(paper, { checkpointInterval: EVERY_THOUSAND_TICKS });

beforeEach(useTickingClock);
afterEach(() => {
  vi.restoreAllMocks();
});

/** The iterations that the table lists, by problem and method. */
function iterations(report: RunReport, problem: string): Record<string, number | string | null> {
  const rows = report.tables.find(({ id }) => id === "methods")?.rows ?? [];
  return Object.fromEntries(
    rows.filter((row) => row.problem === problem).map((row) => [row.method, row.iterations]),
  );
}

test("is registered, and its experiments say what they load", async () => {
  expect(papers).toContain(paper);
  await expectDescribed(paper);
});

// Counts beside the ones that the specification of the reproduction prints, measured by another program.
describe("quick runs have the counts that were measured elsewhere", () => {
  test("log-sum-exp: exact within 30, weighted between exact and the gradient method", async () => {
    const report = await complete("log-sum-exp");
    expect(failed(report)).toEqual([]);
    expect(claimsChecked(report)).toEqual(["C1", "C2", "C3", null]);
    expectDrawable(report, { most: 700 });
    const quarter = iterations(report, "n = 200, μ = 0.25");
    expect(quarter["exact Hessian"]).toBeGreaterThan(50);
    expect(quarter["exact Hessian"]).toBeLessThan(75);
    expect(quarter["weighted Gauss-Newton"]).toBeLessThan(170);
    expect(quarter["gradient, metric AᵀA"]).toBe("> 1000");
  });

  test("residual powers: Fisher term 9-10, 16, 21-22, exact 20, 23, 26", async () => {
    const report = await complete("fisher-term");
    expect(failed(report)).toEqual([]);
    expect(claimsChecked(report)).toEqual(["C5", null]);
    expectDrawable(report, { most: 700 });
    const counts = [3, 4, 6].map((p) => iterations(report, `p = ${p}, 100 × 200`));
    const published = { "Fisher term, rank one": [9, 16, 21], "exact Hessian": [20, 23, 26] };
    for (const [method, expected] of Object.entries(published))
      counts.forEach((count, i) => {
        expect(Math.abs(Number(count[method]) - expected[i])).toBeLessThanOrEqual(1);
      });
  });

  test("Rosenbrock: exact 52, 58, 62, 64, Gauss-Newton 50, 55, 62, 65, gradient 3746 at p = 5 alone", async () => {
    const report = await complete("non-convex");
    expect(failed(report)).toEqual([]);
    expect(claimsChecked(report)).toEqual(["C1", "C4", null]);
    expectDrawable(report, { most: 700 });
    const counts = [2, 3, 4, 5].map((p) => iterations(report, `Rosenbrock, p = ${p}`));
    expect(counts.map((count) => count["exact Hessian"])).toEqual([52, 58, 62, 64]);
    expect(counts.map((count) => count["Gauss-Newton"])).toEqual([50, 55, 62, 65]);
    expect(counts.map((count) => count.gradient)).toEqual(["> 5000", "> 5000", "> 5000", 3746]);
  });

  test("norm powers: powers as in theory; the search takes more than two values a step where γ keeps falling", async () => {
    const report = await quick("universality");
    expect(failed(report)).toEqual([
      "values of f per step beyond the first 20, largest of all runs, norm powers",
    ]);
    expect(claimsChecked(report)).toEqual(["C2", null]);
    expectDrawable(report, { most: 700 });
  });

  test("logistic 6, 8, 11, 13, 16, 18 and digits 4, 7, 9, 12, 14, 17 against 5, 8, 12, 14, 17, 19", async () => {
    const report = await complete("linear-rate", { set: { controls: 10 } });
    expect(failed(report)).toEqual([]);
    expect(claimsChecked(report)).toEqual(["C3", null]);
    expectDrawable(report, { most: 700 });
    const rows = report.tables[0].rows;
    const row = (problem: string, method: string, sizes: readonly string[]) => {
      const found = rows.find((one) => one.problem === problem && one.method === method);
      return sizes.map((size) => found?.[`norm ${size}`]);
    };
    const sizes = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7].map(String);
    expect(row("separable", "exact Hessian", sizes.slice(1))).toEqual([6, 8, 11, 13, 16, 18]);
    expect(row("digits 0–4", "exact Hessian", sizes.slice(0, 6))).toEqual([4, 7, 9, 12, 14, 17]);
    expect(row("digits 0–4", "weighted Gauss-Newton", sizes.slice(0, 6))).toEqual([5, 8, 12, 14, 17, 19]);
  });

  test("mushrooms: exact 6, 8, 11, 13, 16; H = 0 77, 242, 417, 601, 792; Fisher 6, 98; bound 34", async () => {
    const report = await complete("real-data", { set: { controls: 100, descent: 100 } });
    expect(claimsChecked(report)).toEqual(["C3", null]);
    expectDrawable(report, { empty: ["a9a"], most: 700 });
    const sizes = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6].map(String);
    const counts = Object.fromEntries(
      report.tables[0].rows.map((row) => [row.method, sizes.map((size) => row[`norm ${size}`])]),
    );
    expect(counts["exact Hessian"]).toEqual([6, 8, 11, 13, 16]);
    expect(counts["products alone (CG)"]).toEqual([6, 8, 11, 13, 16]);
    expect(counts["H = 0"]).toEqual([77, 242, 417, 601, 792]);
    expect(counts["empirical Fisher"].slice(0, 2)).toEqual([6, 98]);
    expect(counts["fixed bound ¼AᵀA/n"][0]).toBe(34);
  });

  test("network: Gauss-Newton products leave less of the loss than gradients at the same cost", async () => {
    // The clock stands still: a run reads it for what it compiles, a resumed one at another step.
    vi.spyOn(performance, "now").mockReturnValue(0);
    const report = await complete("network", {
      set: { rowsPerClass: 15, budget: 500 },
      checkpointInterval: 0,
    });
    expect(claimsChecked(report)).toEqual([]);
    const lossOf = (method: string) =>
      Number(report.tables[0].rows.find((row) => row.method === method)?.loss);
    expect(lossOf("GNS, Gauss-Newton products")).toBeLessThan(lossOf("gradient, backtracking"));
    expectDrawable(report, { most: 700 });
  });
});

test("the seed changes the random problems", async () => {
  const [one, two] = [await quick("universality"), await complete("universality", { seed: 2 })];
  expect(two.series.gamma).not.toEqual(one.series.gamma);
});

test("an aborted run rejects with the signal's reason", async () => {
  const signal = AbortSignal.abort(new Error("closed"));
  await expect(complete("non-convex", { signal })).rejects.toThrow("closed");
});
