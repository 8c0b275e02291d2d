import { workTimes } from "@gradus/graph";
import { parseCheckpoint, serializeCheckpoint } from "gradus/iterate";
import { describe, expect, test } from "vitest";
import type { ExperimentRun } from "../experiment.ts";
import { type FinishedParts, resumableParts } from "../resumable-parts.ts";
import { compiledByShape } from "./by-shape.ts";
import { orderedSizes } from "./ordered.ts";
import {
  blobProblem,
  clusteredRegression,
  clusterProblem,
  type NetworkProblem,
  parameterCount,
} from "./problems.ts";
import { compileDescent, compileSlope, type Descent, type DescentOptions } from "./training.ts";

const signal = new AbortController().signal;

describe("problems", () => {
  test("clusters without spread are their centers, of norm 2, with alternating targets", () => {
    const { x, y } = clusteredRegression({ clusters: 3, spread: 0, rows: 7, inputs: 5, seed: 1 });
    const row = (i: number) => Array.from(x.data.slice(5 * i, 5 * i + 5), Number);
    for (let i = 0; i < 7; i++) {
      expect(Math.hypot(...row(i))).toBeCloseTo(2, 12);
      expect(row(i)).toEqual(row(i % 3));
    }
    expect(Array.from(y.data, Number)).toEqual([1, -1, 1, 1, -1, 1, 1]);
  });

  test("have the published numbers of parameters", () => {
    const sizes = [5, 10, 20, 40, 80].map((h) =>
      parameterCount(clusterProblem(h, { clusters: 4, spread: 0.1, seed: 1 })),
    );
    expect(sizes).toEqual([111, 221, 441, 881, 1761]);
    const classifiers = [
      [2, [10, 5], 177],
      [3, [20, 10], 463],
      [8, [10, 5], 213],
    ] as const;
    for (const [classes, hidden, size] of classifiers)
      expect(
        parameterCount(blobProblem({ rows: 20, inputs: 10, classes, hidden, activation: "relu", seed: 1 })),
      ).toBe(size);
  });

  test("of blobs are standardized over all rows drawn", () => {
    const { data } = blobProblem({
      rows: 500,
      inputs: 2,
      classes: 3,
      hidden: [4],
      activation: "relu",
      seed: 2,
    });
    expect([data.x.shape, data.y.shape]).toEqual([[500, 2], [500]]);
    const squares = Array.from(data.x.data, Number).reduce((sum, value) => sum + value ** 2, 0);
    expect(Math.abs(squares / 1000 - 1)).toBeLessThan(0.1); // half of the rows
    expect(new Set(Array.from(data.y.data, Number))).toEqual(new Set([0, 1, 2]));
  });
});

async function ended<T>(run: ExperimentRun<T>): Promise<T> {
  for (;;) {
    const next = await run.next();
    if (next.done) return next.value;
  }
}

/** A run of descent to its end, under a driver of its own. */
const descend = (
  descent: Descent,
  problem: NetworkProblem,
  options: Omit<DescentOptions, "signal" | "resumable">,
  parts = resumableParts(undefined, Number.POSITIVE_INFINITY),
) => ended(descent.run(problem, { ...options, signal, resumable: parts.resumable }));

describe("gradient descent", () => {
  const problem = clusterProblem(3, { clusters: 2, spread: 0.1, rows: 20, inputs: 4, seed: 1 });

  test("goes down to the gradient asked for, and tells it", async () => {
    const options = { steps: 2000, every: 10 };
    using descent = await compileDescent(problem, 0.05);
    const { parameters, steps, loss, gradientNorm } = await descend(descent, problem, {
      ...options,
      gradientTolerance: 0.01,
    });
    expect(gradientNorm).toBeLessThanOrEqual(0.01);
    expect(steps).toBeLessThan(2000);
    const before = await descend(descent, problem, { ...options, steps: steps - 10 });
    expect(before.steps).toBe(steps - 10);
    expect(before.gradientNorm).toBeGreaterThan(0.01);
    expect(before.loss).toBeGreaterThan(loss);
    using slope = await compileSlope(problem);
    const at = await slope.run({ parameters, data: problem.data });
    expect(Number(at.loss.data[0])).toBe(loss);
  });

  test("goes on after a stored iterate, to the same bits", async () => {
    using descent = await compileDescent(problem, 0.05);
    const options = { steps: 300, every: 10 };
    const whole = await descend(descent, problem, options);
    const parts = resumableParts(undefined, 0);
    const interrupted = descent.run(problem, { ...options, signal, resumable: parts.resumable });
    for (let stored = 0; stored < 7; stored++) await interrupted.next();
    const text = serializeCheckpoint(parts.finished());
    await interrupted.return(undefined as never);
    const resume = parseCheckpoint(text) as FinishedParts;
    expect(Object.values(resume.methods ?? {}).map(({ iteration }) => iteration)).toEqual([6]);
    expect(await descend(descent, problem, options, resumableParts(resume, 0))).toEqual(whole);
  });
});

test("what is compiled serves all problems of one shape, to the same bits as when compiled for each", async () => {
  const like = { clusters: 2, spread: 0.1, rows: 20, inputs: 4 };
  const problems = [
    clusterProblem(3, { ...like, seed: 1 }),
    clusterProblem(3, { ...like, seed: 2 }),
    clusterProblem(4, { ...like, seed: 1 }),
  ];
  const options = { steps: 20 };
  const before = workTimes().programs;
  using descents = compiledByShape((problem) => compileDescent(problem, 0.05));
  const shared = [];
  for (const problem of problems) shared.push(await descend(await descents.of(problem), problem, options));
  const programs = workTimes().programs - before;
  for (const [i, problem] of problems.entries()) {
    using own = await compileDescent(problem, 0.05);
    expect(await descend(own, problem, options)).toEqual(shared[i]);
  }
  expect(workTimes().programs - before - programs).toBe((3 / 2) * programs);
});

test("a spectrum is drawn from the largest size down, each sign by itself, in a bounded number of points", () => {
  const { positive, negative } = orderedSizes(Float64Array.of(-3, 0, 2, 5, -0.5, 1e-20));
  expect(positive).toEqual([
    { x: 1, y: 5 },
    { x: 2, y: 2 },
  ]);
  expect(negative).toEqual([
    { x: 1, y: 3 },
    { x: 2, y: 0.5 },
  ]);
  const many = orderedSizes(Float64Array.from({ length: 2000 }, (_, i) => i + 1)).positive;
  expect(many.length).toBeLessThanOrEqual(150);
  expect(many[0]).toEqual({ x: 1, y: 2000 });
  expect(many[many.length - 1]).toEqual({ x: 2000, y: 1 });
});
