import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveSelection } from "../experiments/select.ts";
import { papers } from "../fixture/papers.ts";
import { cellName, cellsOf, runName, type SweepPlan, sweepArguments, sweepId } from "./plan.ts";
import { readPlan } from "./read-plan.ts";

const plan: SweepPlan = {
  paper: "random-walks",
  experiment: "walk",
  profile: "quick",
  set: { noisy: false },
  grid: [
    { name: "steps", values: [10, 20] },
    { name: "marks", values: [[1, 2], [3]] },
  ],
  seeds: 3,
};

describe("a plan", () => {
  it("has every combination once, with the last parameter varying fastest", () => {
    expect(cellsOf(plan).map(cellName)).toEqual([
      "steps=10, marks=1,2",
      "steps=10, marks=3",
      "steps=20, marks=1,2",
      "steps=20, marks=3",
    ]);
    expect(cellsOf({ grid: [] })).toEqual([{}]);
    expect(runName({}, 4)).toBe("seed 4");
  });

  it("has the same id as equal plans, and no others", () => {
    const id = sweepId(plan);
    expect(id).toMatch(/^[0-9a-f]{10}$/);
    expect(sweepId({ ...plan, set: { noisy: false } })).toBe(id);
    expect(sweepId({ ...plan, set: { a: 1, b: 2 } })).toBe(sweepId({ ...plan, set: { b: 2, a: 1 } }));
    const others: SweepPlan[] = [
      { ...plan, seeds: 4 },
      { ...plan, profile: "full" },
      { ...plan, set: {} },
      { ...plan, grid: plan.grid.slice(1) },
      { ...plan, experiment: "fails" },
    ];
    expect(new Set([plan, ...others].map(sweepId)).size).toBe(others.length + 1);
  });

  it("can be read back from its command line", async () => {
    const distinct = <T>(values: fc.Arbitrary<T>) => fc.uniqueArray(values, { minLength: 1, maxLength: 4 });
    const axes = fc.record({
      steps: distinct(fc.integer({ min: 1, max: 10_000 })),
      drift: distinct(fc.double({ min: 0, max: 0.99, noNaN: true }).map((x) => x + 0)),
      mode: distinct(fc.constantFrom("plain", "squared")),
      marks: distinct(fc.integer({ min: 1, max: 99 })).map((values) => [values, [...values, 100]]),
    });
    const [target] = resolveSelection(papers, "walk").targets;
    await fc.assert(
      fc.asyncProperty(axes, fc.integer({ min: 1, max: 20 }), async (values, seeds) => {
        const grid = Object.entries(values).map(([name, list]) => ({ name, values: list }));
        const whole: SweepPlan = { ...plan, grid, seeds };
        const words = sweepArguments(whole);
        const after = (option: string) => words.filter((_, i) => words[i - 1] === option);
        const read = await readPlan(
          target,
          {
            profile: "quick",
            grid: after("--grid"),
            set: after("--set"),
            seeds: Number(after("--seeds")[0]),
          },
          80,
        );
        expect(read).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it("runs an experiment without randomness once", async () => {
    const [target] = resolveSelection(papers, "random-walks/fails").targets;
    const options = { profile: "quick", grid: [], set: [], seeds: 5 } as const;
    expect(await readPlan(target, options, 80)).toMatchObject({ experiment: "fails", seeds: 1 });
  });
});
