import { blockLeastSquares } from "gradus/optimize";
import { expect, test } from "vitest";
import type { ExperimentEvent } from "../experiment.ts";
import { type DataSet, followRule, leastLead, medianDecades } from "./follow.ts";
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
    first: 5,
    gap: 0,
    flops: expect.any(Number),
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

test("rules are compared data set by data set", () => {
  const run = (gap: number) => ({ gap, toTarget: null, flops: 1, blockSize: 1 });
  const sets: DataSet[] = [
    { name: "0", first: 10, runs: { a: run(1e-2), b: run(1) } },
    { name: "1", first: 1, runs: { a: run(0), b: run(1e-4) } },
    { name: "2", first: 1, runs: { a: run(0.02), b: run(0.06) } },
  ];
  expect(leastLead(sets, "a", "b")).toBeCloseTo(3, 10);
  expect(medianDecades(sets, "a")).toBeCloseTo(-3, 10);
  // what is below the rounding of the first gap counts as 1e-18 of it
  expect(leastLead(sets.slice(1, 2), "a", "b")).toBeCloseTo(1e14, -3);
  expect(() => medianDecades(sets, "c")).toThrow('no run of "c"');
});

test("acceleration of the specification's gaps", () => {
  // 35, 1.0, 7e-3, 5e-7: 2.15 then 4.15 decades
  expect(acceleration([35, 1, 7e-3, 5e-7, 1e-13])).toBeCloseTo(1.925, 2);
});
