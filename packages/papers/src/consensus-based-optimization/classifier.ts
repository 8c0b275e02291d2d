import { type LabeledRows, selectRows, trainTestSplit } from "gradus/data";
import { softmaxRegression, withRidge } from "gradus/objectives";
import { minimize } from "gradus/optimize";
import { type BatchObjective, consensusBasedOptimization } from "gradus/optimize/derivative-free";
import { randomStream } from "gradus/random";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, type ExperimentRun, point, points, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { scaledImages } from "../shared/images.ts";
import { tableOf } from "../shared/tables.ts";
import { networkAccuracy, networkLosses, networkSize } from "./population-network.ts";

const TEST_ROWS = 417;
const BATCH = 60;
const PARTICLES = 100;
const PARTICLE_BATCH = 10;
/** Updates on one batch of data: each batch of particles once. */
const INNER = PARTICLES / PARTICLE_BATCH;
const NOISE = Math.sqrt(0.4);
const OWN = "CBO";
const REFERENCE = "softmax regression by gradients";

interface Images {
  readonly train: LabeledRows<Int32Array>;
  readonly test: LabeledRows<Int32Array>;
}

/** The digits, of which `TEST_ROWS` are for testing, or MNIST's test set, of which the first rows are for training. */
async function imagesOf(set: "digits" | "mnist", rows: number, seed: number): Promise<Images> {
  const { rows: n, columns, pixels, labels } = await scaledImages(set, "f64", { split: "test" });
  const all = { rows: n, columns, values: pixels };
  const part = (chosen: Int32Array) => ({ x: selectRows(all, chosen), y: selectRows(labels, chosen) });
  if (set === "digits") {
    const { train, test } = trainTestSplit(n, { testShare: TEST_ROWS / n, seed });
    return { train: part(train), test: part(test) };
  }
  const order = Int32Array.from({ length: n }, (_, i) => i);
  return { train: part(order.subarray(0, rows)), test: part(order.subarray(rows)) };
}

/** Accuracy on the test rows of a linear softmax model, by L-BFGS. */
async function linearAccuracy({ train, test }: Images): Promise<number> {
  const objective = withRidge(softmaxRegression(train.x, train.y), 1e-3);
  const { x: w } = await minimize(objective, new Float64Array(objective.dimension), {
    gradientTolerance: 1e-5,
  });
  const d = test.x.columns;
  const classes = w.length / d;
  let right = 0;
  for (let i = 0; i < test.y.length; i++) {
    let [best, largest] = [0, Number.NEGATIVE_INFINITY];
    for (let k = 0; k < classes; k++) {
      let z = 0;
      for (let j = 0; j < d; j++) z += w[k * d + j] * test.x.values[i * d + j];
      if (z > largest) [best, largest] = [k, z];
    }
    if (best === test.y[i]) right += 1;
  }
  return right / test.y.length;
}

/** Trains by CBO, and returns the accuracy of the consensus point on the test rows after each epoch. */
async function* accuraciesOf(
  { train, test }: Images,
  { epochs, seed, signal }: { epochs: number; seed: number; signal: AbortSignal },
): ExperimentRun<number[]> {
  const batches = Math.floor(train.y.length / BATCH);
  const perEpoch = batches * INNER;
  const stream = randomStream(seed).split("batches");
  let order: { epoch: number; rows: Int32Array } = { epoch: -1, rows: new Int32Array(0) };
  const objective: BatchObjective = {
    dimension: networkSize(train.x.columns),
    values(thetas, step) {
      const epoch = Math.floor(step / perEpoch);
      if (order.epoch !== epoch) order = { epoch, rows: stream.split(epoch).permutation(train.y.length) };
      const b = Math.floor((step % perEpoch) / INNER);
      return networkLosses(thetas, { rows: train, picked: order.rows.subarray(b * BATCH, (b + 1) * BATCH) });
    },
  };
  const all = Int32Array.from(test.y, (_, i) => i);
  // The cooling of the authors' code, after each epoch e: sigma by log2(e + 1) / log2(e + 2), alpha by 2.
  const method = consensusBasedOptimization(objective, {
    particles: { count: PARTICLES, mean: 0, deviation: 1 },
    timeStep: 0.1,
    noise: (step) => NOISE / Math.log2(Math.floor(step / perEpoch) + 2),
    noiseKind: "anisotropic",
    inverseTemperature: (step) => 50 * 2 ** Math.floor(step / perEpoch),
    particleBatch: { size: PARTICLE_BATCH, update: "full" },
    kickTolerance: 1e-5,
    seed,
    signal,
  });
  const accuracies: number[] = [];
  for await (const iterate of method) {
    if (iterate.iteration % perEpoch !== 0) continue;
    const epoch = iterate.iteration / perEpoch;
    accuracies.push(networkAccuracy(iterate.consensus, { rows: test, picked: all }));
    yield point("accuracy", OWN, epoch, accuracies[epoch]);
    yield progress(epoch / epochs, `epoch ${epoch} of ${epochs}`);
    if (epoch === epochs) break;
  }
  return accuracies;
}

export default defineExperiment({
  description:
    "CBO trains a network of one layer (ten rectified outputs, normalization, softmax) to classify handwritten digits from loss values on batches alone, with the companion code’s recipe: 100 particles in batches of 10, anisotropic noise, cooling.",
  parameters: z.object({
    images: z
      .enum(["digits", "mnist"])
      .default("mnist")
      .describe("the bundled 8 × 8 digits, or MNIST’s test images of 28 × 28"),
    rows: z
      .int()
      .min(600)
      .max(9_400)
      .default(9_000)
      .describe("images of MNIST to train on; the rest are for testing"),
    epochs: z.int().min(1).max(1000).default(100).describe("passes over the training images"),
  }),
  profiles: { quick: { images: "digits", epochs: 20 }, full: {} },
  testImages: { images: ["mnist"] },
  seconds: { quick: 12, full: 5_000 },
  plots: [
    {
      id: "accuracy",
      title: "Test accuracy",
      x: { label: "epoch" },
      y: { label: "accuracy of the consensus point" },
      mark: "line",
      series: [OWN],
      references: [REFERENCE],
    },
  ],

  async *measure({ parameters: { images: set, rows, epochs }, seed, signal, stage }) {
    const images = await imagesOf(set, rows, seed);
    const linear = await linearAccuracy(images);
    yield points("accuracy", REFERENCE, [
      { x: 0, y: linear },
      { x: epochs, y: linear },
    ]);
    const accuracies = yield* stage("training", () => accuraciesOf(images, { epochs, seed, signal }));
    const parameters = networkSize(images.train.x.columns);
    return { images: set, rows: images.train.y.length, parameters, epochs, linear, accuracies };
  },

  judge({ accuracies }) {
    return [
      check(
        "C5",
        "test accuracy after the last epoch",
        accuracies[accuracies.length - 1],
        { atLeast: 0.5 },
        criterion(
          "learning means being right five times as often as guessing, which is right one time in ten",
        ),
      ),
    ];
  },

  present({ images, rows, parameters, epochs, linear, accuracies }) {
    const last = formatRounded(accuracies[accuracies.length - 1]);
    const named = images === "digits" ? "the 8 × 8 digits" : "MNIST";
    return {
      headline: `From loss values alone, CBO trains a network with ${formatRounded(parameters)} parameters on ${named} to a test accuracy of ${last} in ${epochs} epochs; softmax regression by gradients reaches ${formatRounded(linear)}.`,
      summary: [
        `The consensus point of the random initial networks has an accuracy of ${formatRounded(accuracies[0])}. Each update evaluates 10 networks on 60 rows and moves all 100 particles.`,
        `${formatRounded(rows)} training images make ${formatRounded(epochs * INNER * Math.floor(rows / BATCH))} updates; the paper’s companion code makes a million, in 100 epochs on 60,000 images of MNIST.`,
      ],
      captions: {
        accuracy:
          "CBO learns without derivatives, but more slowly and to a lower accuracy than a simpler model trained by gradients.",
      },
      tables: [
        tableOf("accuracies", "Test accuracies", { model: "model and training", accuracy: "test accuracy" }, [
          { model: "normalized network, CBO", accuracy: accuracies[accuracies.length - 1] },
          { model: "softmax regression, L-BFGS", accuracy: linear },
        ]),
      ],
    };
  },
});
