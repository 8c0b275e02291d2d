import { blockLeastSquares } from "gradus/optimize";
import { expect, test } from "vitest";
import type { ExperimentEvent } from "../experiment.ts";
import { decadesByRule, followRule, median, type RuleRun, seedsFrom } from "./follow.ts";
import { acceleration } from "./superlinear.ts";

test("a run tells its gap, decades, work and when it met the target", async () => {
  // f = (x_1 - 3)^2 / 2 + (x_2 - 1)^2 / 2, one coordinate a step: 5, 0.5, 0
  const problem = blockLeastSquares({ rows: 2, columns: 2, values: Float64Array.of(1, 0, 0, 1) }, [3, 1]);
  const run = followRule(
    problem,
    { label: "gs", options: { blockSize: 1, select: "gs", update: "gradient" } },
    {
      iterations: 3,
      gap: ({ value }) => value,
      target: 0.1,
      plots: { iterations: "a", flops: "b" },
      signal: new AbortController().signal,
    },
  );
  const events: ExperimentEvent[] = [];
  let next = await run.next();
  for (; !next.done; next = await run.next()) events.push(next.value);
  expect(next.value).toMatchObject({
    label: "gs",
    iterations: 3,
    gap: 0,
    decades: -18,
    toTarget: 1,
    blockSize: 1,
  });
  expect(events[0]).toEqual({
    kind: "points",
    plot: "a",
    series: "gs",
    points: [
      { x: 0, y: 5 },
      { x: 1, y: 0.5 },
    ],
  });
});

test("decades are compared seed by seed", () => {
  const run = (label: string, decades: number): RuleRun => ({
    label,
    decades,
    iterations: 1,
    gap: 1,
    toTarget: null,
    flops: 1,
    seconds: 1,
    blockSize: 1,
  });
  const all = decadesByRule();
  for (const [a, b] of [
    [-3, -1],
    [-5, -4],
    [-2, -1.5],
  ]) {
    all.add(run("a", a));
    all.add(run("b", b));
  }
  expect(all.worst("a", "b")).toBe(-0.5);
  expect(all.median("a")).toBe(-3);
  expect(() => all.of("c")).toThrow('no run of "c"');
});

test("medians, seeds from the default, acceleration of the specification's gaps", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(seedsFrom(1, 3)).toEqual([0, 1, 2]);
  // 35, 1.0, 7e-3, 5e-7: 2.15 then 4.15 decades
  expect(acceleration(Float64Array.of(35, 1, 7e-3, 5e-7, 1e-13))).toBeCloseTo(1.925, 2);
});
