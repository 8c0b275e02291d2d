import { describe, expect, test } from "vitest";
import { papers } from "../index.ts";
import { expectDescribed, expectDrawable, failed, paperRuns } from "../paper-testing.ts";
import type { RunReport } from "../run.ts";
import { blockCoordinateDescentPaper as paper } from "./paper.ts";

const { complete } = paperRuns(paper);

/** Decades that a rule took off, by data and rule, as the table lists them. */
function decades(report: RunReport): Map<string, number> {
  const rows = report.tables.find(({ id }) => id === "rules")?.rows ?? [];
  return new Map(rows.map((row) => [`${row.data}: ${row.rule}`, Number(row.decades)]));
}

test("the paper is listed, and says of each experiment what the experiment says of itself", async () => {
  expect(papers).toContain(paper);
  await expectDescribed(paper);
});

describe("against decades measured independently in numpy, on data of another generator", () => {
  test("gradient updates on one data set", async () => {
    const report = await complete("gradient-rules", { set: { seeds: 1 } });
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const measured = decades(report);
    const published = {
      "random, variable": -1.2,
      "GS, variable": -4.3,
      "GSD, variable": -6.1,
      "random, fixed": -2.3,
      "cyclic, fixed": -2.4,
      "GS, fixed": -3,
      "GSL, fixed": -6,
      "GSD, fixed": -6,
    };
    for (const [rule, value] of Object.entries(published))
      expect(
        Math.abs((measured.get(`400 × 4000, seed 0: ${rule}`) ?? Number.NaN) - value),
        rule,
      ).toBeLessThan(0.5);
  });

  test("matrix and Newton updates; every block at fifty iterates", async () => {
    const report = await complete("matrix-newton", { set: { dominanceSteps: 50 } });
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const measured = decades(report);
    const published = {
      "gradient random, variable": -0.7,
      "gradient GS, variable": -1.2,
      "gradient GSD, variable": -1.3,
      "matrix GSD, variable": -1.7,
    };
    for (const [rule, value] of Object.entries(published))
      expect(Math.abs((measured.get(`logistic, seed 0: ${rule}`) ?? Number.NaN) - value), rule).toBeLessThan(
        0.3,
      );
  });

  test("forests", async () => {
    const report = await complete("forests", { set: { seeds: 1 } });
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const measured = decades(report);
    const published = {
      "lattice, seed 0: general": [-1.1, -0.8],
      "lattice, seed 0: red-black": [-8.6, -6.8],
      "lattice, seed 0: tree partition": [-15, -12.5],
      "moons, seed 0: general": [-0.75, -0.5],
      "moons, seed 0: greedy tree": [-8.6, -5.7],
    } as const;
    for (const [run, [low, high]] of Object.entries(published)) {
      expect(measured.get(run), run).toBeGreaterThan(low);
      expect(measured.get(run), run).toBeLessThan(high);
    }
  });

  test("active sets, with a support of 12 to 25", async () => {
    const report = await complete("active-set");
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    for (const { support, residual } of report.tables[0].rows) {
      expect(Number(support)).toBeGreaterThanOrEqual(12);
      expect(Number(support)).toBeLessThanOrEqual(25);
      expect(Number(residual)).toBeLessThanOrEqual(1e-10);
    }
  });

  test("superlinear convergence", async () => {
    const report = await complete("superlinear");
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
  });

  test("partitions and backtracking on one data set", async () => {
    const report = await complete("partitions", { set: { seeds: 1 } });
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const measured = decades(report);
    const published = {
      "GSL, average": -4.65,
      "GSL, order": -3.4,
      "GS, average": -2.6,
      "GS, order": -2.5,
      "random, |b| = 5, LA": -1.3,
      "random, |b| = 50, LA": -4.8,
      "random, |b| = 50, L_b": -3.5,
    };
    for (const [rule, value] of Object.entries(published))
      expect(Math.abs((measured.get(`seed 0: ${rule}`) ?? Number.NaN) - value), rule).toBeLessThan(0.5);
  });
});

test("the work of a tree grows as the unknowns do; seconds are the machine's affair", async () => {
  const report = await complete("iteration-cost", { set: { columns: 500 } });
  expect(failed(report)).toEqual([]);
  expectDrawable(report);
  const rows = report.tables[0].rows;
  expect(rows).toHaveLength(5);
  for (const { exponent, flops, t2 } of rows) {
    expect(Number.isFinite(exponent)).toBe(true);
    expect(Number.isFinite(flops)).toBe(true);
    expect(Number(t2)).toBeGreaterThan(0);
  }
});

test("softmax at the quick size", async () => {
  const report = await complete("softmax");
  expect(failed(report)).toEqual([]);
  expectDrawable(report);
});

test("softmax at the smallest size of its form", async () => {
  const report = await complete("softmax", { set: { rows: 50, columns: 25, classes: 2, iterations: 20 } });
  expectDrawable(report);
  await expect(complete("softmax", { set: { columns: 24, classes: 2 } })).rejects.toThrow(
    /parameter columns of softmax: .*25/,
  );
});

test("an aborted run rejects with the signal's reason", async () => {
  const signal = AbortSignal.abort(new Error("closed"));
  await expect(complete("gradient-rules", { signal })).rejects.toThrow("closed");
});
