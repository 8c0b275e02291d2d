import { expect, test } from "vitest";
import { parseCheckpoint, serializeCheckpoint } from "../iterate/checkpoint.ts";
import { meanSquaredError } from "../losses/traced/regression.ts";
import { batchNormalization, batchNormalizationParameters } from "../nn/batch-normalization.ts";
import { dense } from "../nn/dense.ts";
import { exponentialAveraging } from "./average-parameters.ts";
import { shuffledBatches } from "./batches.ts";
import type { TrainIterate } from "./contract.ts";
import { type EarlyStoppingState, stopEarly } from "./stop-early.ts";
import { networkLoss, optimizers, regression } from "./test-problem.ts";
import { compileTrainer } from "./train.ts";

const batches = shuffledBatches(23, { leftover: "batch" });
const evaluation = { data: regression("f64", 9).data, every: 2, batchSize: 4 };

async function collect<I>(method: AsyncIterable<I>): Promise<I[]> {
  const all: I[] = [];
  for await (const iterate of method) all.push(iterate);
  return all;
}

test.each(Object.entries(optimizers))(
  "%s resumes bit for bit from every iterate, through text, with average, metrics and shorter batches",
  async (_, optimizer) => {
    const { data, parameters } = regression("f64");
    using trainer = await compileTrainer({
      loss: networkLoss,
      parameters,
      data,
      optimizer: optimizer(),
      averaging: exponentialAveraging({ decay: 0.9 }),
      metrics: { loss: networkLoss },
      batchSize: 5,
    });
    const run = { epochs: 5, seed: 11, batches, evaluation };
    const straight = await collect(trainer.train(run));
    expect(straight).toHaveLength(6);
    for (const [i, iterate] of straight.entries()) {
      const resume = parseCheckpoint(serializeCheckpoint(iterate)) as typeof iterate;
      expect(await collect(trainer.train({ ...run, resume }))).toStrictEqual(straight.slice(i));
    }
  },
);

test("a model with running statistics resumes inside early stopping", async () => {
  const { data, parameters } = regression("f64");
  const normalization = batchNormalizationParameters(6, "f64");
  const all = { ...parameters, normalization: normalization.parameters };
  using trainer = await compileTrainer({
    loss: (p, batch, { modelState }) => {
      const { output, state } = batchNormalization(p.normalization, modelState, dense(p.hidden, batch.x));
      return { loss: meanSquaredError(dense(p.output, output), batch.y), modelState: state };
    },
    parameters: all,
    modelState: normalization.state,
    optimizer: optimizers.adam(),
    data,
    batchSize: 5,
  });
  const run = { seed: 4, batches };
  type Inner = TrainIterate<typeof all, typeof normalization.state>;
  const stopped = (resume?: { readonly state: EarlyStoppingState<Inner> }) =>
    stopEarly<Inner>(trainer.train({ ...run, resume: resume?.state.method }), {
      monitor: ({ loss }) => loss,
      patience: 1,
      resume,
    });
  const straight = await collect(stopped());
  expect(straight.length).toBeGreaterThan(3);
  const last = straight.at(-1)!;
  expect(last.stoppedEarly).toBe(true);
  expect(last.best?.iterate.parameters).toStrictEqual(straight.at(-2)!.parameters);
  const resume = parseCheckpoint(serializeCheckpoint(straight[2])) as (typeof straight)[2];
  expect(await collect(stopped(resume))).toStrictEqual(straight.slice(2));
});
