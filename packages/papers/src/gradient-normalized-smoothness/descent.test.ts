import { quadratic } from "gradus/objectives";
import { gnsNewton, gradientMethod } from "gradus/optimize";
import { randomStream } from "gradus/random";
import { describe, expect, test } from "vitest";
import type { ExperimentEvent } from "../experiment.ts";
import { resumableParts } from "../resumable-parts.ts";
import {
  costCheck,
  type Descent,
  type FollowOptions,
  firstBelow,
  follow,
  iterationsTo,
  type Start,
  spanRatio,
  valuesPerStep,
} from "./descent.ts";
import { gramMetric, logSumExpProblem, residualProblem, separableRows } from "./problems.ts";

const objective = quadratic({ rows: 2, columns: 2, values: Float64Array.of(1, 0, 0, 4) });
const x0 = Float64Array.of(1, 1);
const descend: Start = (resume) => gradientMethod(objective, x0, { adaptive: false, smoothness: 4, resume });

async function complete(start: Start, options: FollowOptions): Promise<[Descent, ExperimentEvent[]]> {
  const { resumable } = resumableParts(undefined, Number.POSITIVE_INFINITY);
  const run = follow(resumable, start, options);
  const events: ExperimentEvent[] = [];
  for (;;) {
    const next = await run.next();
    if (next.done) return [next.value, events];
    events.push(next.value);
  }
}

describe("follow", () => {
  // x_k = ((3/4)^k, 0) from k = 1 on, ||g|| = (3/4)^k, f = (3/4)^(2k) / 2
  test("stops at a gap, a gradient norm or an iteration, and says whether the target was met", async () => {
    const [byGap] = await complete(descend, { gap: 0.1, maxIterations: 100 });
    expect(byGap).toMatchObject({ iterations: 3, reached: true });
    const [byNorm] = await complete(descend, { gradientNorm: 0.1, maxIterations: 100 });
    expect(byNorm).toMatchObject({ iterations: 9, reached: true });
    expect(byNorm.gradientNorm).toBe(byNorm.gradientNorms[9]);
    expect(firstBelow(byNorm.gradientNorms, 0.5)).toBe(3);
    expect(firstBelow(byNorm.gradientNorms, 1e-9)).toBeNull();
    const [short] = await complete(descend, { gap: 1e-9, maxIterations: 4 });
    expect(short).toMatchObject({ iterations: 4, reached: false });
    expect(iterationsTo(short)).toBe(Number.POSITIVE_INFINITY);
    const [flat] = await complete(descend, { gap: 1e-30, gradientNorm: 0.1, maxIterations: 100 });
    expect(flat).toMatchObject({ iterations: 9, reached: false });
  });

  test("draws the gap, the gradient norm and gamma under the series' name", async () => {
    const [, events] = await complete(descend, {
      maxIterations: 2,
      series: "s",
      plots: { gap: "a", gradientNorm: "b", gamma: "c" },
    });
    const points = events.flatMap((event) => (event.kind === "points" ? [event] : []));
    expect(points.every(({ series }) => series === "s")).toBe(true);
    const drawn = (plot: string) =>
      points.filter((event) => event.plot === plot).flatMap((event) => event.points);
    expect(drawn("a")).toEqual([
      { x: 1, y: 0.75 ** 2 / 2 },
      { x: 2, y: 0.75 ** 4 / 2 },
    ]);
    expect(drawn("b")).toEqual([
      { x: 1, y: 0.75 },
      { x: 2, y: 0.75 ** 2 },
    ]);
    expect(drawn("c").map(({ x }) => x)).toEqual([0, 1]);
  });
});

test("a linear rate takes as long for a span as for the one before; what is not reached takes forever", () => {
  expect(spanRatio(3, 8, 13)).toBe(1);
  expect(spanRatio(3, 8, 23)).toBe(3);
  expect(spanRatio(3, 8, null)).toBe(Number.POSITIVE_INFINITY);
});

test("a run that wasted trials fails the check of the cost", async () => {
  const [thrifty] = await complete((resume) => gnsNewton(objective, x0, { resume }), {
    gradientNorm: 1e-8,
    maxIterations: 50,
  });
  const perStep = valuesPerStep(thrifty);
  expect(costCheck("quadratics", [perStep])).toMatchObject({ claim: null, held: true });
  const wasteful = valuesPerStep({ ...thrifty, evaluations: 3 * thrifty.iterations + 20 });
  expect(costCheck("quadratics", [perStep, wasteful]).held).toBe(false);
});

describe("problems", () => {
  test("log-sum-exp has its minimum at 0", () => {
    const { objective: f, optimum } = logSumExpProblem(30, 0.25, randomStream(3));
    expect(Math.hypot(...f.gradient(new Float64Array(30)))).toBeLessThan(1e-14);
    const away = randomStream(4).fillNormal(new Float64Array(30));
    expect(f.value(away)).toBeGreaterThan(optimum);
  });

  test("residuals can be 0, and the metric is A^T A + 1e-8 I", () => {
    const { metric } = residualProblem(5, 4, randomStream(3));
    expect(metric.dimension).toBe(10);
    const { values } = gramMetric({ rows: 1, columns: 2, values: Float64Array.of(2, 3) });
    expect([...values]).toEqual([4 + 1e-8, 6, 6, 9 + 1e-8]);
  });

  test("separable rows are separable, with a margin of 1/2 along the plane's normal", () => {
    const { A, y } = separableRows(40, randomStream(3));
    const normal = randomStream(3).fillNormal(new Float64Array(20)); // the first draws make the plane
    const length = Math.hypot(...normal);
    for (let i = 0; i < 40; i++) {
      let side = 0;
      for (let j = 0; j < 20; j++) side += (normal[j] / length) * A.values[20 * i + j];
      expect(y[i] * side).toBeGreaterThanOrEqual(0.5);
    }
  });
});
