import { describe, expect, test } from "vitest";
import { papers } from "../index.ts";
import { claimsChecked, expectDescribed, expectDrawable, failed, paperRuns } from "../paper-testing.ts";
import type { RunReport } from "../run.ts";
import { dynamicalStability as paper } from "./paper.ts";

const { complete, quick } = paperRuns(paper);
const rowsOf = ({ tables }: RunReport, id = "runs") => tables.find((table) => table.id === id)?.rows ?? [];

/** The figures of a column for the runs of a method and a learning rate. */
function figures(report: RunReport, key: string, method: string, rate: number): number[] {
  return rowsOf(report)
    .filter((row) => row.method === method && row.rate === rate)
    .map((row) => Number(row[key]));
}

/** Figures of other seeds scatter: all of ours lie within a factor of the range that another implementation found. */
function expectNear(measured: readonly number[], [least, most]: readonly [number, number], factor: number) {
  expect(measured.length).toBeGreaterThan(0);
  for (const value of measured) {
    expect(value).toBeGreaterThan(least / factor);
    expect(value).toBeLessThan(most * factor);
  }
}

test("the paper is listed, and says of each experiment what the experiment says of itself", async () => {
  expect(papers).toContain(paper);
  await expectDescribed(paper);
});

test.each(paper.experiments)(
  "$id: every check of the quick profile holds, and every plot draws",
  async ({ id, claims }) => {
    const report = await quick(id);
    expect(claimsChecked(report).filter((claim) => claim !== null)).toEqual([...claims].sort());
    expect(failed(report)).toEqual([]);
    expectDrawable(report, { most: 500 });
    expect(report.summary.length).toBeGreaterThan(0);
  },
  120_000,
);

describe("beside an independent implementation's figures, on its own random numbers", () => {
  test("diagonal networks: trace and test error", async () => {
    const report = await quick("diagonal-network");
    const of = (key: string, method: string, rate: number) => figures(report, key, method, rate);
    expectNear(of("trace", "SGD", 0.004), [274, 347], 1.2);
    expectNear(of("trace", "SGD", 0.008), [196, 210], 1.2);
    expectNear(of("trace", "SGD", 0.016), [60, 71], 1.3);
    expectNear(of("trace", "SGD", 0.032), [14, 21], 1.5);
    expectNear(of("trace", "SGD", 0.064), [6.3, 7.1], 1.3);
    for (const rate of [0.004, 0.032, 0.064]) {
      expectNear(of("trace", "GD", rate), [256, 363], 1.2);
      expectNear(of("error", "GD", rate), [20, 49], 1.4);
    }
    expectNear(of("error", "SGD", 0.004), [23, 44], 1.4);
    expectNear(of("error", "SGD", 0.016), [2.4, 3.7], 1.5);
  });

  test("ReLU networks: where SGD and gradient descent end, and their path norms", async () => {
    const report = await quick("relu-network");
    const of = (key: string, method: string, rate: number) => figures(report, key, method, rate);
    expectNear(of("traceShare", "SGD", 0.008), [0.81, 0.91], 1.05);
    expectNear(of("traceShare", "SGD", 0.016), [0.83, 0.9], 1.05);
    expectNear(of("traceShare", "SGD", 0.032), [0.76, 0.81], 1.1);
    for (const rate of [0.008, 0.016, 0.032]) expectNear(of("margin", "SGD", rate), [0.97, 1.03], 1.03);
    expectNear(of("norm", "SGD", 0.008), [40, 42], 1.1);
    expectNear(of("norm", "SGD", 0.016), [14, 18], 1.2);
    expectNear(of("norm", "SGD", 0.032), [8.5, 10.2], 1.2);
    expectNear(of("edgeShare", "GD", 0.064), [0.955, 0.96], 1.02);
    expectNear(of("edgeShare", "GD", 0.1), [0.93, 0.93], 1.02);
    expectNear(of("edgeShare", "GD", 0.14), [0.89, 0.91], 1.02);
    for (const rate of [0.064, 0.1, 0.14]) expectNear(of("traceShare", "GD", rate), [7.8, 11.6], 1.1);
  });

  test("batches: the exact threshold stays, trace and largest eigenvalue grow", async () => {
    const rows = rowsOf(await quick("batch-sizes"));
    const of = (key: string, B: number) => rows.filter((row) => row.B === B).map((row) => Number(row[key]));
    expectNear(of("trace", 1), [0.85, 0.85], 1.1);
    expectNear(of("trace", 16), [4.6, 4.6], 1.25);
    expectNear(of("edge", 1), [0.25, 0.25], 1.25);
    expectNear(of("edge", 16), [0.98, 0.98], 1.05);
  });
});

test("a signal ends a run with its reason", async () => {
  const signal = AbortSignal.abort(new Error("closed"));
  await expect(complete("batch-sizes", { signal })).rejects.toThrow("closed");
});
