import { describe, expect, test } from "vitest";
import { papers } from "../index.ts";
import { claimsChecked, expectDescribed, expectDrawable, failed, paperRuns } from "../paper-testing.ts";
import { convexRelu as paper } from "./paper.ts";

const { quick } = paperRuns(paper);

test("the paper is listed, and says of each experiment what the experiment says of itself", async () => {
  expect(papers).toContain(paper);
  await expectDescribed(paper);
});

describe("quick runs, against the figures of an independent prototype", () => {
  test("global optimum: proved gaps, and descents that end above", { timeout: 300_000 }, async () => {
    const report = await quick("global-optimum");
    expect(claimsChecked(report)).toEqual(["C1", "C3"]);
    expectDrawable(report, { most: 400 });
    const measured = (label: RegExp) =>
      report.checks.find((one) => label.test(one.label))?.measured ?? Number.NaN;
    // the prototype solved 16 of 16 problems; 47% of its descents ended above on the problem that it tried
    expect(measured(/residual of 1e-9 within/)).toBeGreaterThanOrEqual(0.8);
    expect(measured(/lowest objective of descent/)).toBeGreaterThan(-1e-6);
    expect(measured(/share of descents/)).toBeGreaterThan(0.1);
  });

  test("sampling: within 7% of the optimum by 160 patterns and by 4000 directions", {
    timeout: 300_000,
  }, async () => {
    const report = await quick("sampling-quality");
    expect(claimsChecked(report)).toEqual(["C2", "C4", null]);
    expectDrawable(report);
    const ratio = (kind: string, count: number) =>
      Number(report.tables[0].rows.find((row) => row.kind === kind && row.count === count)?.ratio);
    // the prototype: 2.8% to 6.5%, and 4.9%
    expect(ratio("patterns", 160)).toBeLessThan(1.12);
    expect(ratio("directions", 4000)).toBeLessThan(1.12);
    expect(ratio("patterns", 5)).toBeGreaterThan(1.3);
  });

  test("two classes: right after five iterations, below Adam's objective after 200", {
    timeout: 300_000,
  }, async () => {
    const report = await quick("two-classes");
    expect(claimsChecked(report)).toEqual(["C3", null]);
    expectDrawable(report);
    const row = (method: string, step: number) =>
      report.tables[0].rows.find((one) => one.method === method && one.step === step);
    expect(Number(row("ADMM", 5)?.accuracy)).toBeGreaterThan(0.93);
    expect(Number(row("ADMM", 200)?.objective)).toBeLessThan(Number(row("Adam", 600)?.objective));
  });

  test("adversarial: robust training keeps most images, standard training loses them", {
    timeout: 300_000,
  }, async () => {
    const report = await quick("adversarial");
    expect(claimsChecked(report)).toEqual(["C5", null]);
    expectDrawable(report);
    const pgd = (method: string) => Number(report.tables[0].rows.find((row) => row.method === method)?.pgd);
    // the prototype: 0.86 to 0.87 against 0.31 to 0.47
    expect(pgd("convex, robust")).toBeGreaterThan(0.75);
    expect(pgd("convex, standard")).toBeLessThan(0.55);
  });

  test("iteration cost: the flops of each product, and both forms have the same solution", {
    timeout: 300_000,
  }, async () => {
    const report = await quick("iteration-cost");
    expect(claimsChecked(report)).toEqual(["C3", null]);
    expectDrawable(report);
    expect(failed(report)).toEqual([]);
    // per iteration: three pairs of products with X, three with N of the order d = 20, and two triangular solves
    for (const row of report.tables[0].rows) {
      const [n, P, d] = [Number(row.n), Number(row.patterns), 20];
      expect(row.flops).toBe(12 * P * n * d + 6 * P * d * d + 2 * n * n);
    }
  });
});
