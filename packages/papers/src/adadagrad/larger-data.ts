import { convnet } from "gradus/nn";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, note, progress } from "../experiment.ts";
import { images, movedDigits } from "./image-sets.ts";
import { trainings } from "./image-trainings.ts";
import {
  adaptiveScheme,
  classifier,
  constantScheme,
  growthChecks,
  initializers,
  interpolatedAccuracy,
  type Outcome,
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
  id: "larger-data",
  title: "Steps against accuracy on larger data",
  description:
    "AdaGrad on Fashion-MNIST with batches that grow by the norm test and with batches of one size, on a perceptron and, at full size, the paper's convolutional network and the paper's own runs on MNIST. Where its files are not, as in a browser, the perceptron trains on the 8×8 digits, each in nine places.",
  claims: ["C3", "C4"],
  parameters: z.object({
    images: z.int().min(1000).max(60_000).default(60_000).describe("training images"),
    epochs: z.int().min(1).max(100).default(8).describe("samples of a run, in epochs"),
    convolutional: z.boolean().default(true).describe("train the convolutional network too"),
    paperEpochs: z.int().min(0).max(100).default(100).describe("epochs of the paper's MNIST runs; 0: none"),
  }),
  profiles: { quick: { images: 10_000, epochs: 4, convolutional: false, paperEpochs: 0 }, full: {} },
  seconds: { quick: 12, full: 14_000 },
  plots: [
    {
      id: "accuracy",
      title: "Test accuracy against steps",
      x: { label: "steps in the same number of samples", scale: "log" },
      y: { label: "test accuracy" },
      mark: "line",
    },
    {
      id: "growth",
      title: "Batch sizes",
      x: { label: "samples used", scale: "log" },
      y: { label: "batch size (samples)", scale: "log" },
      mark: "line",
    },
  ],

  async *run({
    parameters: { images: most, epochs, convolutional: withConvolutions, paperEpochs },
    seed,
    signal,
    stage,
  }) {
    const fashion = await images("fashion-mnist", most, [784]);
    if (!fashion)
      yield note(
        "Fashion-MNIST is not here: the same is measured on the 8×8 digits, each in nine places. In a terminal “gradus data pull fashion-mnist” brings the files, and the run then takes them.",
      );
    const flat = fashion ?? (await movedDigits(most, seed));
    const [rows, inputs] = flat.train.x.shape;
    const checks: Check[] = [];
    const summary: string[] = [];
    const full = `b = ${rows}`;
    const schemes = [
      ...etas.map((eta) => adaptiveScheme(eta, INITIAL, rows)),
      ...sizes.filter((b) => b < rows).map(constantScheme),
      constantScheme(rows),
    ];
    const report = (name: string, outcomes: ReadonlyMap<string, Outcome>) => {
      const of = (scheme: string) => outcomes.get(scheme)!;
      const adaptive = etas.map((eta) => of(`η = ${eta}`));
      const constants = schemes.filter(({ eta }) => eta === undefined).map((scheme) => of(scheme.name));
      checks.push(
        ...growthChecks(name, adaptive, INITIAL),
        check(
          "C4",
          `${name}: accuracy with η = 0.5 minus that of full batches`,
          of("η = 0.5").accuracy - of(full).accuracy,
          {
            atLeast: 0.1,
          },
        ),
        check(
          "C4",
          `${name}: steps with η = 0.5 over those with b = 256`,
          of("η = 0.5").steps / of("b = 256").steps,
          {
            atMost: 0.1,
          },
        ),
        ...adaptive.map((o, i) =>
          check(
            "C4",
            `${name}: accuracy with η = ${etas[i]} minus that of one size with as many steps`,
            o.accuracy - interpolatedAccuracy(constants, o.steps),
            { atLeast: -0.002 },
          ),
        ),
      );
      const told = (scheme: string) => `${of(scheme).steps} steps to ${formatFigure(of(scheme).accuracy)}`;
      summary.push(
        `${name}: ${[...etas.map((eta) => `η = ${eta}`), "b = 256", full].map((s) => `${s} takes ${told(s)}`).join(", ")}.`,
      );
    };
    const samples = epochs * rows;
    const common = { learningRate: 0.03, schemes, samples };
    const context = { seed, signal, stage };
    const flatTraining = {
      ...common,
      name: `${fashion ? "" : "Moved digits, "}${inputs}-64-10 network`,
      model: classifier({ inputs, hidden: [64] }),
      data: flat,
    };
    report(flatTraining.name, yield* trainings(flatTraining, context));
    const square = fashion && withConvolutions ? await images("fashion-mnist", rows, [1, 28, 28]) : undefined;
    if (square) {
      const training = { ...common, name: "convolutional network", model: convolutional, data: square };
      report(training.name, yield* trainings({ ...training, microBatch: MICRO_BATCH }, context));
    }

    const mnist = paperEpochs > 0 ? await images("mnist", most, [784]) : undefined;
    const mnistSquare = paperEpochs > 0 ? await images("mnist", most, [1, 28, 28]) : undefined;
    if (paperEpochs > 0 && !mnist) yield note("MNIST is not here: the paper's own runs are left out.");
    if (mnist && mnistSquare) {
      // The paper's rows for MNIST: AdaGrad at 8e-3, the norm test with eta = 0.1.
      const [all] = mnist.train.x.shape;
      const paper = { learningRate: 8e-3, samples: paperEpochs * all };
      const [fromTwo, fromEight] = [adaptiveScheme(0.1, 2, all), adaptiveScheme(0.1, 8, all)];
      const linear = {
        ...paper,
        name: "MNIST, softmax regression",
        model: softmax,
        data: mnist,
        schemes: [fromTwo],
      };
      const deep = {
        ...paper,
        name: "MNIST, convolutional network",
        model: convolutional,
        data: mnistSquare,
      };
      const outcomes = [
        { name: linear.name, initial: 2, ...(yield* trainings(linear, context)).get(fromTwo.name)! },
        {
          name: deep.name,
          initial: 8,
          ...(yield* trainings({ ...deep, schemes: [fromEight], microBatch: MICRO_BATCH }, context)).get(
            fromEight.name,
          )!,
        },
      ];
      for (const { name, initial, steps, meanBatch, finalBatch, accuracy } of outcomes) {
        checks.push(check("C3", `${name}: last batch over the first`, finalBatch / initial, { atLeast: 10 }));
        summary.push(
          `${name}, η = 0.1: ${steps} steps in ${formatFigure(paper.samples)} samples, mean batch ${formatFigure(meanBatch)}, accuracy ${formatFigure(accuracy)}.`,
        );
      }
    }

    yield progress(1, "done");
    return {
      checks,
      summary,
      captions: {
        accuracy: `Each point a run on ${formatFigure(samples)} samples. More steps are more accurate; where batches by the norm test lie below, batches of one size do better with as many steps.`,
        growth: `From ${INITIAL} rows on; the test is no longer made once a batch is all ${formatFigure(rows)} images.`,
      },
    };
  },
});
