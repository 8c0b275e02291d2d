import { digitsNetwork, shuffledDigits } from "gradus/collaborative";
import { piecewiseConstant } from "gradus/train";
import { z } from "zod";
import { defineExperiment } from "../experiment.ts";
import { accuracyPlots, type ComparisonPlan, compare, judgeScores, presentScores } from "./comparison.ts";

const learningRate = piecewiseConstant({ values: [0.75, 0.375], boundaries: [200] });

const plans: Readonly<Record<"selected" | "all", ComparisonPlan>> = {
  selected: {
    methods: ["MoNNA", "NNA", "MoCWTM"],
    attacks: ["ALIE", "FOE", "SF", "LF"],
    signFlipOnly: ["SCC", "GM", "plain mean"],
  },
  all: {
    methods: ["MoNNA", "NNA", "MoCWTM", "BRIDGE", "MoGM", "GM", "SCC", "LEARN"],
    attacks: ["ALIE", "FOE", "SF", "LF"],
    signFlipOnly: ["plain mean"],
  },
};

export default defineExperiment({
  description:
    "21 honest nodes with uneven shares of the 8 × 8 digits train a 64-32-10 network together with five Byzantine nodes. The accuracy of an honest node is compared across methods and attacks.",
  parameters: z.object({
    contenders: z
      .enum(["selected", "all"])
      .default("all")
      .describe(
        "all methods, or MoNNA, the same mixing without momentum and the trimmed mean, with three methods under only the sign flip",
      ),
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
  seconds: { quick: 10, full: 250 },
  plots: accuracyPlots,

  async *measure({ parameters: { contenders, repetitions, steps, evaluations }, seed, signal, stage }) {
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
    return yield* compare(plan, contests, stage);
  },

  judge: judgeScores,
  present: presentScores,
});
