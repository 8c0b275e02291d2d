import { expect, test } from "vitest";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { type Method, solve } from "../../iterate/iterate.ts";
import { norm2 } from "../../linalg/vector.ts";
import {
  type BilevelIterate,
  doubleLoopPenalty,
  powerSchedule,
  regularBilevelProblem,
  singleLoopPenalty,
} from "./index.ts";
import { noisy } from "./test-support.ts";

const family = regularBilevelProblem({ seed: 2 });
const { problem, start } = family;

const options = {
  sigma: powerSchedule(0.3, 1 / 5),
  innerStepSize: powerSchedule(0.2, 2 / 5),
  stepSize: powerSchedule(0.05, 3 / 5),
  proxParameter: 1,
  averaging: 0.5,
  seed: 4,
};
const momentum = (k: number) => Math.min(1, 0.3 * (1 + k / 10) ** -0.8);

test("momentum comes closer than without at equal steps", async () => {
  const tail = async (given: object) => {
    const sizes: number[] = [];
    const method = singleLoopPenalty(noisy(problem, 1), start, {
      ...options,
      ...given,
      stepsPerIterate: 5,
    });
    await solve(method, {
      maxIterations: 400,
      onIterate: ({ iteration, x }) => {
        if (iteration > 300) sizes.push(norm2(family.hypergradient(x)));
      },
    });
    return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  };
  expect(await tail({ momentum })).toBeLessThan(await tail({}));
});

test("counts gradients: twelve a step with momentum, 3 T + 3 M in the double loop", async () => {
  const single = singleLoopPenalty(noisy(problem, 0.1), start, { ...options, momentum: 0.5 });
  expect((await solve(single, { maxIterations: 10 })).iterate.oracleCalls).toBe(6 + 9 * 12);
  const double = doubleLoopPenalty(noisy(problem, 0.1), start, { ...options, innerSteps: 4, batchSize: 3 });
  expect((await solve(double, { maxIterations: 10 })).iterate.oracleCalls).toBe(10 * 21);
});

test.each(["single", "double"] as const)("the %s loop resumes bit for bit through text", async (loop) => {
  const begin = (resume?: { iteration: number; state: never }): Method<BilevelIterate> =>
    loop === "single"
      ? singleLoopPenalty(noisy(problem, 1), start, {
          ...options,
          momentum: 0.3,
          ...(resume && { resume }),
        })
      : doubleLoopPenalty(noisy(problem, 1), start, {
          ...options,
          batchSize: 2,
          ...(resume && { resume }),
        });
  const whole = await solve(begin(), { maxIterations: 12 });
  const half = await solve(begin(), { maxIterations: 5 });
  const resumed = await solve(begin(parseCheckpoint(serializeCheckpoint(half.iterate)) as never), {
    maxIterations: 12,
  });
  expect(resumed.iterate.state).toEqual(whole.iterate.state);
  expect(resumed.iterate.oracleCalls).toBe(whole.iterate.oracleCalls);
});

test("a sample that cannot be evaluated twice is refused", async () => {
  let calls = 0;
  const lower = {
    ...problem.lower,
    gradientY: (_x: Float64Array, y: Float64Array) => y.map((value) => value + ++calls),
  };
  const method = singleLoopPenalty({ ...problem, lower, stochastic: true }, start, options);
  await expect(solve(method, { maxIterations: 1 })).rejects.toThrow("must be the same for the same sample");
});
