import { expect, test } from "vitest";
import { parseCheckpoint, serializeCheckpoint } from "../iterate/checkpoint.ts";
import { meanSquaredError } from "../losses/traced/regression.ts";
import { batchNormalization, batchNormalizationParameters } from "../nn/batch-normalization.ts";
import { dense } from "../nn/dense.ts";
import { exponentialAveraging } from "./average-parameters.ts";
import { adaptiveBatchSize } from "./batch-size/adaptive-batch-size.ts";
import { normTest } from "./batch-size/norm-test.ts";
import { shuffledBatches } from "./batches.ts";
import type { TrainIterate } from "./contract.ts";
import { sgd } from "./sgd.ts";
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

test.each(Object.entries(optimizers))(
  "%s stops within an epoch and resumes there bit for bit, to the iterates of whole epochs",
  async (_, optimizer) => {
    const { data, parameters } = regression("f64");
    using trainer = await compileTrainer({
      loss: networkLoss,
      parameters,
      data,
      optimizer: optimizer(),
      metrics: { loss: networkLoss },
      batchSize: 5,
    });
    const run = { epochs: 3, seed: 11, batches, evaluation };
    const straight = await collect(trainer.train(run));
    const parts = await collect(trainer.train({ ...run, stepsPerIterate: 2 }));
    // 23 rows in batches of 5: four whole batches and one of 3 rows.
    expect(parts.map(({ epoch, partial }) => [epoch, partial?.batches ?? 0])).toEqual(
      [0, 1, 2]
        .flatMap((epoch) => [
          [epoch, 0],
          [epoch, 2],
          [epoch, 4],
        ])
        .concat([[3, 0]]),
    );
    expect(parts[1].partial?.of).toBe(5);
    const shown = ({ iteration: _, state, ...rest }: (typeof parts)[number]) => {
      const { place: __, ...kept } = state;
      return { ...rest, state: kept };
    };
    const whole = parts.filter(({ partial }) => !partial);
    expect(whole.map(shown)).toStrictEqual(straight.map(shown));
    for (const [i, iterate] of parts.entries()) {
      const resume = parseCheckpoint(serializeCheckpoint(iterate)) as typeof iterate;
      expect(await collect(trainer.train({ ...run, stepsPerIterate: 2, resume }))).toStrictEqual(
        parts.slice(i),
      );
      // Steps in calls of other sizes, and whole epochs, end at the same numbers.
      for (const stepsPerIterate of [1, 3, undefined]) {
        const last = (await collect(trainer.train({ ...run, stepsPerIterate, resume }))).at(-1)!;
        expect(shown(last)).toStrictEqual(shown(straight[3]));
      }
    }
  },
);

test("a signal ends training within an epoch, and within an evaluation", async () => {
  const { data, parameters } = regression("f64");
  using trainer = await compileTrainer({
    loss: networkLoss,
    parameters,
    data,
    optimizer: optimizers.adam(),
    metrics: { loss: networkLoss },
    batchSize: 5,
  });
  const controller = new AbortController();
  const method = trainer.train({ stepsPerIterate: 1, signal: controller.signal });
  for (let i = 0; i < 3; i++) await method.next();
  controller.abort(new Error("enough"));
  await expect(method.next()).rejects.toThrow("enough");
  const stopped = trainer.train({ evaluation, signal: AbortSignal.abort(new Error("at once")) });
  await expect(stopped.next()).rejects.toThrow("at once");
});

test("refuses steps and epochs of an iterate together", async () => {
  const { data, parameters } = regression("f64");
  const options = { loss: networkLoss, parameters, data, optimizer: optimizers.adam(), batchSize: 5 };
  using trainer = await compileTrainer(options);
  expect(() => trainer.train({ stepsPerIterate: 0 })).toThrow(
    "stepsPerIterate must be a positive integer, got 0",
  );
  expect(() => trainer.train({ stepsPerIterate: 1, epochsPerIterate: 2 })).toThrow("cannot be combined");
  using chosen = await compileTrainer({
    ...options,
    batchSize: adaptiveBatchSize({ test: normTest({ eta: 0.5 }), initial: 4, maximum: 16 }),
  });
  expect(() => chosen.train({ stepsPerIterate: 1 })).toThrow("a batch-size policy takes whole epochs");
});

test("an iterate of another optimizer or of other parameters is named as what it is", async () => {
  const { data, parameters } = regression("f64");
  const options = { loss: networkLoss, parameters, data, batchSize: 5 };
  using adams = await compileTrainer({ ...options, optimizer: optimizers.adam() });
  const [, resume] = await collect(adams.train({ epochs: 1 }));
  using descent = await compileTrainer({ ...options, optimizer: sgd({ learningRate: 0.1 }) });
  await expect(collect(descent.train({ epochs: 2, resume }))).rejects.toThrow(
    "resume.state.optimizerState must be of the same optimizer",
  );
  const { output } = parameters;
  const wide = {
    ...resume.state,
    parameters: { ...parameters, output: { ...output, bias: output.weights } },
  };
  await expect(collect(adams.train({ epochs: 2, resume: { iteration: 1, state: wide } }))).rejects.toThrow(
    /^resume.state.parameters must be those of the model: output.bias f64\[\d\], got output.bias f64\[\d, \d\]/,
  );
});

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
