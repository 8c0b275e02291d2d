import { expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { type Method, solve } from "../../iterate/iterate.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { residualMlp } from "../../nn/models/residual-mlp.ts";
import { randomStream } from "../../random/stream.ts";
import { adam } from "../../train/adam.ts";
import { cosineDecay } from "../../train/schedules/cosine-decay.ts";
import { timeMlp } from "../networks/time-mlp.ts";
import { geometricBrownianProcess } from "../processes/brownian.ts";
import { variancePreservingProcess } from "../processes/variance-preserving.ts";
import { sample } from "./sample.ts";
import { type TrainDiffusionOptions, trainDiffusion } from "./train-diffusion.ts";

const stream = randomStream(4).split("points");
/** Two clusters of positive numbers, at 1 and 4, with a tenth of spread. */
const data = denseMatrix(
  Float64Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 1 : 4) * Math.exp(0.1 * stream.normal())),
  400,
  1,
);
const process = geometricBrownianProcess({ volatility: 1.5, startTime: 1e-3 });
const network = timeMlp({ inputs: 1, hidden: [32, 32] });
const options = {
  data,
  process,
  network,
  steps: 600,
  batchSize: 128,
  stepsPerIterate: 300,
  seed: 3,
  optimizer: adam({ learningRate: cosineDecay({ initial: 1e-2, counts: 600 }) }),
} as const;

async function last<I extends { iteration: number; state: unknown }>(method: Method<I>): Promise<I> {
  return (await solve(method)).iterate;
}

test("learns two clusters, and resumes bit for bit", async () => {
  const iterates = [];
  for await (const iterate of trainDiffusion(options)) iterates.push(iterate);
  expect(iterates.map(({ steps }) => steps)).toEqual([0, 300, 600]);
  expect(iterates[2].loss).toBeLessThan(Number(iterates[1].loss));
  const resumed = await last(
    trainDiffusion({ ...options, resume: structuredClone({ iteration: 1, state: iterates[1].state }) }),
  );
  expect(resumed.parameters).toEqual(iterates[2].parameters);
  expect(resumed.model.parameters).toEqual(iterates[2].model.parameters);

  const { samples } = await sample(resumed.model, {
    count: 2000,
    steps: 24,
    sampler: "probability-flow",
    seed: 1,
  });
  const near = (center: number) => samples.values.filter((x) => Math.abs(Math.log(x / center)) < 0.35).length;
  expect(near(1) + near(4)).toBeGreaterThan(1900);
  expect(Math.abs(near(1) / 2000 - 0.5)).toBeLessThan(0.08);
});

test("takes as many steps as asked for, where iterates do not divide them", async () => {
  const run = { ...options, steps: 250, stepsPerIterate: 100 };
  const iterates = [];
  for await (const iterate of trainDiffusion(run)) iterates.push(iterate);
  expect(iterates.map(({ steps }) => steps)).toEqual([0, 100, 200, 250]);
  const resumed = await last(trainDiffusion({ ...run, resume: iterates[2] }));
  expect(resumed.parameters).toEqual(iterates[3].parameters);
  expect((await last(trainDiffusion({ ...options, steps: 7, stepsPerIterate: undefined }))).steps).toBe(7);
});

test("every weight has the same minimizer: the loss of unit weight is larger by the mean of 1 / v", async () => {
  const at = async (more: Partial<TrainDiffusionOptions<never>>) => {
    const run = { ...options, ...more, steps: 1, stepsPerIterate: 1, batchSize: 400, levels: 1 };
    return Number((await last(trainDiffusion(run as typeof options))).loss);
  };
  const epsilon = await at({});
  const t = Math.sqrt(process.startTime * process.endTime);
  const v = process.variance(t);
  expect((await at({ weight: "unit" })) / epsilon).toBeCloseTo(1 / v, 2);
  expect((await at({ weight: "authors" })) / epsilon).toBeCloseTo(v, 4);
  expect((await at({ weight: (time) => 3 * process.variance(time) })) / epsilon).toBeCloseTo(3, 4);
});

test("other networks and processes of other scales train as well", async () => {
  const iterate = await last(
    trainDiffusion({
      ...options,
      steps: 50,
      stepsPerIterate: 50,
      process: variancePreservingProcess(),
      network: residualMlp({ inputs: 1, width: 16, blocks: 1, outputs: 1, time: { features: 8 } }),
      times: "uniform",
    }),
  );
  expect(iterate.loss).toBeLessThan(1.5);
});

test("options and data that do not fit are refused", async () => {
  const refused = async (more: object, message: string | RegExp, of = ArgumentError) => {
    const first = trainDiffusion({ ...options, ...more }).next();
    await expect(first).rejects.toThrow(message);
    await expect(first).rejects.toBeInstanceOf(of);
  };
  await refused({ steps: 0 }, "steps must be a positive integer, got 0");
  await refused({ process: undefined }, "process must be a forward process, such as");
  await refused({ network: undefined }, "network must have functions parameters and apply, as timeMlp");
  await refused({ epochs: 3 }, 'trainDiffusion has no option "epochs"');
  await refused({ weight: "snr" }, 'weight must be "epsilon", "authors" or "unit", got "snr"');
  await refused({ weight: () => -1 }, "weight must be a non-negative number at every time, got -1");
  await refused({ times: "log" }, 'times must be "geometric" or "uniform", got "log"');
  await refused({ data: denseMatrix([1, -2], 2, 1) }, /must be positive, got -2 in point 1/, DataError);
  await refused({ signal: AbortSignal.abort(new ArgumentError("stopped")) }, "stopped");
});
