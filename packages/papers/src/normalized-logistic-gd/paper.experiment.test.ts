import { describe, expect, test, vi } from "vitest";
import { papers } from "../index.ts";
import { claimsChecked, expectDescribed, expectDrawable, failed, paperRuns } from "../paper-testing.ts";
import type { RunReport } from "../run.ts";
import { normalizedLogisticGd as paper } from "./paper.ts";

const { complete, quick, wholeAndResumed } = paperRuns(paper);

/** Iterations by data and method, as the table of paths lists them. */
function times(report: RunReport): Map<string, number | string | null> {
  const rows = report.tables.find(({ id }) => id === "paths")?.rows ?? [];
  return new Map(rows.map((row) => [`${row.data}: ${row.method}`, row.T]));
}

test("the paper is listed, and says of each experiment what the experiment says of itself", async () => {
  expect(papers).toContain(paper);
  await expectDescribed(paper);
});

describe("quick runs, against counts computed independently in numpy", () => {
  test("step sizes: counts at γ ≤ 100 to the unit, at larger γ within 5% + 2", async () => {
    const report = await quick("step-size-sweep");
    expect(claimsChecked(report)).toEqual(["C2", "C5", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const measured = times(report);
    const published = {
      "digits 1v8": [3016, 359, 285, 282, 290, 293],
      "digits 3v8": [278, 82, 83, 84, 87, 87],
      "digits 4v9": [281, 28, 17, 20, 18, 18],
    };
    for (const [data, counts] of Object.entries(published)) {
      const [one, ten, hundred, ...large] = ["1", "10", "100", "1e3", "1e4", "1e6"].map((gamma) =>
        Number(measured.get(`${data}: LR+GD, γ = ${gamma}`)),
      );
      expect([one, ten, hundred]).toEqual(counts.slice(0, 3));
      large.forEach((T, i) => {
        expect(Math.abs(T - counts[i + 3])).toBeLessThanOrEqual(0.05 * counts[i + 3] + 2);
      });
    }
    const limits = report.tables.find(({ id }) => id === "data")?.rows.map(({ limit }) => Number(limit));
    expect(limits).toEqual([expect.closeTo(0.64, 2), expect.closeTo(0.67, 2), expect.closeTo(0.76, 2)]);
  });

  test("equivalence with the batch perceptron", async () => {
    const report = await quick("equivalence");
    expect(claimsChecked(report)).toEqual(["C1", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const row = report.tables[0].rows.find(({ data }) => data === "digits 1v8");
    expect(row).toMatchObject({ gd: 293, perceptron: 293 });
  });

  test("hard sets: the counts of every method for n = 10 to 1e4", async () => {
    const report = await quick("factor-n");
    expect(claimsChecked(report)).toEqual(["C3", "C4", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const measured = times(report);
    const published = {
      "LR+GD, γ = 1e6": [3, 8, 26, 76, 251, 751, 2501],
      "LR+GD, γ = 10": [4, 15, 63, 222, 858, 2901, 10872],
      "normalized, β = 100": [3, 3, 3, 3, 3, 3, 3],
      "normalized, β = 1e6": [3, 3, 3, 3, 3, 3, 3],
      "normalized, β = 1": [8, 12, 16, 19, 22, 26, 29],
      "gradient-normalized, β = 1e6": [2, 2, 2, 2, 2, 2, 2],
      "online perceptron": [5, 5, 5, 5, 5, 5, 5],
    };
    const sizes = [10, 30, 100, 300, 1000, 3000, 10_000];
    for (const [method, counts] of Object.entries(published))
      expect(sizes.map((n) => measured.get(`hard set, n = ${n}: ${method}`))).toEqual(counts);
  });

  test("bounds: none is broken, and the summary of complexities has the published counts", async () => {
    const report = await quick("bounds");
    expect(claimsChecked(report)).toEqual(["C4", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const rows = report.tables.find(({ id }) => id === "complexity")?.rows ?? [];
    const counts = Object.fromEntries(rows.map(({ method, T0, T1 }) => [method, [T0, T1]]));
    expect(counts).toEqual({
      "LR+GD, γ = 1": [8578, 3016],
      "LR+GD, γ = 1e6": [251, 293],
      "batch perceptron": [251, 293],
      "normalized, β = 1": [22, 266],
      "normalized, β = 1e6": [3, 201],
      "normalized batch perceptron": [3, 201],
      "gradient-normalized, β = 1e6": [2, 457],
      "online perceptron": [5, 162],
    });
    expect(report.summary[1]).toContain(
      "Iterations on hard set, n = 1000 (R²/μ² = 10): 22 (normalized, β = 1), 3 (normalized, β = 1e6), 8,578 (LR+GD, γ = 1)",
    );
  });

  test("rare classes, and the control on which normalization does not help", async () => {
    const report = await quick("imbalanced");
    expect(claimsChecked(report)).toEqual(["C4"]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const measured = times(report);
    const counts = (data: string, method: string) =>
      ["1", "100"].map((step) => measured.get(`${data}: ${method} = ${step}`));
    expect(counts("digits 9:rest", "LR+GD, γ")).toEqual([3303, 262]);
    expect(counts("digits 9:rest", "normalized, β")).toEqual([21, 25]);
    expect(counts("digits 4v9", "LR+GD, γ")).toEqual([281, 17]);
    expect(counts("digits 4v9", "normalized, β")[1]).toBe(31);
    const complexity = report.tables
      .find(({ id }) => id === "data")
      ?.rows.map((row) => Number(row.complexity));
    expect(complexity?.[0]).toBeCloseTo(200, -1);
  });
});

test("bounds, interrupted after stage 12, resume to the report of an uninterrupted run", async () => {
  const { whole, resumed } = await wholeAndResumed("bounds", 12);
  expect(resumed).toStrictEqual(whole);
});

test("the seed changes the random sets and nothing else", async () => {
  const [one, two] = [await quick("bounds"), await complete("bounds", { set: { sets: 3 }, seed: 2 })];
  expect(two.series.time["online perceptron"]).not.toEqual(one.series.time["online perceptron"].slice(0, 3));
  const counts = (report: RunReport) => report.tables[0].rows.map(({ T0, T1 }) => [T0, T1]);
  expect(counts(two)).toEqual(counts(one));
});

test.each(["step-size-sweep", "imbalanced"])(
  "the full profile of %s says which file it lacks",
  async (id) => {
    vi.stubEnv("GRADUS_DATA_DIR", "");
    await expect(complete(id, { profile: "full" })).rejects.toThrow("mnist-t10k-images-idx3-ubyte.gz");
    vi.unstubAllEnvs();
  },
);

test("an aborted run rejects with the signal's reason", async () => {
  const signal = AbortSignal.abort(new Error("closed"));
  await expect(complete("factor-n", { signal })).rejects.toThrow("closed");
});
