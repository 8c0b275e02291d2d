import { array, matmul } from "@gradus/graph";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectedCostLoss } from "../losses/expected-cost.ts";
import { binaryLogisticLoss } from "../losses/logistic.ts";
import { softmaxLoss } from "../losses/softmax.ts";
import { squaredLoss } from "../losses/squared.ts";
import { batchObjective } from "./batch-objective.ts";
import { innerArmijo } from "./inner/armijo.ts";
import { linearTargets } from "./linear-targets.ts";
import { targetSurrogate } from "./surrogate.ts";
import { targetLoss } from "./target-loss.ts";
import { targetProblem } from "./target-problem.ts";
import { random, smallNetwork, steps } from "./test-support.ts";
import { tracedTargets } from "./traced-targets.ts";

const labels = Array.from({ length: 64 }, (_, i) => (7 * i) % 3);
const losses = [
  targetLoss(squaredLoss, random(192, "y"), { outputs: 3 }),
  targetLoss(softmaxLoss(3), labels),
];

describe("a tanh network 5-16-3", () => {
  let network: Awaited<ReturnType<typeof smallNetwork>>;
  beforeAll(async () => {
    network = await smallNetwork(64, 3);
  });
  afterAll(() => network.traced.dispose());

  test.each([0, 1])(
    "loss %d: the surrogate is above the loss and touches it with its gradient",
    async (k) => {
      const { traced, inputs } = network;
      const problem = targetProblem(traced.on(inputs), losses[k]);
      const batch = await problem.at(0, traced.theta);
      const objective = batchObjective(batch);
      const eta = 1 / Number(problem.smoothness);
      const surrogate = await targetSurrogate(batch, traced.theta, { eta });
      const { value, gradient } = await objective.valueAndGradient(traced.theta);
      expect(Math.abs((await surrogate.value(traced.theta)) - value)).toBeLessThanOrEqual(1e-12);
      const slope = await surrogate.gradient(traced.theta);
      slope.forEach((entry, j) => {
        expect(Math.abs(entry - gradient[j])).toBeLessThanOrEqual(1e-10);
      });
      for (let trial = 0; trial < 20; trial++) {
        const theta = traced.theta.map(
          (entry, j) => entry + 0.2 * random(traced.dimension, `at ${trial}`)[j],
        );
        const gap = (await surrogate.value(theta)) - Number(await objective.value(theta));
        expect(gap).toBeGreaterThanOrEqual(-1e-10);
      }
    },
  );

  test("gradients agree with finite differences", async () => {
    const { traced, inputs } = network;
    const map = targetProblem(traced.on(inputs), losses[1]).at(0, traced.theta);
    const objective = batchObjective(await map);
    const { gradient } = await objective.valueAndGradient(traced.theta);
    const direction = random(traced.dimension, "direction");
    const at = async (t: number) =>
      Number(await objective.value(traced.theta.map((x, j) => x + t * direction[j])));
    const slope = ((await at(1e-5)) - (await at(-1e-5))) / 2e-5;
    expect(gradient.reduce((sum, g, j) => sum + g * direction[j], 0)).toBeCloseTo(slope, 7);
  });

  test.each(["armijo", "lbfgs", "gaussNewton"] as const)("%s: the loss never increases", async (inner) => {
    const { traced, inputs } = network;
    const problem = targetProblem(traced.on(inputs), losses[0]);
    const seen = await steps(problem, traced.theta, 8, { inner, innerSteps: 5 });
    const values = seen.slice(1).map(({ batchLoss }) => Number(batchLoss));
    for (let t = 1; t < values.length; t++) expect(values[t]).toBeLessThanOrEqual(values[t - 1] + 1e-12);
    expect(values.at(-1)).toBeLessThan(values[0] / 2);
  });

  test("any number of rows: batches of the traced model are rows of the whole", async () => {
    const { traced, inputs } = network;
    const model = traced.on(inputs);
    const all = await model.on().targets(traced.theta);
    const some = await model.on(Int32Array.of(5, 60)).targets(traced.theta);
    expect([...some]).toEqual(
      [...all.subarray(15, 18), ...all.subarray(180, 183)].map((z) => expect.closeTo(z, 12)),
    );
  });

  test("data that are not finite, and results that are not rows of targets", async () => {
    const { traced } = network;
    const wrong = random(10, "wrong");
    wrong[7] = Number.NaN;
    expect(() => traced.on(array(wrong, [2, 5]))).toThrow(/NaN in row 1, column 2/);
    await expect(
      tracedTargets({
        model: (w) => w,
        parameters: array(Float64Array.of(1, 2), [2, 1]),
        inputs: array(Float64Array.of(1, 2), [1, 2]),
      }),
    ).rejects.toThrow(/rows, outputs/);
  });
});

test("a traced linear model steps as the linear model does", async () => {
  const x = random(60, "x");
  const y = random(20, "y").map((value) => (value > 0 ? 1 : 0));
  const inputs = array(x, [20, 3]);
  using traced = await tracedTargets({
    model: (w, rows) => matmul(rows, w),
    parameters: array(new Float64Array(3), [3, 1]),
    inputs,
  });
  const loss = targetLoss(binaryLogisticLoss, y);
  const options = { inner: innerArmijo({ sufficientDecrease: 0.3 }), innerSteps: 7 };
  const batches = { batchSize: 6, seed: 4 };
  const graph = await steps(targetProblem(traced.on(inputs), loss, batches), traced.theta, 10, options);
  const host = linearTargets({ rows: 20, columns: 3, values: x });
  const linear = await steps(targetProblem(host, loss, batches), traced.theta, 10, options);
  linear.at(-1)?.theta.forEach((value, k) => {
    expect(graph.at(-1)?.theta[k]).toBeCloseTo(value, 9);
  });
});

test("the mirror form makes a policy pi e^(-eta cost), normalized", async () => {
  using traced = await tracedTargets({
    model: (logits, rows) => matmul(rows, logits),
    parameters: array(Float64Array.of(0.3, -0.2, 0.1), [1, 3]),
    inputs: array(Float64Array.of(1), [1, 1]),
  });
  const costs = [1, 2, 0.5];
  const problem = targetProblem(
    traced.on(array(Float64Array.of(1), [1, 1])),
    targetLoss(expectedCostLoss, costs, { outputs: 3 }),
  );
  const inner = innerArmijo({ gradientTolerance: 1e-10 });
  const [, once] = await steps(problem, traced.theta, 1, {
    proximal: "kl",
    eta: 0.7,
    inner,
    innerSteps: 2000,
  });
  const weights = costs.map((cost, k) => Math.exp(traced.theta[k] - 0.7 * cost));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const exponentials = Array.from(once.theta, Math.exp);
  const sum = exponentials.reduce((a, b) => a + b, 0);
  exponentials.forEach((value, k) => {
    expect(value / sum).toBeCloseTo(weights[k] / total, 6);
  });
});
