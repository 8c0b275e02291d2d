import { reshape, type Tensor } from "@gradus/graph";
import { convnet, loadMnist, uniformByInputs } from "gradus";
import { z } from "zod";
import { defineExperiment, note, progress, table } from "../experiment.ts";
import {
  accuracyPlots,
  type ComparisonPlan,
  compare,
  describeScores,
  scoreChecks,
  scoreTable,
} from "./comparison.ts";
import type { LabeledImages } from "./digits.ts";
import type { AttackName, MethodName } from "./methods.ts";

const SIDE = 28;
/** The pixels' mean and standard deviation by which MNIST is normalized. */
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

const asImages = (x: Tensor): Tensor => reshape(x, [x.shape[0], 1, SIDE, SIDE]);

async function normalizedImages(set: "mnist" | "fashion-mnist"): Promise<LabeledImages> {
  const part = async (split: "train" | "test") => {
    const { pixels, labels } = await loadMnist({ set, split });
    const x = Float32Array.from(pixels, (value) => (value / 255 - PIXELS.mean) / PIXELS.deviation);
    return { x, y: labels };
  };
  return { d: SIDE * SIDE, train: await part("train"), test: await part("test") };
}

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

export default defineExperiment({
  id: "images",
  title: "28 × 28 images under attack, at the paper's size",
  description:
    "The paper's first setting: 21 honest nodes of 26 train a convolutional network with 431,080 parameters on uneven shares of MNIST or Fashion-MNIST, 600 steps, five repetitions, four attacks. Needs the data files and about 16 hours; the quick profile only says so.",
  claims: ["C1", "C4"],
  parameters: z.object({
    set: z.enum(["mnist", "fashion-mnist"]).default("mnist").describe("images"),
    methods: selection(methodNames).describe("methods, separated by commas; MoNNA always runs"),
    attacks: selection(attackNames).describe("attacks, separated by commas"),
    concentration: z
      .number()
      .min(0.01)
      .max(1000)
      .default(1)
      .describe("Dirichlet concentration of the data shares"),
    repetitions: z.int().min(0).max(20).default(5).describe("repetitions; 0 runs nothing"),
    steps: z.int().min(30).max(10_000).default(600).describe("training steps"),
  }),
  profiles: { quick: { repetitions: 0 }, full: {} },
  seconds: { quick: 1, full: 57_600 },
  plots: accuracyPlots,

  async *run({
    parameters: { set, methods, attacks, concentration, repetitions, steps },
    seed,
    signal,
    stage,
  }) {
    if (repetitions === 0) {
      yield note("Nothing is measured here in the quick profile: run the full one, or set repetitions.");
      return { checks: [], summary: ["Not run: this experiment has a full profile only."] };
    }
    const others: readonly MethodName[] = chosen(methods, methodNames).filter((name) => name !== "MoNNA");
    const against: readonly AttackName[] = chosen(attacks, attackNames);
    const plan: ComparisonPlan = { methods: ["MoNNA", ...others], attacks: against, signFlipOnly: [] };
    const images = await normalizedImages(set);
    const contests = Array.from({ length: repetitions }, (_, repetition) => async () => ({
      images,
      network: imageNetwork,
      shapeOf: asImages,
      nodes: NODES,
      faulty: FAULTY,
      regularization: 1e-4,
      concentration,
      batchSize: 25,
      learningRate,
      steps,
      evaluateEvery: 5,
      evaluations: 16,
      radius: 2,
      seed: seed + repetition,
      signal,
    }));
    const scores = yield* compare(plan, contests, stage);
    yield table(scoreTable(plan, scores));
    yield progress(1, "done");
    const { summary, captions } = describeScores(plan, scores);
    return { checks: scoreChecks(plan, scores, { margin: 0.05 }), summary, captions };
  },
});
