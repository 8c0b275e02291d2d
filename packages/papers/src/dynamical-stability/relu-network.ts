import { z } from "zod";
import { check, formatFigure } from "../check.ts";
import { defineExperiment } from "../experiment.ts";
import { edgeShare, margin, rangeOf, traceShare } from "./descend.ts";
import { reluProblem, reluSizes } from "./problems.ts";
import { runRates } from "./rate-runs.ts";
import { sharpnessPlots } from "./sharpness-plots.ts";

/** Learning rates: those of SGD ascend, and its errors are compared at `low` and `high`. */
const rates = {
  small: { sgd: [0.008, 0.016, 0.032], gd: [0.016, 0.064, 0.1, 0.14], low: 0.008, high: 0.032 },
  paper: { sgd: [0.002, 0.004, 0.008, 0.016], gd: [0.016, 0.064, 0.1, 0.13], low: 0.002, high: 0.008 },
} as const;
/** From here on the edge of gradient descent binds. */
const BINDING = 0.064;

const axes = { norm: "Path norm ‖θ‖_P", rate: "√d η for SGD, η for GD" };

export default defineExperiment({
  id: "relu-network",
  title: "Two-layer ReLU networks: SGD ends on its edge of stability",
  description:
    "Trains two-layer ReLU networks on a teacher by SGD with single samples and by gradient descent at several learning rates, and measures sharpness, path norm and test error of the minima.",
  claims: ["C1", "C3", "C4", "C5"],
  parameters: z.object({
    size: z
      .enum(["small", "paper"])
      .default("paper")
      .describe("small: d = 20, m = n = 60, teacher of 5 units; paper: d = m = 100, n = 300, teacher of 10"),
    seeds: z.int().min(1).max(20).default(1).describe("seeds of data, start and order"),
    sgdSteps: z.int().min(1000).max(2_000_000).default(600_000).describe("most steps of SGD"),
    gdSteps: z.int().min(100).max(100_000).default(20_000).describe("most steps of gradient descent"),
  }),
  profiles: { quick: { size: "small", seeds: 3, sgdSteps: 60_000, gdSteps: 10_000 }, full: {} },
  seconds: { quick: 2, full: 60 },
  plots: sharpnessPlots(axes),

  async *run(context) {
    const { size, seeds, sgdSteps, gdSteps } = context.parameters;
    const shape = reluSizes[size];
    const { sgd, gd, low, high } = rates[size];
    const root = Math.sqrt(shape.d);
    const { runs, at, ratios } = yield* runRates(
      {
        problem: (s) => reluProblem(shape, s),
        rates: { sgd, gd },
        steps: { sgd: sgdSteps, gd: gdSteps },
        training: { clip: 10, tolerance: 1e-8 },
        seeds,
        panel: { ...axes, factor: root, bound: 2 },
      },
      context,
    );
    const sgdRuns = runs.filter(({ method }) => method === "SGD");
    const binding = runs.filter(({ method, rate }) => method === "GD" && rate >= BINDING);
    const [leastTrace, mostTrace] = rangeOf(sgdRuns.map(traceShare));
    const [leastMargin, mostMargin] = rangeOf(sgdRuns.map(margin));
    const [, mostPath] = rangeOf(sgdRuns.map(({ minimum }) => (root * minimum.norm) / minimum.trace));
    const [leastEdge, mostEdge] = rangeOf(binding.map(edgeShare));
    const [leastGdTrace, mostGdTrace] = rangeOf(binding.map(traceShare));
    const [, mostRise] = rangeOf(
      sgd.slice(1).flatMap((rate, k) => ratios("norm", at("SGD", rate), at("SGD", sgd[k]))),
    );
    const falls = ratios("error", at("SGD", high), at("SGD", low));
    const [largestSgd, largestGd] = [sgd[sgd.length - 1], gd[gd.length - 1]];
    const norms = ratios("norm", at("SGD", largestSgd), at("GD", largestGd));
    const errors = ratios("error", at("SGD", largestSgd), at("GD", largestGd));
    const [fewest] = rangeOf(sgdRuns.map(({ minimum }) => minimum.unclipped));
    return {
      checks: [
        check("C1", `SGD: smallest η Tr G/2 of ${sgdRuns.length} runs`, leastTrace, { atLeast: 0.65 }),
        check("C1", "SGD: largest η Tr G/2", mostTrace, { atMost: 1.02 }),
        check("C1", "SGD: smallest exact threshold over learning rate, η*/η", leastMargin, { atLeast: 0.92 }),
        check("C1", "SGD: largest η*/η", mostMargin, { atMost: 1.12 }),
        check("C1", "SGD: fewest steps since the last clipped one", fewest, { atLeast: 1000 }),
        check("C1", `GD, η ≥ ${BINDING}: smallest η λ₁/2 of ${binding.length} runs`, leastEdge, {
          atLeast: 0.85,
        }),
        check("C1", `GD, η ≥ ${BINDING}: largest η λ₁/2`, mostEdge, { atMost: 1.02 }),
        check("C3", "SGD: largest √d ‖θ‖_P over Tr G", mostPath, { atMost: 1.05 }),
        check("C4", `GD, η ≥ ${BINDING}: smallest η Tr G/2`, leastGdTrace, { atLeast: 4 }),
        check(
          "C4",
          `path norm, SGD at η = ${largestSgd} over GD at ${largestGd}, largest`,
          Math.max(...norms),
          {
            atMost: 0.5,
          },
        ),
        check(
          "C4",
          `test error, SGD at η = ${largestSgd} over GD at ${largestGd}, largest`,
          Math.max(...errors),
          {
            atMost: 0.5,
          },
        ),
        check("C5", `SGD: test error at η = ${high} over that at ${low}, largest`, Math.max(...falls), {
          atMost: 0.4,
        }),
        check("C5", "SGD: largest factor of the path norm from one η to the next", mostRise, { atMost: 1 }),
      ],
      captions: {
        "sgd-sharpness": `SGD ends with Tr G just below 2/η (η Tr G/2 from ${formatFigure(leastTrace)} to ${formatFigure(mostTrace)}), and on its exact edge: η*/η from ${formatFigure(leastMargin)} to ${formatFigure(mostMargin)}.`,
        "gd-sharpness": `Gradient descent ends with λ₁ just below 2/η once η is large (η λ₁/2 from ${formatFigure(leastEdge)} to ${formatFigure(mostEdge)}); its trace is ${formatFigure(leastGdTrace)} to ${formatFigure(mostGdTrace)} times 2/η.`,
        error: `SGD's test error at η = ${largestSgd} is at most ${formatFigure(Math.max(...errors))} of gradient descent's at ${largestGd}, the largest rates that train.`,
        norm: `The path norm falls as the trace does, since √d ‖θ‖_P ≤ ${formatFigure(mostPath)} Tr G in every run. With many samples it is at most 2/(√d η), the dashed line.`,
      },
      summary: [
        `Every minimum of SGD sits on the edge of mean-square stability: its exact threshold is ${formatFigure(leastMargin)} to ${formatFigure(mostMargin)} times the learning rate.`,
        `Gradient descent's edge is λ₁ = 2/η, which leaves the trace ${formatFigure(leastGdTrace)} times 2/η or more.`,
        `SGD at η = ${largestSgd} ends with ${formatFigure(Math.max(...norms))} of gradient descent's path norm at η = ${largestGd} or less.`,
      ],
    };
  },
});
