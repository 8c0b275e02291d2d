import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment } from "../experiment.ts";
import { criterion } from "../ground.ts";
import {
  edgeShare,
  half,
  looseTrace,
  margin,
  type Run,
  rangeOf,
  runsTable,
  stable,
  traceShare,
  twice,
  unclipped,
} from "./descend.ts";
import { diagonalProblem } from "./problems.ts";
import { minimaAt, ratios, runRates } from "./rate-runs.ts";
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

interface Findings {
  readonly size: keyof typeof sizes;
  readonly runs: readonly Run[];
}

function figuresOf({ size, runs }: Findings) {
  const { low, high, gdLow, gdHigh, equal } = sizes[size].compared;
  const sgdRuns = runs.filter(({ method }) => method === "SGD");
  const fast = runs.filter(({ method, rate }) => method === "GD" && rate === gdHigh);
  const at = (method: string, rate: number) => minimaAt(runs, method, rate);
  return {
    trace: rangeOf(sgdRuns.map(traceShare))[1],
    norm: rangeOf(sgdRuns.map(({ rate, minimum }) => rate * minimum.norm))[1],
    margin: rangeOf(sgdRuns.filter(({ minimum }) => minimum.loss <= AT_MINIMUM).map(margin))[0],
    falls: rangeOf(ratios("error", at("SGD", high), at("SGD", low))),
    gdFalls: rangeOf(ratios("error", at("GD", gdHigh), at("GD", gdLow)))[0],
    errors: rangeOf(ratios("error", at("SGD", equal), at("GD", equal)))[1],
    norms: rangeOf(ratios("norm", at("SGD", equal), at("GD", equal)))[1],
    gdTrace: rangeOf(fast.map(traceShare)),
    gdEdge: rangeOf(fast.map(edgeShare)),
    fewest: rangeOf(sgdRuns.map(({ minimum }) => minimum.unclipped))[0],
  };
}

export default defineExperiment({
  description:
    "Trains diagonal linear networks on sparse regression by SGD with single samples and by gradient descent at several learning rates, and measures sharpness, |β|₁ and test error of the minima.",
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

  async *measure(context) {
    const { size, seeds, sgdSteps, gdSteps } = context.parameters;
    const { data, sgd, gd } = sizes[size];
    const runs = yield* runRates(
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
    return { size, runs };
  },

  judge(findings) {
    const { low, high, gdLow, gdHigh, equal } = sizes[findings.size].compared;
    const found = figuresOf(findings);
    const apart = criterion("“too weak” stands apart: SGD has at most half at the same learning rate");
    return [
      check("C1", "SGD: largest η Tr G/2", found.trace, stable.condition, stable.ground),
      check("C1", `GD, η = ${gdHigh}: largest η λ₁/2`, found.gdEdge[1], stable.condition, stable.ground),
      check(
        "C3",
        "SGD: largest η ‖β‖₁",
        found.norm,
        stable.condition,
        criterion("Tr G ≥ 2‖β‖₁ turns the bound on the trace into η‖β‖₁ ≤ 1, with the same 2%"),
      ),
      check("C4", `GD, η = ${gdHigh}: smallest η Tr G/2`, found.gdTrace[0], twice, looseTrace),
      check("C4", `η = ${equal}: test error of SGD over that of GD, largest`, found.errors, half, apart),
      check("C4", `η = ${equal}: ‖β‖₁ of SGD over that of GD, largest`, found.norms, half, apart),
      check(
        "C5",
        `SGD: test error at η = ${high} over that at ${low}, largest`,
        found.falls[1],
        half,
        criterion("a larger learning rate helps where it at least halves the test error"),
      ),
      check(
        "C5",
        `GD: test error at η = ${gdHigh} over that at ${gdLow}, smallest`,
        found.gdFalls,
        { above: 0.5 },
        criterion("gradient descent does not gain in the same way: its error is not halved"),
      ),
      ourCheck(
        "SGD: smallest η*/η of the runs with a loss of at most 1e-3",
        found.margin,
        { atLeast: 0.9 },
        criterion("a run that has settled is stable in mean square, to a tenth"),
      ),
      unclipped(found.fewest),
    ];
  },

  present(findings) {
    const { low, high, gdHigh, equal } = sizes[findings.size].compared;
    const found = figuresOf(findings);
    const count = findings.runs.filter(({ method }) => method === "SGD").length;
    const [error, trace] = [found.errors, found.trace].map(formatRounded);
    return {
      headline: `SGD’s minima have a trace of at most ${trace} times 2/η, gradient descent’s of ${formatRounded(found.gdTrace[0])} times or more; at η = ${equal} SGD’s test error is at most ${error} times gradient descent’s.`,
      captions: {
        "sgd-sharpness": `The ${count} traces of SGD against the line 2/η: η Tr G/2 is at most ${trace}.`,
        "gd-sharpness": `Gradient descent at η = ${gdHigh}: η λ₁/2 is at most ${formatRounded(found.gdEdge[1])}, while the trace is ${found.gdTrace.map(formatRounded).join(" to ")} times 2/η.`,
        error: `SGD’s test error at η = ${high} is ${found.falls.map(formatRounded).join(" to ")} times that at ${low}; gradient descent’s at η = ${gdHigh} is still ${formatRounded(found.gdFalls)} times its error at the smallest rate, or more.`,
        norm: `The trace bounds ‖β‖₁: η‖β‖₁ of SGD is at most ${formatRounded(found.norm)}, and the dashed line is 1/η.`,
      },
      summary: [
        `SGD cannot stay where Tr G > 2/η: every run ends with η Tr G/2 ≤ ${trace} and η‖β‖₁ ≤ ${formatRounded(found.norm)}. At large η it overshoots and lands far below the line.`,
        `At the same η = ${equal} SGD’s test error is at most ${error} times gradient descent’s: the stability of gradient descent bounds only the largest of d coordinates.`,
      ],
      tables: [runsTable(findings.runs, panel.norm)],
    };
  },
});
