import { digitsNetwork, shuffledDigits } from "gradus/collaborative";
import { piecewiseConstant } from "gradus/train";
import { z } from "zod";
import { defineExperiment, progress, table } from "../experiment.ts";
import {
  accuracyPlots,
  type ComparisonPlan,
  compare,
  describeScores,
  scoreChecks,
  scoreTable,
} from "./comparison.ts";

const learningRate = piecewiseConstant({ values: [0.75, 0.375], boundaries: [200] });

const plans: Readonly<Record<"selected" | "all", ComparisonPlan>> = {
  selected: {
    methods: ["MoNNA", "NNA", "MoCWTM", "BRIDGE", "SCC"],
    attacks: ["ALIE", "SF", "LF"],
    signFlipOnly: ["GM", "plain mean"],
  },
  all: {
    methods: ["MoNNA", "NNA", "MoCWTM", "BRIDGE", "MoGM", "GM", "SCC", "LEARN"],
    attacks: ["ALIE", "FOE", "SF", "LF"],
    signFlipOnly: ["plain mean"],
  },
};

export default defineExperiment({
  id: "four-attacks",
  title: "Digits under attack: who still learns",
  description:
    "21 honest nodes with uneven shares of the 8 × 8 digits train a 64-32-10 network together while five others send the worst they can find; the accuracy of an honest node is compared over methods and attacks.",
  claims: ["C1", "C4"],
  parameters: z.object({
    contenders: z
      .enum(["selected", "all"])
      .default("all")
      .describe("all methods and attacks, or five methods and three attacks"),
    repetitions: z
      .int()
      .min(1)
      .max(20)
      .default(3)
      .describe("repetitions, each with its own data shares and weights"),
    steps: z.int().min(50).max(5000).default(300).describe("training steps"),
    evaluations: z
      .int()
      .min(2)
      .max(64)
      .default(8)
      .describe("evaluations of a line search for the worst model"),
  }),
  profiles: { quick: { contenders: "selected", repetitions: 1 }, full: {} },
  seconds: { quick: 22, full: 250 },
  plots: accuracyPlots,

  async *run({ parameters: { contenders, repetitions, steps, evaluations }, seed, signal, stage }) {
    const plan = plans[contenders];
    const contests = Array.from({ length: repetitions }, (_, repetition) => async () => {
      const own = seed * 1000 + repetition;
      return {
        images: await shuffledDigits(own),
        network: digitsNetwork,
        nodes: 26,
        faulty: 5,
        regularization: 1e-4,
        concentration: 1,
        batchSize: 25,
        learningRate,
        steps,
        evaluateEvery: 5,
        evaluations,
        radius: 2,
        seed: own,
        signal,
      };
    });
    const scores = yield* compare(plan, contests, stage);
    yield table(scoreTable(plan, scores));
    yield progress(1, "done");
    const { summary, captions } = describeScores(plan, scores);
    return { checks: scoreChecks(plan, scores, { least: 0.82, margin: 0.04 }), summary, captions };
  },
});
