import { type Check, check, criterion } from "@gradus/papers";
import { randomStream } from "gradus/random";
import { describe, expect, it } from "vitest";
import { formatEstimate, formatHeld } from "./format.ts";
import { commonCondition, halfWidth, summarize } from "./summarize.ts";

const height = (measured: number, label = "height", limit = 1): Check =>
  check("C1", label, measured, { atMost: limit }, criterion("one step"));

const grid = [{ name: "steps", values: [10, 20] }];
const run = (cell: number, seed: number, ...checks: Check[]) => ({
  cell,
  seed,
  outcome: { checks, elapsed: 1 },
});

describe("the interval of a mean", () => {
  it("is Student's: for 1 to 5, t = 2.776445 with 4 degrees of freedom times sqrt(2.5 / 5)", () => {
    expect(halfWidth([1, 2, 3, 4, 5])).toBeCloseTo(2.776445 * Math.sqrt(0.5), 6);
    // Two values: 12.7062 times half their distance.
    expect(halfWidth([1, 4])).toBeCloseTo(12.7062 * 1.5, 3);
    expect(halfWidth([2, 2, 2])).toBe(0);
  });

  it("does not exist for one value or infinite ones", () => {
    expect(halfWidth([3])).toBeUndefined();
    expect(halfWidth([3, Number.POSITIVE_INFINITY])).toBeUndefined();
  });

  it("covers the mean of a normal distribution in 95 of 100 samples", () => {
    const random = randomStream(7);
    const samples = 4000;
    let covered = 0;
    for (let i = 0; i < samples; i++) {
      const values = Array.from({ length: 4 }, () => 10 + 3 * random.normal());
      const center = values.reduce((sum, value) => sum + value, 0) / 4;
      if (Math.abs(center - 10) <= (halfWidth(values) ?? 0)) covered += 1;
    }
    // Within four standard deviations of the count.
    expect(Math.abs(covered / samples - 0.95)).toBeLessThan(4 * Math.sqrt((0.95 * 0.05) / samples));
  });
});

describe("a sweep's summary", () => {
  it("has a figure for each check and combination, from the finished runs only", () => {
    const [measure, ...others] = summarize({ grid }, [
      run(0, 1, height(0.5)),
      run(0, 2, height(1.5)),
      run(1, 1, height(2)),
      { cell: 1, seed: 2, outcome: null },
    ]);
    expect(others).toEqual([]);
    expect(measure).toMatchObject({
      claim: "C1",
      label: "height",
      cells: [
        { cell: { steps: 10 }, values: [0.5, 1.5], mean: 1, held: 1, thresholds: [1] },
        { cell: { steps: 20 }, values: [2], mean: 2, halfWidth: undefined, held: 0 },
      ],
    });
    expect(commonCondition(measure)).toBe("at most 1");
    expect(measure.cells.map(formatHeld)).toEqual(["1 of 2", "0 of 1"]);
  });

  it("matches checks whose labels contain a parameter, and distinguishes those with equal labels", () => {
    const measures = summarize({ grid }, [
      run(0, 1, height(1, "loss after 10 steps"), height(2, "norm"), height(3, "norm")),
      run(1, 1, height(4, "loss after 20 steps"), height(5, "norm"), height(6, "norm")),
    ]);
    expect(measures.map(({ cells }) => cells.map(({ mean }) => mean))).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
  });

  it("omits a condition that differs between combinations or seeds", () => {
    const [measure] = summarize({ grid }, [
      run(0, 1, height(1, "height", 1)),
      run(0, 2, height(1, "height", 2)),
      run(1, 1, height(1, "height", 3)),
    ]);
    expect(measure.cells.map(({ condition }) => condition)).toEqual([undefined, "at most 3"]);
    expect(commonCondition(measure)).toBeUndefined();
  });

  it("keeps infinite figures", () => {
    const [measure] = summarize({ grid: [] }, [
      run(0, 1, height(1)),
      run(0, 2, height(Number.POSITIVE_INFINITY)),
    ]);
    expect(measure.cells[0]).toMatchObject({ mean: Number.POSITIVE_INFINITY, halfWidth: undefined, held: 1 });
  });
});

it("rounds a mean to the digits that its interval determines", () => {
  const cases: [mean: number, halfWidth: number | undefined, text: string][] = [
    [0.34219, 0.0512, "0.342 ± 0.051"],
    [-12.3456, 3.21, "−12.3 ± 3.2"],
    [1234.5, 250, "1235 ± 250"],
    [0.5, undefined, "0.5"],
    [0.5, 0, "0.5 ± 0"],
    [2.5e-7, 1e-8, "2.5e-7 ± 1e-8"],
    [3, 1e-12, "3 ± 1e-12"],
  ];
  for (const [mean, half, text] of cases)
    expect(formatEstimate({ mean, halfWidth: half, thresholds: [] })).toBe(text);
});

it("rounds a mean without an interval as the page does, on its side of the condition", () => {
  const estimate = (mean: number, ...thresholds: number[]) =>
    formatEstimate({ mean, halfWidth: undefined, thresholds });
  expect([estimate(0.8671), estimate(157.24), estimate(0.8671, 1.2)]).toEqual(["0.867", "157", "0.867"]);
  expect([estimate(1.2049, 1.2), estimate(1.4962, 0, 1.5)]).toEqual(["1.205", "1.496"]);
  expect(formatEstimate({ mean: 54.345, halfWidth: 0, thresholds: [] })).toBe("54.3 ± 0");
});
