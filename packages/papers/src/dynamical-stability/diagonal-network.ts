import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment } from "../experiment.ts";
import { edgeShare, margin, rangeOf, traceShare } from "./descend.ts";
import { diagonalProblem } from "./problems.ts";
import { runRates } from "./rate-runs.ts";
import { sharpnessPlots } from "./sharpness-plots.ts";

/** Data and learning rates; the comparisons are made at the rates named last. */
const sizes = {
  small: {
    data: { d: 200, n: 60 },
    sgd: [0.004, 0.008, 0.016, 0.032, 0.064],
    gd: [0.004, 0.032, 0.064, 0.128],
    compared: { low: 0.004, high: 0.032, gdLow: 0.004, gdHigh: 0.064, equal: 0.032 },
  },
  paper: {
    data: { d: 1000, n: 300 },
    sgd: [0.001, 0.002, 0.004, 0.008, 0.016],
    gd: [0.004, 0.016, 0.064, 0.128],
    compared: { low: 0.001, high: 0.008, gdLow: 0.004, gdHigh: 0.064, equal: 0.016 },
  },
} as const;

const panel = { norm: "‖β‖₁", rate: "learning rate η", factor: 1, bound: 1 };
/** Runs with a larger loss hover on the edge of stability: they are not at a minimum. */
const AT_MINIMUM = 1e-3;

export default defineExperiment({
  id: "diagonal-network",
  title: "Diagonal linear networks: SGD's minima obey the trace, gradient descent's do not",
  description:
    "Trains diagonal linear networks on sparse regression by SGD with single samples and by gradient descent at several learning rates, and measures sharpness, |β|₁ and test error of the minima.",
  claims: ["C1", "C3", "C4", "C5"],
  parameters: z.object({
    size: z
      .enum(["small", "paper"])
      .default("paper")
      .describe("small: d = 200, n = 60; paper: d = 1000, n = 300"),
    seeds: z.int().min(1).max(20).default(2).describe("seeds of data, start and order"),
    sgdSteps: z.int().min(1000).max(2_000_000).default(300_000).describe("most steps of SGD"),
    gdSteps: z.int().min(100).max(100_000).default(10_000).describe("most steps of gradient descent"),
  }),
  profiles: { quick: { size: "small", seeds: 5, sgdSteps: 100_000 }, full: {} },
  seconds: { quick: 4, full: 15 },
  plots: sharpnessPlots(panel),

  async *run(context) {
    const { size, seeds, sgdSteps, gdSteps } = context.parameters;
    const { data, sgd, gd, compared } = sizes[size];
    const { runs, at, ratios } = yield* runRates(
      {
        problem: (s) => diagonalProblem(data, s),
        rates: { sgd, gd },
        steps: { sgd: sgdSteps, gd: gdSteps },
        training: { clip: 100, tolerance: 1e-10 },
        seeds,
        panel,
      },
      context,
    );
    const sgdRuns = runs.filter(({ method }) => method === "SGD");
    const settled = sgdRuns.filter(({ minimum }) => minimum.loss <= AT_MINIMUM);
    const gdHigh = runs.filter(({ method, rate }) => method === "GD" && rate === compared.gdHigh);
    const [, mostTrace] = rangeOf(sgdRuns.map(traceShare));
    const [, mostNorm] = rangeOf(sgdRuns.map(({ rate, minimum }) => rate * minimum.norm));
    const [leastMargin] = rangeOf(settled.map(margin));
    const falls = ratios("error", at("SGD", compared.high), at("SGD", compared.low));
    const gdFalls = ratios("error", at("GD", compared.gdHigh), at("GD", compared.gdLow));
    const errors = ratios("error", at("SGD", compared.equal), at("GD", compared.equal));
    const norms = ratios("norm", at("SGD", compared.equal), at("GD", compared.equal));
    const [leastTrace, mostGdTrace] = rangeOf(gdHigh.map(traceShare));
    const [, mostEdge] = rangeOf(gdHigh.map(edgeShare));
    const [fewest] = rangeOf(sgdRuns.map(({ minimum }) => minimum.unclipped));
    const onTheEdge = sgdRuns.filter(({ rate }) => rate === 0.002 || rate === 0.004).map(traceShare);
    const inside: Check[] =
      size === "paper"
        ? [
            check("C1", "SGD, η = 0.002 and 0.004: smallest η Tr G/2", rangeOf(onTheEdge)[0], {
              atLeast: 0.8,
            }),
            check("C1", "SGD, η = 0.002 and 0.004: largest η Tr G/2", rangeOf(onTheEdge)[1], {
              atMost: 1.02,
            }),
          ]
        : [];
    return {
      checks: [
        check("C1", `SGD: largest η Tr G/2 of ${sgdRuns.length} runs`, mostTrace, { atMost: 1.02 }),
        ...inside,
        check(
          "C1",
          `SGD: smallest η*/η of the ${settled.length} runs at a minimum (loss ≤ 1e-3)`,
          leastMargin,
          {
            atLeast: 0.97,
          },
        ),
        check("C1", "SGD: fewest steps since the last clipped one", fewest, { atLeast: 1000 }),
        check("C3", "SGD: largest η ‖β‖₁", mostNorm, { atMost: 1.02 }),
        check(
          "C5",
          `SGD: test error at η = ${compared.high} over that at ${compared.low}, largest of the seeds`,
          Math.max(...falls),
          { atMost: 0.05 },
        ),
        check(
          "C5",
          `GD: test error at η = ${compared.gdHigh} over that at ${compared.gdLow}, smallest of the seeds`,
          Math.min(...gdFalls),
          { atLeast: 0.8 },
        ),
        check(
          "C4",
          `η = ${compared.equal}: test error of SGD over that of GD, largest`,
          Math.max(...errors),
          {
            atMost: 0.05,
          },
        ),
        check("C4", `η = ${compared.equal}: ‖β‖₁ of SGD over that of GD, largest`, Math.max(...norms), {
          atMost: 0.2,
        }),
        check("C4", `GD, η = ${compared.gdHigh}: smallest η Tr G/2`, leastTrace, { atLeast: 3 }),
        check("C1", `GD, η = ${compared.gdHigh}: largest η λ₁/2`, mostEdge, { atMost: 1.02 }),
      ],
      captions: {
        "sgd-sharpness": `All ${sgdRuns.length} traces of SGD lie on or below the line 2/η (η Tr G/2 at most ${formatFigure(mostTrace)}).`,
        "gd-sharpness": `Gradient descent keeps λ₁ below the line and nothing else: at η = ${compared.gdHigh} the trace is ${formatFigure(leastTrace)} to ${formatFigure(mostGdTrace)} times 2/η.`,
        error: `SGD's test error falls by a factor ${formatFigure(1 / Math.max(...falls))} or more from η = ${compared.low} to ${compared.high}; gradient descent's hardly moves.`,
        norm: "The trace bounds ‖β‖₁, so SGD's stays below 1/η, the dashed line; gradient descent keeps about what it starts with.",
      },
      summary: [
        `SGD cannot stay where Tr G > 2/η: every run ends with η Tr G/2 ≤ ${formatFigure(mostTrace)} and η‖β‖₁ ≤ ${formatFigure(mostNorm)}. At large η it jumps far below the line, since it overshoots on the way.`,
        `At the same η = ${compared.equal} SGD's test error is at most ${formatFigure(Math.max(...errors))} of gradient descent's: the stability of gradient descent bounds only the largest of d coordinates.`,
      ],
    };
  },
});
