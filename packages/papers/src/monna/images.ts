import { reshape, type Tensor } from "@gradus/graph";
import { type LabeledImages, shuffledDigits } from "gradus/collaborative";
import { convnet, uniformByInputs } from "gradus/nn";
import { sampleMean } from "gradus/statistics";
import { piecewiseConstant } from "gradus/train";
import { z } from "zod";
import { inconclusive } from "../check.ts";
import { defineExperiment } from "../experiment.ts";
import { scaledImages } from "../shared/images.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import {
  accuracyPlots,
  type Comparison,
  type ComparisonPlan,
  compare,
  judgeScores,
  presentScores,
} from "./comparison.ts";
import type { AttackName, MethodName } from "./methods.ts";

const SIDE = 28;
/** The mean and standard deviation with which MNIST's pixels are normalized. */
const PIXELS = { mean: 0.1307, deviation: 0.3081 };
const FAULTY = 5;
const NODES = 26;
const methodNames = ["MoNNA", "NNA", "MoCWTM", "BRIDGE", "MoGM", "GM", "SCC", "LEARN"] as const;
const attackNames = ["ALIE", "FOE", "SF", "LF"] as const;

/** Two convolutions and two dense layers, 431,080 parameters. */
export const imageNetwork = convnet({
  input: [1, SIDE, SIDE],
  stages: [
    { filters: 20, kernel: 5, pool: 2 },
    { filters: 50, kernel: 5, pool: 2 },
  ],
  hidden: [500],
  outputs: 10,
  initializer: uniformByInputs,
  biasInitializer: uniformByInputs,
});

/** A network of the same kind for 8 x 8 images, 1482 parameters. */
const smallNetwork = convnet({
  input: [1, 8, 8],
  stages: [
    { filters: 8, kernel: 3, pool: 2 },
    { filters: 16, kernel: 2, pool: 2 },
  ],
  hidden: [32],
  outputs: 10,
  initializer: uniformByInputs,
  biasInitializer: uniformByInputs,
});

async function normalizedImages(set: "mnist" | "fashion-mnist"): Promise<LabeledImages> {
  const part = async (split: "train" | "test") => {
    const { pixels, labels } = await scaledImages(set, "f64", { split });
    const x = Float32Array.from(pixels, (pixel) => (pixel - PIXELS.mean) / PIXELS.deviation);
    return { x, y: Uint8Array.from(labels) };
  };
  return { d: SIDE * SIDE, train: await part("train"), test: await part("test") };
}

/** From rows of pixels to images of one channel. */
const asImages =
  (side: number) =>
  (x: Tensor): Tensor =>
    reshape(x, [x.shape[0], 1, side, side]);

/** The rate of the paper: 0.75/(1 + t/50), refreshed every 50 steps. */
const learningRate = (step: number) => 0.75 / (1 + Math.floor(step / 50));

const selection = <T extends string>(names: readonly T[]) =>
  z
    .string()
    .refine(
      (text) => text === "all" || text.split(",").every((name) => names.some((known) => known === name)),
      {
        message: `wants "all" or some of ${names.join(", ")}, separated by commas`,
      },
    )
    .default("all");

function chosen<T extends string>(text: string, names: readonly T[]): readonly T[] {
  return text === "all" ? names : names.filter((name) => text.split(",").includes(name));
}

/** Pixels minus their mean over the training rows, in units of their standard deviation there. */
async function normalizedDigits(seed: number): Promise<LabeledImages> {
  const { d, train, test } = await shuffledDigits(seed);
  const center = sampleMean(train.x);
  const deviation = Math.sqrt(sampleMean(train.x.map((pixel) => (pixel - center) ** 2)));
  const part = ({ x, y }: LabeledImages["train"]) => ({
    x: x.map((pixel) => (pixel - center) / deviation),
    y,
  });
  return { d, train: part(train), test: part(test) };
}

/** Images, their network and its training settings; on the digits, those of the experiment with four attacks. */
async function settingOf(set: "digits" | "mnist" | "fashion-mnist", seed: number) {
  if (set === "digits") {
    const images = await normalizedDigits(seed);
    const rate = piecewiseConstant({ values: [0.75, 0.375], boundaries: [200] });
    return { images, network: smallNetwork, shapeOf: asImages(8), learningRate: rate, evaluations: 8 };
  }
  const images = await normalizedImages(set);
  return { images, network: imageNetwork, shapeOf: asImages(SIDE), learningRate, evaluations: 16 };
}

interface ImageComparison extends Comparison {
  readonly set: "digits" | "mnist" | "fashion-mnist";
}

const STAND_IN =
  "The quick size trains a network of 1,482 parameters on 8 × 8 digits; the paper’s has 431,080 and takes hours.";

export default defineExperiment({
  description:
    "The paper’s MNIST setting: 21 honest nodes of 26 train a convolutional network on uneven shares of 28 × 28 images under four attacks, with five repetitions. The full profile needs the files of MNIST or Fashion-MNIST (gradus data pull fashion-mnist). The quick profile trains a small network on the bundled 8 × 8 digits by MoNNA and by the same mixing without momentum, which decides no claim. A network whose training diverges counts as one that guesses.",
  parameters: z.object({
    set: z
      .enum(["mnist", "fashion-mnist", "digits"])
      .default("mnist")
      .describe("images; the digits are bundled, the others are files in the data directory"),
    methods: selection(methodNames).describe("methods, separated by commas; MoNNA always runs"),
    attacks: selection(attackNames).describe("attacks, separated by commas"),
    concentration: z
      .number()
      .min(0.01)
      .max(1000)
      .default(1)
      .describe("Dirichlet concentration of the data shares"),
    repetitions: z.int().min(1).max(20).default(5).describe("repetitions"),
    steps: z.int().min(30).max(10_000).default(600).describe("training steps"),
  }),
  dataDirectory: ["set"],
  profiles: {
    quick: { set: "digits", methods: "MoNNA,NNA", attacks: "ALIE,FOE", repetitions: 1, steps: 300 },
    full: {},
  },
  seconds: { quick: 10, full: 36_000 },
  plots: accuracyPlots,

  async *measure({
    parameters: { set, methods, attacks, concentration, repetitions, steps },
    seed,
    signal,
    stage,
  }) {
    const others: readonly MethodName[] = chosen(methods, methodNames).filter((name) => name !== "MoNNA");
    const against: readonly AttackName[] = chosen(attacks, attackNames);
    const plan: ComparisonPlan = { methods: ["MoNNA", ...others], attacks: against, signFlipOnly: [] };
    const setting = await settingOf(set, seed);
    const contests = repeatSeeds(seed, repetitions).map((own) => async () => ({
      ...setting,
      nodes: NODES,
      faulty: FAULTY,
      regularization: 1e-4,
      concentration,
      batchSize: 25,
      steps,
      evaluateEvery: 5,
      radius: 2,
      seed: own,
      signal,
    }));
    return { set, ...(yield* compare(plan, contests, stage)) };
  },

  judge: (found) =>
    found.set === "digits"
      ? [inconclusive("C1", STAND_IN), inconclusive("C4", STAND_IN)]
      : judgeScores(found),
  present: (found: ImageComparison) => presentScores(found),
});
