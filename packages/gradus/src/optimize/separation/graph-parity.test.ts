import {
  compile,
  div,
  f64,
  floatData,
  gradient,
  matmul,
  mean,
  mul,
  neg,
  repeat,
  sigmoid,
  softplus,
  sqrt,
  sub,
  sum,
  type Tensor,
} from "@gradus/graph";
import { expect, test } from "vitest";
import { gaussianWithMargin } from "../../data/generators/gaussian-with-margin.ts";
import { separationIterates } from "./separation-iterates.ts";

/** One step of a method, by differentiating the logistic loss f(theta) = mean(softplus(-y A theta)). */
const steps = {
  gd: (theta: Tensor, A: Tensor, y: Tensor, step: Tensor) =>
    sub(theta, mul(step, gradient(logisticLoss)(theta, A, y))),
  normalized: (theta: Tensor, A: Tensor, y: Tensor, step: Tensor) => {
    const share = mean(sigmoid(neg(margins(theta, A, y)))); // (1/n) sum p_i
    return sub(theta, mul(div(step, share), gradient(logisticLoss)(theta, A, y)));
  },
  "loss-normalized": (theta: Tensor, A: Tensor, y: Tensor, step: Tensor) =>
    sub(theta, mul(div(step, logisticLoss(theta, A, y)), gradient(logisticLoss)(theta, A, y))),
  "gradient-normalized": (theta: Tensor, A: Tensor, y: Tensor, step: Tensor) => {
    const g = gradient(logisticLoss)(theta, A, y);
    return sub(theta, mul(div(step, sqrt(sum(mul(g, g)))), g));
  },
} as const;

const margins = (theta: Tensor, A: Tensor, y: Tensor) => mul(y, matmul(A, theta));
const logisticLoss = (theta: Tensor, A: Tensor, y: Tensor) => mean(softplus(neg(margins(theta, A, y))));

const n = 40;
const d = 5;
const STEPS = 40;
const { x, y } = gaussianWithMargin({ n, d, margin: 0.1, seed: 12 });

// With larger steps the normalized path is chaotic: at step 20 a difference of 1e-13 grows threefold a step, so that no
// two orders of summation agree for long.
test.each([
  ["gd", 1],
  ["gd", 100],
  ["normalized", 1],
  ["normalized", 3],
  ["loss-normalized", 0.5],
  ["gradient-normalized", 2],
] as const)("%s with step %d: the differentiated graph goes the host's path", async (method, step) => {
  expect.hasAssertions();
  using program = await compile(
    ({ theta, A, y, step }) =>
      repeat(STEPS, theta, (carried) => {
        const next = steps[method](carried, A, y, step);
        return { carried: next, stacked: next };
      }).stacked,
    { theta: f64(d, 1), A: f64(n, d), y: f64(n, 1), step: f64() },
  );
  const path = floatData(
    await program.run({ theta: new Float64Array(d), A: x.values, y: Float64Array.from(y), step }),
  );
  for await (const iterate of separationIterates({ A: x.values, y, method, step, stop: "never" })) {
    const t = iterate.iteration;
    if (t > 0)
      iterate.theta().forEach((value, j) => {
        const other = path[(t - 1) * d + j];
        expect(Math.abs(value - other)).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(value)));
      });
    if (t === STEPS) break;
  }
});
