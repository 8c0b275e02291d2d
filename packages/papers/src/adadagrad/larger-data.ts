import { convnet } from "gradus/nn";
import { z } from "zod";
import { formatRounded } from "../check.ts";
import { defineExperiment } from "../experiment.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { images, movedDigits } from "./image-sets.ts";
import { type ImageComparison, trainings } from "./image-trainings.ts";
import {
  adaptiveScheme,
  classifier,
  comparisonHeadline,
  constantScheme,
  describeComparison,
  initializers,
  judgeComparison,
  judgeGrowth,
  schemeTable,
} from "./schemes.ts";

const INITIAL = 8;
const etas = [0.3, 0.5, 0.8] as const;
const sizes = [256, 1024, 8192] as const;
const softmax = classifier({ inputs: 784, hidden: [] });
/** The paper's network of 28,938 parameters. */
const convolutional = convnet({
  input: [1, 28, 28],
  stages: [
    { filters: 16, kernel: 5, padding: 2, pool: 2 },
    { filters: 32, kernel: 5, padding: 2, pool: 2 },
  ],
  outputs: 10,
  ...initializers,
});
/** Rows whose convolutions are held in memory at once. */
const MICRO_BATCH = 256;

export default defineExperiment({
  description:
    "Trains a perceptron by AdaGrad with batches that grow by the norm test and with batches of one size. The quick profile uses the 8 × 8 digits at nine positions each; the full one uses Fashion-MNIST, also with the paper’s convolutional network, and repeats the paper’s own runs on MNIST.",
  parameters: z.object({
    set: z
      .enum(["fashion-mnist", "digits"])
      .default("fashion-mnist")
      .describe("images; the digits are bundled, Fashion-MNIST is read from the data directory"),
    images: z.int().min(1000).max(60_000).default(60_000).describe("training images"),
    epochs: z.int().min(1).max(100).default(8).describe("samples of a run, in epochs"),
    convolutional: z
      .boolean()
      .default(true)
      .describe("train the convolutional network too, on Fashion-MNIST"),
    paperEpochs: z
      .int()
      .min(0)
      .max(100)
      .default(100)
      .describe("epochs of the paper’s runs on MNIST, which is read from the data directory; 0: none"),
  }),
  dataDirectory: ["set", "convolutional", "paperEpochs"],
  profiles: {
    quick: { set: "digits", images: 10_000, epochs: 4, convolutional: false, paperEpochs: 0 },
    full: {},
  },
  seconds: { quick: 12, full: 14_000 },
  plots: [
    linePlot(
      "accuracy",
      "Test accuracy by number of steps",
      logAxis("steps for the same number of samples"),
      "test accuracy",
    ),
    linePlot("growth", "Batch sizes", logAxis("samples used"), logAxis("batch size (samples)")),
  ],

  async *measure({
    parameters: { set, images: most, epochs, convolutional: withConvolutions, paperEpochs },
    seed,
    signal,
    stage,
  }) {
    const fashion = set === "fashion-mnist";
    // Everything is loaded first: a missing file ends the run before hours of training.
    const flat = fashion ? await images(set, most, [784]) : await movedDigits(most, seed);
    const [rows, inputs] = flat.train.x.shape;
    const square = fashion && withConvolutions ? await images(set, rows, [1, 28, 28]) : undefined;
    const mnist =
      paperEpochs > 0
        ? { flat: await images("mnist", most, [784]), square: await images("mnist", most, [1, 28, 28]) }
        : undefined;
    const schemes = [
      ...etas.map((eta) => adaptiveScheme(eta, INITIAL, rows)),
      ...sizes.filter((b) => b < rows).map(constantScheme),
      constantScheme(rows),
    ];
    const common = { learningRate: 0.03, schemes, samples: epochs * rows };
    const context = { seed, signal, stage };
    const perceptron = {
      ...common,
      name: `${fashion ? "" : "Shifted digits, "}${inputs}-64-10 network`,
      model: classifier({ inputs, hidden: [64] }),
      data: flat,
    };
    const comparisons: ImageComparison[] = [yield* trainings(perceptron, context)];
    if (square) {
      const training = { ...common, name: "convolutional network", model: convolutional, data: square };
      comparisons.push(yield* trainings({ ...training, microBatch: MICRO_BATCH }, context));
    }
    const paperRuns: ImageComparison[] = [];
    if (mnist) {
      // The paper's rows for MNIST: AdaGrad at 8e-3, the norm test with eta = 0.1.
      const [all] = mnist.flat.train.x.shape;
      const paper = { learningRate: 8e-3, samples: paperEpochs * all };
      const linear = {
        ...paper,
        name: "MNIST, softmax regression",
        model: softmax,
        data: mnist.flat,
        schemes: [adaptiveScheme(0.1, 2, all)],
      };
      const deep = {
        ...paper,
        name: "MNIST, convolutional network",
        model: convolutional,
        data: mnist.square,
        schemes: [adaptiveScheme(0.1, INITIAL, all)],
        microBatch: MICRO_BATCH,
      };
      paperRuns.push(yield* trainings(linear, context), yield* trainings(deep, context));
    }
    return { rows, comparisons, paperRuns };
  },

  judge: ({ comparisons, paperRuns }) => [
    ...comparisons.flatMap(judgeComparison),
    ...paperRuns.map(({ name, initial, schemes }) => judgeGrowth(name, initial, schemes)),
  ],

  present({ rows, comparisons, paperRuns }) {
    const [{ name, samples }] = comparisons;
    return {
      headline: `${name}: ${comparisonHeadline(comparisons[0])}.`,
      summary: [
        ...comparisons.flatMap(describeComparison),
        ...paperRuns.map(
          ({ name: own, samples: used, schemes: [{ steps, meanBatch, accuracy }] }) =>
            `${own}, η = 0.1: ${formatRounded(steps)} steps in ${formatRounded(used)} samples, mean batch ${formatRounded(meanBatch)}, accuracy ${formatRounded(accuracy)}.`,
        ),
      ],
      captions: {
        accuracy: `Each point is a run on ${formatRounded(samples)} samples. Where batches by the norm test lie below, batches of one size are more accurate with as many steps.`,
        growth: `Batches start at ${INITIAL} rows; the test stops once a batch holds all ${formatRounded(rows)} images.`,
      },
      tables: [...comparisons, ...paperRuns].map((one) =>
        schemeTable(one.name, `${one.name}, ${formatRounded(one.samples)} samples`, one.schemes),
      ),
    };
  },
});
