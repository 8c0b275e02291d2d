import { readFile } from "node:fs/promises";
import { add, array, div, mean, mul, neg, square, sub, sum, type Tensor } from "@gradus/graph";
import {
  collaborativeTraining,
  coordinateTrimmedMean,
  fallOfEmpires,
  inProcessNetwork,
  littleIsEnough,
  localObjectives,
  peer,
} from "./collaborative/index.ts";
import {
  batchExtremeEigenvalues,
  groupTraces,
  hessianVariance,
  lossHessianOperator,
  maxStableLearningRate,
  parameterGroups,
} from "./curvature/index.ts";
import { classifier } from "./curvature/test-problem.ts";
import { gaussianRandomField } from "./data/index.ts";
import {
  compileSampler,
  exactModel,
  geometricBrownianProcess,
  mixtureTarget,
  reverseDiffusion,
  samplePath,
  scoreRegression,
  timeMlp,
  trainDiffusion,
  trainScoreNetwork,
  twoLayerNetwork,
  variancePreservingProcess,
} from "./diffusion/index.ts";
import type { Iterate, Method } from "./iterate/index.ts";
import { poissonOperator } from "./linalg/grids/index.ts";
import { denseMatrix, matrixOperator } from "./linalg/index.ts";
import { binaryLogisticLoss } from "./losses/index.ts";
import { compileTuner, type Tuner } from "./models/index.ts";
import { directionNetwork } from "./nn/index.ts";
import { growRandomNetwork } from "./nn/random-features/index.ts";
import { column, sampled, threeBumps } from "./nn/random-features/test-targets.ts";
import { quadratic } from "./objectives/index.ts";
import {
  antiderivative,
  deepONet,
  operatorDataset,
  ritzData,
  tracedProduct,
  trainDirection,
  trainOperator,
} from "./operators/index.ts";
import { randomStream } from "./random/index.ts";
import { definite } from "./resume-linalg-testing.ts";
import type { Runs } from "./resume-testing.ts";
import {
  innerArmijo,
  linearTargets,
  sgdRule,
  sso,
  stochasticDescent,
  svrg,
  targetAdagrad,
  targetLineSearch,
  targetLoss,
  targetProblem,
} from "./target-surrogates/index.ts";
import {
  adadagrad,
  adadagradNorm,
  adam,
  adaptiveBatchSize,
  compileBatchSizeTrainer,
  compileTrainer,
  exponentialAveraging,
  heavyBall,
  normTest,
  sgd,
  shuffledBatches,
  stopEarly,
  streamOracle,
  train,
} from "./train/index.ts";
import { networkLoss, regression } from "./train/test-problem.ts";

const small = regression("f64");
const trained = {
  ...small,
  ...{ loss: networkLoss, batchSize: 5, metrics: { loss: networkLoss } },
};
const run = {
  ...{ epochs: 6, seed: 11, batches: shuffledBatches(23, { leftover: "batch" }) },
  evaluation: { data: regression("f64", 9).data, every: 2, batchSize: 4 },
};
const oracle = streamOracle((stream, count) => ({
  a: array(stream.fillNormal(new Float64Array(3 * count)), [count, 3]),
}));
const noisyMean = {
  loss: ({ x }: { x: Tensor }, { a }: { a: Tensor }) => mul(mean(sum(square(sub(x, a)), { axes: 1 })), 0.5),
  parameters: { x: array(Float64Array.of(2, 0, 0)) },
  data: oracle,
};
const growing = { test: normTest({ eta: 0.3 }), initial: 4, maximum: 100 };

const fileOfClassifier = new URL("../../graph/fixtures/pytorch/classifier.onnx", import.meta.url);
const tuned = {
  inputs: {
    features: array(
      Float32Array.from({ length: 160 }, (_, i) => Math.sin(i)),
      [40, 4],
    ),
  },
  labels: array(BigInt64Array.from({ length: 40 }, (_, i) => BigInt(i % 3))),
};

/** Tunes an imported model by a tuner of its own. */
async function* tuning(begin: (tuner: Tuner) => Method<Iterate>): Method<Iterate> {
  using tuner = await compileTuner(new Uint8Array(await readFile(fileOfClassifier)), {
    ...{ data: tuned, loss: "cross-entropy", batchSize: 8, validation: 0.25 },
  });
  yield* begin(tuner);
}

/** Training, of own networks and of imported ones. */
export const trainingRuns: Runs = {
  train: (options) => train({ ...trained, ...run, optimizer: adam({ learningRate: 0.02 }), ...options }),
  "train: float32, with momentum and averaging": (options) =>
    train({
      ...{ ...regression("f32"), loss: networkLoss, batchSize: 5, epochs: 6, seed: 2 },
      optimizer: heavyBall({ learningRate: 0.02 }),
      averaging: exponentialAveraging({ decay: 0.9 }),
      ...options,
    }),
  "train: batches that grow": (options) =>
    train({
      ...{ ...regression("f64", 40), loss: networkLoss, epochs: 6, seed: 3 },
      optimizer: adam({ learningRate: 0.02 }),
      batchSize: adaptiveBatchSize({ test: normTest({ eta: 0.4 }), initial: 2, maximum: 40 }),
      ...options,
    }),
  "Trainer.train": async function* (options) {
    using trainer = await compileTrainer({ ...trained, optimizer: sgd({ learningRate: 0.1 }) });
    yield* trainer.train({ ...run, epochs: 3, stepsPerIterate: 2, ...options });
  },
  "BatchSizeTrainer.train": async function* (options) {
    using trainer = await compileBatchSizeTrainer({ ...noisyMean, optimizer: sgd({ learningRate: 0.1 }) });
    yield* trainer.train({ batchSize: adaptiveBatchSize({ ...growing, interval: 3 }), seed: 5, ...options });
  },
  adadagrad: (options) => adadagrad({ ...noisyMean, ...growing, learningRate: 0.1, seed: 4, ...options }),
  adadagradNorm: (options) =>
    adadagradNorm({ ...noisyMean, ...growing, retry: true, learningRate: 1, seed: 4, ...options }),
  stopEarly: ({ resume }) =>
    stopEarly(
      train({
        ...{ ...trained, ...run, optimizer: adam({ learningRate: 0.3 }) },
        resume: (resume?.state as { readonly method: never } | undefined)?.method,
      }),
      { monitor: ({ metrics }) => metrics?.loss, patience: 2, resume },
    ),
  "Tuner.train": (options) => tuning((tuner) => tuner.train({ epochs: 6, patience: 4, ...options })),
  "Tuner.train: within epochs": (options) =>
    tuning((tuner) => tuner.train({ epochs: 3, stepsPerIterate: 3, ...options })),
};

const cloud = denseMatrix(randomStream(4).fillNormal(new Float64Array(60)).map(Math.exp), 60, 1);
const motion = geometricBrownianProcess({ volatility: 0.8 });
const normalModel = exactModel({
  ...{ process: motion, shape: [1] },
  moments: { mean: Float32Array.of(0.3), variance: Float32Array.of(0.0625) },
  score: (y, { scale, shift, deviation }) =>
    neg(div(sub(y, add(mul(scale, 0.3), shift)), add(mul(square(scale), 0.0625), square(deviation)))),
});
const preserving = variancePreservingProcess();
const mixture = mixtureTarget(preserving, {
  centers: denseMatrix([1, 0, -1, 0, 0, 1, 0, -1], 4, 2),
  weights: [0.1, 0.2, 0.3, 0.4],
});
const scores = scoreRegression(preserving, mixture.sample(20, randomStream(1)), { seed: 2 });

/** Diffusion models and networks of scores. */
export const diffusionRuns: Runs = {
  trainDiffusion: (options) =>
    trainDiffusion({
      ...{ data: cloud, process: motion, network: timeMlp({ inputs: 1, hidden: [8] }) },
      ...{ steps: 24, stepsPerIterate: 3, batchSize: 16, seed: 3, optimizer: adam({ learningRate: 0.01 }) },
      ...options,
    }),
  samplePath: (options) =>
    samplePath(normalModel, { count: 20, steps: 23, stepsPerIterate: 2, seed: 9, ...options }),
  "samplePath: the probability flow": (options) =>
    samplePath(normalModel, {
      ...{ count: 20, steps: 23, stepsPerIterate: 3, seed: 9, sampler: "probability-flow" },
      ...options,
    }),
  "DiffusionSampler.path": async function* (options) {
    using sampler = await compileSampler(normalModel);
    yield* sampler.path({ count: 20, steps: 23, stepsPerIterate: 4, seed: 9, ...options });
  },
  reverseDiffusion: (options) =>
    reverseDiffusion(
      preserving,
      (_, { rows, columns, values }) => ({ rows, columns, values: values.map((x) => -x) }),
      { start: denseMatrix(randomStream(7).fillNormal(new Float64Array(6)), 3, 2), seed: 5, ...options },
    ),
  trainScoreNetwork: (options) =>
    trainScoreNetwork(twoLayerNetwork({ inputs: 4, outputs: 2, width: 16, seed: 1 }), scores, options),
};

const space = gaussianRandomField({ points: 51, lengthScale: 0.4 });
const functionsOf = (seed: number) =>
  operatorDataset({
    ...{ space, operator: antiderivative(), sensors: 6, functions: 20, pointsPerFunction: 1 },
    stream: randomStream(seed),
  });
const grid = poissonOperator({ shape: [8, 8] });
const directions = directionNetwork({ dimension: 2, filters: 2, pre: 1, coarse: 1, fine: 1 });
const { x, values: y } = sampled(threeBumps, 60);

/** Networks that learn operators, directions and functions. */
export const operatorRuns: Runs = {
  trainOperator: (options) =>
    trainOperator({
      ...{ network: deepONet({ sensors: 6, branch: [8], trunk: [8] }), data: functionsOf(1) },
      ...{ testData: functionsOf(2), iterations: 40, every: 4, seed: 1 },
      ...options,
    }),
  trainDirection: async function* (options) {
    const { samples } = await ritzData({ operator: grid, shape: [1, 8, 8], count: 24, steps: 20, seed: 1 });
    const part = (from: number, to: number) =>
      array((samples.data as Float32Array).slice(64 * from, 64 * to), [to - from, 1, 8, 8]);
    yield* trainDirection({
      ...{ model: directions, parameters: directions.parameters({ stream: randomStream(1) }) },
      ...{ product: tracedProduct(grid), samples: part(0, 16), validation: part(16, 24) },
      ...{ steps: 12, threads: 1 },
      ...options,
    });
  },
  growRandomNetwork: (options) =>
    growRandomNetwork({ x: column(x), y, slope: 100, maxWidth: 12, candidates: 5, ...options }),
};

const bowls = (nodes: number, noise: number) =>
  localObjectives(
    Array.from({ length: nodes }, (_, i) =>
      quadratic(
        denseMatrix([1, 0, 0, 0, 1, 0, 0, 0, 1], 3, 3),
        Float64Array.from({ length: 3 }, (__, k) => Math.cos(i + k)),
      ),
    ),
    new Float64Array(3).fill(2),
    { noise, seed: 9 },
  );
const together = { faulty: 2, momentum: 0.9, learningRate: 0.1, seed: 4 };

/** Training with others, some of them Byzantine. */
export const collaborativeRuns: Runs = {
  collaborativeTraining: (options) =>
    collaborativeTraining(bowls(9, 0.5), {
      ...{ ...together, attack: littleIsEnough(), rounds: 2 },
      ...options,
    }),
  "collaborativeTraining: gradients exchanged, arriving in any order": (options) =>
    collaborativeTraining(bowls(9, 0.5), {
      ...{ ...together, attack: fallOfEmpires(), arrival: "uniform" },
      ...{ mixing: coordinateTrimmedMean(), gradientMixing: coordinateTrimmedMean() },
      ...options,
    }),
  peer: (options) =>
    peer({
      ...{ nodes: 1, transport: inProcessNetwork({ nodes: 1 }).connect(0), start: Float64Array.of(4, -2) },
      ...{
        momentum: 0.5,
        learningRate: 0.1,
        gradient: (model: ArrayLike<number>) => Float64Array.from(model),
      },
      ...options,
    }),
};

const binary = targetLoss(
  binaryLogisticLoss,
  Array.from({ length: 40 }, (_, i) => (Math.sin(i) > 0 ? 1 : 0)),
);
const linear = linearTargets({
  ...{ rows: 40, columns: 6, values: randomStream(8).fillNormal(new Float64Array(240)) },
});
const batched = () => targetProblem(linear, binary, { batchSize: 7, seed: 2 });
const zero = new Float64Array(6);

/** Target surrogates and their baselines. */
export const surrogateRuns: Runs = {
  sso: (options) =>
    sso(batched(), zero, {
      ...{ eta: targetLineSearch(), proximal: "euclidean", inner: innerArmijo() },
      ...options,
    }),
  "sso: AdaGrad": (options) => sso(batched(), zero, { eta: targetAdagrad(2), ...options }),
  stochasticDescent: (options) => stochasticDescent(batched(), zero, sgdRule(0.3), options),
  svrg: (options) => svrg(batched(), targetProblem(linear, binary), zero, { stepSize: 0.5, ...options }),
};

const problem = classifier({ rows: 12 });
const groups = parameterGroups([
  { path: "a", start: 0, length: 10 },
  { path: "b", start: 10, length: 14 },
]);

/** Measurements of curvature that go on. */
export const curvatureRuns: Runs = {
  hessianVariance: (options) => hessianVariance(problem, { probes: 10, ...options }),
  batchExtremeEigenvalues: async function* (options) {
    using H = await lossHessianOperator(problem);
    yield* batchExtremeEigenvalues(H, problem.data, { batchSize: 5, batches: 8, steps: 4, ...options });
  },
  groupTraces: (options) => groupTraces(matrixOperator(definite), groups, { probes: 10, ...options }),
  maxStableLearningRate: (options) =>
    maxStableLearningRate(async (rate) => (rate < 3 ? 0 : 5), { low: 1, high: 16, halvings: 8, ...options }),
};
