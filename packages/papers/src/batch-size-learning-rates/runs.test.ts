import { floatData } from "@gradus/graph";
import { solve } from "gradus/iterate";
import { adam, compileTrainer, heavyBall } from "gradus/train";
import { expect, test } from "vitest";
import { momentumSgd, plainAdam } from "./optimizers.ts";
import { digitsProblem } from "./problems.ts";
import { batchPlan, compileRuns, parametersOf } from "./runs.ts";

const batchSize = 16;
const steps = 40;

test.each([
  ["SGD with momentum", momentumSgd, () => heavyBall({ learningRate: 0.05, momentum: 0.8 }), 0.05, 0.8],
  ["Adam", plainAdam, () => adam({ learningRate: 0.01 }), 0.01, 0],
])("runs side by side are those of the trainer, one by one: %s", async (_, rated, fixed, rate, momentum) => {
  const problem = await digitsProblem();
  using runs = await compileRuns(problem, rated);
  const plans = [1, 2].map((seed) => batchPlan(seed, problem.rows, { batchSize, steps }));
  const { runs: after, losses } = await runs.run(runs.start([problem.start(1), problem.start(2)]), {
    plans,
    batchSize,
    rates: [rate, rate / 2],
    momenta: [momentum, momentum],
  });
  using trainer = await compileTrainer({
    loss: problem.loss,
    parameters: problem.start(1),
    data: problem.data,
    optimizer: fixed(),
    batchSize,
  });
  const { iterate } = await solve(trainer.train({ epochs: 1, batches: () => plans[0] }));
  const [ours, theirs] = [parametersOf(after, problem.start(1), 0), iterate.parameters];
  const weights = floatData(theirs.layers[0].weights);
  floatData(ours.layers[0].weights).forEach((w, i) => {
    expect(Math.abs(w - weights[i])).toBeLessThan(1e-4);
  });
  expect(losses[0]).toBeLessThan(2.3);
  expect(losses[1]).not.toBe(losses[0]);
});

test("runs that go on from where they were end where those do that never stopped", async () => {
  const problem = await digitsProblem();
  using runs = await compileRuns(problem, momentumSgd);
  const plan = batchPlan(3, problem.rows, { batchSize, steps });
  const given = { batchSize, rates: [0.1], momenta: [0.5] };
  const start = runs.start([problem.start(3)]);
  const whole = await runs.run(start, { ...given, plans: [plan] });
  const half = await runs.run(start, { ...given, plans: [plan.subarray(0, 10 * batchSize)] });
  const rest = await runs.run(half.runs, { ...given, plans: [plan.subarray(10 * batchSize)] });
  expect(rest.losses).toEqual(whole.losses);
});
