import { array, floatData, mean, mul, square, sub, type Tensor } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { adam } from "../adam.ts";
import { heavyBall, sgd } from "../sgd.ts";
import { networkLoss, optimizers, regression } from "../test-problem.ts";
import { compileTrainer, train } from "../train.ts";
import { adaptiveBatchSize } from "./adaptive-batch-size.ts";
import { compileBatchSizeTrainer } from "./batch-size-trainer.ts";
import { coordinateNormTest } from "./coordinate-norm-test.ts";
import { normTest } from "./norm-test.ts";
import { constantBatchSize } from "./planned-batch-sizes.ts";

const problem = regression("f64", 40);
const policy = adaptiveBatchSize({ test: normTest({ eta: 0.4 }), initial: 2, maximum: 40 });

describe.each(Object.entries(optimizers))("train with a batch-size policy: %s", (_, optimizer) => {
  test("batches grow, an epoch is as many rows as the data have, and a run resumes bit for bit", async () => {
    using trainer = await compileTrainer({
      loss: networkLoss,
      ...problem,
      optimizer: optimizer(),
      batchSize: policy,
      metrics: { loss: networkLoss },
    });
    const evaluation = { data: problem.data, every: 2 };
    const iterates = [];
    for await (const iterate of trainer.train({ epochs: 6, seed: 3, evaluation })) iterates.push(iterate);
    expect(iterates.map(({ epoch }) => epoch)).toStrictEqual([0, 1, 2, 3, 4, 5, 6]);
    const sizes = iterates.map(({ batchSize }) => batchSize ?? 0);
    expect(sizes).toStrictEqual([...sizes].sort((a, b) => a - b));
    expect(sizes.at(-1)).toBeGreaterThan(2);
    for (const { epoch, samples } of iterates) {
      expect(samples).toBeGreaterThanOrEqual(40 * epoch);
      expect(samples).toBeLessThan(40 * epoch + 40);
    }
    expect(iterates.map(({ metrics }) => metrics !== undefined)).toStrictEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
    expect(iterates[6].metrics!.loss).toBeLessThan(iterates[0].metrics!.loss);
    const resumed = await solve(trainer.train({ epochs: 6, seed: 3, evaluation, resume: iterates[2] }));
    expect(resumed.iterate.state).toStrictEqual(iterates[6].state);
  });
});

test("a policy of one size takes the steps of SGD that plain arithmetic takes", async () => {
  using trainer = await compileBatchSizeTrainer({
    loss: networkLoss,
    ...problem,
    optimizer: sgd({ learningRate: 0.1 }),
  });
  // Full batches have no order that matters.
  const { iterate } = await solve(trainer.train({ batchSize: constantBatchSize(40), samples: 120 }));
  const fused = await solve(
    train({
      loss: networkLoss,
      ...problem,
      optimizer: sgd({ learningRate: 0.1 }),
      batchSize: "full",
      epochs: 3,
    }),
  );
  expect(iterate).toMatchObject({ steps: 3, samples: 120, batchSize: 40, verdict: undefined });
  const expected = floatData(fused.iterate.parameters.hidden.weights);
  floatData(iterate.parameters.hidden.weights).forEach((w, i) => {
    expect(w).toBeCloseTo(expected[i], 12);
  });
});

test("settings, parts of batches and data of another size go into the same trainer", async () => {
  const make = (microBatch?: number) =>
    compileBatchSizeTrainer({
      loss: networkLoss,
      ...problem,
      optimizer: ({ rate }: { rate: Tensor }) => heavyBall({ learningRate: rate }),
      settings: { rate: 0.05 },
      microBatch,
    });
  using whole = await make();
  using parts = await make(3);
  const run = {
    batchSize: policy,
    samples: 200,
    seed: 1,
    settings: { rate: 0.02 },
    data: regression("f64", 60).data,
  };
  const [a, b] = [(await solve(whole.train(run))).iterate, (await solve(parts.train(run))).iterate];
  expect(b.steps).toBe(a.steps);
  expect(b.loss).toBeCloseTo(a.loss!, 10);
});

test("a test sees the same of a batch that is taken whole and of one in parts, its coordinates included", async () => {
  const test = coordinateNormTest({ eta: 0.7, floor: 0.1 });
  const batchSize = adaptiveBatchSize({ test, initial: 7, maximum: 40 });
  const measured = async (microBatch?: number) => {
    const optimizer = sgd({ learningRate: 0.1 });
    using trainer = await compileBatchSizeTrainer({ loss: networkLoss, ...problem, optimizer, microBatch });
    const found: number[] = [];
    for await (const step of trainer.train({ batchSize, seed: 2, samples: 60 }))
      if (step.iteration > 0) found.push(step.batchSize, step.gradientNorm ?? 0, step.ratio ?? -1);
    return found;
  };
  const [whole, parts] = [await measured(), await measured(3)];
  expect(whole.length).toBeGreaterThan(3);
  expect(whole[2]).toBeGreaterThan(0);
  expect(parts).toHaveLength(whole.length);
  parts.forEach((value, i) => {
    expect(value).toBeCloseTo(whole[i], 9);
  });
});

test("a parameter that is no longer finite is named, whether its batch is taken whole or in parts", async () => {
  for (const microBatch of [undefined, 3]) {
    // Linear in its parameter, so that the loss and its gradient stay finite.
    using trainer = await compileBatchSizeTrainer({
      loss: (p: { readonly w: Tensor }, { x }: { readonly x: Tensor }) => mean(mul(x, p.w)),
      parameters: { w: array(Float64Array.of(1), []) },
      data: { x: array(new Float64Array(6).fill(2), [6]) },
      optimizer: sgd({ learningRate: 1e308 }),
      microBatch,
    });
    await expect(solve(trainer.train({ batchSize: 6, samples: 60 }))).rejects.toThrow(
      /parameters\.w became -Infinity in element 0 at step 1; the last finite loss was none/,
    );
  }
});

test("what a policy cannot train is refused by name", async () => {
  const options = { loss: networkLoss, ...problem, optimizer: adam({ learningRate: 0.01 }) };
  const tooLarge = adaptiveBatchSize({ test: normTest({ eta: 0.4 }), initial: 2, maximum: 41 });
  await expect(solve(train({ ...options, batchSize: tooLarge, epochs: 1 }))).rejects.toThrow(
    /at most the 40 rows .* got 41/,
  );
  await expect(solve(train({ ...options, batchSize: policy, modelState: {}, epochs: 1 }))).rejects.toThrow(
    /without modelState/,
  );
  const batches = () => new Int32Array(0);
  await expect(solve(train({ ...options, batchSize: policy, batches, epochs: 1 }))).rejects.toThrow(
    /batches:/,
  );
  const wild = { ...options, optimizer: sgd({ learningRate: 1e200 }), batchSize: policy, epochs: 9 };
  await expect(solve(train(wild))).rejects.toThrow(
    /(became|has loss) .* at step \d+; the last finite loss was/,
  );
});

test("first batches without a gradient do not end training before its epochs", async () => {
  // From w = 0 only the last of 64 rows has a gradient.
  const data = { y: array(Float64Array.from({ length: 64 }, (_, i) => (i === 63 ? 1 : 0))) };
  const run = train({
    data,
    parameters: { w: array(Float64Array.of(0), [1]) },
    loss: (p: { w: Tensor }, batch: { y: Tensor }) => mean(square(sub(p.w, batch.y))),
    optimizer: sgd({ learningRate: 0.1 }),
    batchSize: adaptiveBatchSize({ test: normTest({ eta: 0.5 }), initial: 2, maximum: 64 }),
    epochs: 6,
    seed: 1,
  });
  const epochs = [];
  for await (const { epoch, samples } of run) epochs.push({ epoch, full: samples >= 64 * epoch });
  expect(epochs).toStrictEqual([0, 1, 2, 3, 4, 5, 6].map((epoch) => ({ epoch, full: true })));
});
