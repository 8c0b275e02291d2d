import { array, full, type Tensor } from "@gradus/graph";
import { expect, test } from "vitest";
import { runtime as wasm } from "../../../../graph/src/runtime/browser.ts";
import { DataMissingError } from "../../check/errors.ts";
import { loadMnist } from "../../data/mnist.ts";
import { solve } from "../../iterate/iterate.ts";
import { accuracy } from "../../losses/accuracy.ts";
import { softmaxCrossEntropy } from "../../losses/traced/cross-entropy.ts";
import { meanSquaredError } from "../../losses/traced/regression.ts";
import { randomStream } from "../../random/stream.ts";
import { adam } from "../../train/adam.ts";
import type { TrainerOptions, TrainRun } from "../../train/contract.ts";
import type { Settings } from "../../train/settings.ts";
import { train } from "../../train/train.ts";
import { convnet } from "./convnet.ts";
import { uNet } from "./u-net.ts";
import { vgg } from "./vgg.ts";

type Batch = { readonly x: Tensor; readonly y: Tensor };

/** Images of horizontal (0) or vertical (1) stripes of any phase, period 4, with noise of their own size. */
function stripes(n: number, seed: number) {
  const stream = randomStream(seed);
  const y = BigInt64Array.from({ length: n }, (_, i) => BigInt(i % 2));
  const x = new Float32Array(n * 64);
  for (let i = 0; i < n; i++) {
    const phase = stream.uniform(0, 2 * Math.PI);
    for (let k = 0; k < 64; k++) {
      const place = y[i] === 1n ? k % 8 : k >> 3;
      x[64 * i + k] = Math.sin((Math.PI / 2) * place + phase) + 0.7 * stream.normal();
    }
  }
  return { x: array(x, [n, 1, 8, 8]), y: array(y) };
}

const stripeModel = vgg({ input: [1, 8, 8], stages: [[8], [8]], hidden: [16], outputs: 2 });

type P = ReturnType<typeof stripeModel.parameters>;
type M = ReturnType<typeof stripeModel.state>;
type D = ReturnType<typeof stripes>;

function stripeTraining(seed: number) {
  const start = { stream: randomStream(seed) };
  return {
    parameters: stripeModel.parameters(start),
    modelState: stripeModel.state(start),
    data: stripes(240, 1),
    loss: (p, batch, { modelState }) => {
      const { output, state } = stripeModel.applyTraining(p, modelState, batch.x);
      return { loss: softmaxCrossEntropy(output, batch.y), modelState: state };
    },
    metrics: {
      accuracy: (p, batch, { modelState }) => accuracy(stripeModel.apply(p, modelState, batch.x), batch.y),
    },
    evaluation: { data: stripes(200, 2), every: 100 },
    optimizer: adam({ learningRate: 0.01 }),
    batchSize: 24,
    epochs: 40,
    epochsPerIterate: 20,
  } satisfies TrainerOptions<P, D, M, Settings> & TrainRun<P, D, M, Settings>;
}

const unmeasured = { metrics: undefined, evaluation: undefined };

test("a VGG with running statistics and dropout learns stripes in the fused loop, and is evaluated without both", async () => {
  const options = stripeTraining(1);
  const { iterate } = await solve(train(options));
  expect(iterate.metrics?.accuracy).toBeGreaterThan(0.95);
  const [before, after] = [options.modelState, iterate.modelState].map((s) =>
    Number(s.dropout.counter.data[0]),
  );
  expect(after - before).toBe(400);
});

test("training with dropout gives the same bits again, resumed too; another stream gives others", async () => {
  const short = { ...stripeTraining(1), ...unmeasured, epochs: 4, epochsPerIterate: 2 };
  const whole = (await solve(train(short))).iterate;
  expect((await solve(train(short))).iterate.parameters).toStrictEqual(whole.parameters);
  for await (const iterate of train(short)) {
    if (iterate.epoch !== 2) continue;
    const resumed = await solve(train({ ...short, resume: iterate }));
    expect(resumed.iterate.parameters).toStrictEqual(whole.parameters);
    break;
  }
  const other = { ...short, modelState: stripeModel.state({ stream: randomStream(2) }) };
  expect((await solve(train(other))).iterate.parameters).not.toStrictEqual(whole.parameters);
});

test("a step with dropout and batch normalization is the same in WebAssembly", async () => {
  const short = { ...stripeTraining(1), ...unmeasured, epochs: 1, epochsPerIterate: 1 };
  const here = (await solve(train(short))).iterate;
  const there = (await solve(train({ ...short, runtime: wasm }))).iterate;
  expect(there.modelState.dropout).toStrictEqual(here.modelState.dropout);
  expect(Math.abs(there.loss! - here.loss!)).toBeLessThan(1e-4);
});

test("a U-Net overfits eight noisy images: less than a hundredth of the noise is left", async () => {
  const stream = randomStream(4);
  const n = 8;
  const clean = new Float32Array(n * 64);
  const noisy = new Float32Array(n * 64);
  for (let i = 0; i < n; i++) {
    const [a, b, phase] = [stream.normal(), stream.normal(), stream.uniform(0, 6)];
    for (let k = 0; k < 64; k++) {
      clean[64 * i + k] = Math.sin(a * (k % 8) + b * (k >> 3) + phase);
      noisy[64 * i + k] = clean[64 * i + k] + 0.5 * stream.normal();
    }
  }
  const model = uNet({
    dimension: 2,
    channels: 1,
    filters: [8, 16],
    blocks: 1,
    groups: 4,
    time: { features: 8, width: 16 },
  });
  const times = (x: Tensor) => full([x.shape[0]], 0.5, "f32");
  const { iterate } = await solve(
    train({
      parameters: model.parameters({ stream: randomStream(5) }),
      data: { x: array(noisy, [n, 1, 8, 8]), y: array(clean, [n, 1, 8, 8]) },
      loss: (p, { x, y }: Batch) => meanSquaredError(model.apply(p, x, times(x)), y),
      optimizer: adam({ learningRate: 3e-3 }),
      batchSize: "full",
      epochs: 500,
      epochsPerIterate: 100,
    }),
  );
  // The noise has variance 0.25.
  expect(iterate.loss).toBeLessThan(0.0025);
});

/** The first images of a set, as the data of a training run. */
async function images(split: "train" | "test", n: number) {
  const { pixels, labels, height, width } = await loadMnist({ set: "fashion-mnist", split });
  const size = height * width;
  return {
    x: array(
      Float32Array.from(pixels.subarray(0, n * size), (v) => v / 255),
      [n, 1, height, width],
    ),
    y: array(BigInt64Array.from(labels.subarray(0, n), BigInt)),
  };
}

/** The share of examples that are nearest to their own class's mean. */
function nearestMeans(
  from: Awaited<ReturnType<typeof images>>,
  to: Awaited<ReturnType<typeof images>>,
): number {
  const size = 28 * 28;
  const means = Array.from({ length: 10 }, () => new Float64Array(size));
  const counts = new Float64Array(10);
  from.y.data.forEach((label, i) => {
    counts[Number(label)] += 1;
    for (let k = 0; k < size; k++) means[Number(label)][k] += Number(from.x.data[i * size + k]);
  });
  let right = 0;
  to.y.data.forEach((label, i) => {
    const distances = means.map((m, c) =>
      m.reduce((s, v, k) => s + (v / counts[c] - Number(to.x.data[i * size + k])) ** 2, 0),
    );
    if (distances.indexOf(Math.min(...distances)) === Number(label)) right += 1;
  });
  return right / to.y.data.length;
}

test("a convnet learns 2000 images of Fashion-MNIST: better than the nearest class mean by 5 points", async ({
  skip,
}) => {
  const sets = await Promise.all([images("train", 2000), images("test", 1000)]).catch((error) => {
    if (error instanceof DataMissingError) skip("Fashion-MNIST is not in the data folder");
    throw error;
  });
  const [training, held] = sets;
  const model = convnet({
    input: [1, 28, 28],
    stages: [
      { filters: 8, kernel: 5, padding: 2, pool: 2 },
      { filters: 16, kernel: 5, pool: 2 },
    ],
    hidden: [64],
    outputs: 10,
  });
  const { iterate } = await solve(
    train({
      parameters: model.parameters({ stream: randomStream(1) }),
      data: training,
      loss: (p, { x, y }: Batch) => softmaxCrossEntropy(model.apply(p, x), y),
      metrics: { accuracy: (p, { x, y }) => accuracy(model.apply(p, x), y) },
      evaluation: { data: held, every: 5 },
      optimizer: adam({ learningRate: 2e-3 }),
      batchSize: 50,
      epochs: 5,
      epochsPerIterate: 5,
    }),
  );
  expect(iterate.metrics?.accuracy).toBeGreaterThan(nearestMeans(training, held) + 0.05);
});
