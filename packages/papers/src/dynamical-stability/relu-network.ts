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
import { reluProblem, reluSizes } from "./problems.ts";
import { minimaAt, ratios, runRates } from "./rate-runs.ts";
import { sharpnessPlots } from "./sharpness-plots.ts";

/** Learning rates: those of SGD ascend, and its errors are compared at `low` and `high`. */
const rates = {
  small: { sgd: [0.008, 0.016, 0.032], gd: [0.016, 0.064, 0.1, 0.14], low: 0.008, high: 0.032 },
  paper: { sgd: [0.002, 0.004, 0.008, 0.016], gd: [0.016, 0.064, 0.1, 0.13], low: 0.002, high: 0.008 },
} as const;
/** From this learning rate on, the edge of stability of gradient descent binds. */
const BINDING = 0.064;

const axes = { norm: "Path norm ‖θ‖_P", rate: "√d η for SGD, η for GD" };

interface Findings {
  readonly size: keyof typeof rates;
  readonly runs: readonly Run[];
}

function figuresOf({ size, runs }: Findings) {
  const { sgd, gd, low, high } = rates[size];
  const largest = { sgd: sgd[sgd.length - 1], gd: gd[gd.length - 1] };
  const sgdRuns = runs.filter(({ method }) => method === "SGD");
  const binding = runs.filter(({ method, rate }) => method === "GD" && rate >= BINDING);
  const at = (method: string, rate: number) => minimaAt(runs, method, rate);
  const compared = (of: "norm" | "error") =>
    rangeOf(ratios(of, at("SGD", largest.sgd), at("GD", largest.gd)))[1];
  const root = Math.sqrt(reluSizes[size].d);
  return {
    largest,
    trace: rangeOf(sgdRuns.map(traceShare)),
    margin: rangeOf(sgdRuns.map(margin)),
    path: rangeOf(sgdRuns.map(({ minimum }) => (root * minimum.norm) / minimum.trace))[1],
    edge: rangeOf(binding.map(edgeShare)),
    gdTrace: rangeOf(binding.map(traceShare)),
    rise: rangeOf(sgd.slice(1).flatMap((rate, k) => ratios("norm", at("SGD", rate), at("SGD", sgd[k]))))[1],
    falls: rangeOf(ratios("error", at("SGD", high), at("SGD", low)))[1],
    norms: compared("norm"),
    errors: compared("error"),
    fewest: rangeOf(sgdRuns.map(({ minimum }) => minimum.unclipped))[0],
  };
}

export default defineExperiment({
  description:
    "Trains two-layer ReLU networks on a teacher by SGD with single samples and by gradient descent at several learning rates, and measures sharpness, path norm and test error of the minima.",
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

  async *measure(context) {
    const { size, seeds, sgdSteps, gdSteps } = context.parameters;
    const shape = reluSizes[size];
    const runs = yield* runRates(
      {
        problem: (s) => reluProblem(shape, s),
        rates: rates[size],
        steps: { sgd: sgdSteps, gd: gdSteps },
        training: { clip: 10, tolerance: 1e-8 },
        seeds,
        panel: { ...axes, factor: Math.sqrt(shape.d), bound: 2 },
      },
      context,
    );
    return { size, runs };
  },

  judge(findings) {
    const { low, high } = rates[findings.size];
    const found = figuresOf(findings);
    const against = `SGD at η = ${found.largest.sgd} over GD at ${found.largest.gd}, largest`;
    const apart = criterion("“too weak” stands apart: at the largest rates that train, SGD has at most half");
    const edge = criterion("“on the edge of stability” is within a tenth of the exact threshold");
    const allowed = { between: [0.9, 1.1] } as const;
    return [
      check("C1", "SGD: largest η Tr G/2", found.trace[1], stable.condition, stable.ground),
      check("C1", `GD, η ≥ ${BINDING}: largest η λ₁/2`, found.edge[1], stable.condition, stable.ground),
      check(
        "C3",
        "SGD: largest √d ‖θ‖_P over Tr G",
        found.path,
        { atMost: 1.05 },
        criterion("at most 1 is proved over the distribution of inputs; 5% is left to the samples"),
      ),
      check("C4", `GD, η ≥ ${BINDING}: smallest η Tr G/2`, found.gdTrace[0], twice, looseTrace),
      check("C4", `path norm, ${against}`, found.norms, half, apart),
      check("C4", `test error, ${against}`, found.errors, half, apart),
      check(
        "C5",
        `SGD: test error at η = ${high} over that at ${low}, largest`,
        found.falls,
        half,
        criterion("a larger learning rate helps where it at least halves the test error"),
      ),
      check(
        "C5",
        "SGD: largest factor of the path norm from one η to the next",
        found.rise,
        { below: 1 },
        criterion("“smaller norms” is a smaller one at every larger rate"),
      ),
      ourCheck("SGD: smallest η*/η", found.margin[0], allowed, edge),
      ourCheck("SGD: largest η*/η", found.margin[1], allowed, edge),
      unclipped(found.fewest),
    ];
  },

  present(findings) {
    const found = figuresOf(findings);
    const { sgd, gd } = found.largest;
    const range = (of: readonly number[]) => of.map(formatRounded).join(" to ");
    const [norms, errors, leastGdTrace] = [found.norms, found.errors, found.gdTrace[0]].map(formatRounded);
    return {
      headline: `SGD’s minima have a trace of ${range(found.trace)} times 2/η; gradient descent’s have a largest eigenvalue of ${range(found.edge)} times 2/η and a trace of ${leastGdTrace} times or more.`,
      captions: {
        "sgd-sharpness": `SGD: η Tr G/2 from ${range(found.trace)}, and exact threshold over learning rate η*/η from ${range(found.margin)}.`,
        "gd-sharpness": `Gradient descent at η ≥ ${BINDING}: η λ₁/2 from ${range(found.edge)}; its trace is ${range(found.gdTrace)} times 2/η.`,
        error: `SGD’s test error at η = ${sgd} is at most ${errors} times gradient descent’s at ${gd}, the largest rates that train.`,
        norm: `√d ‖θ‖_P is at most ${formatRounded(found.path)} Tr G in SGD’s runs. With many samples η√d ‖θ‖_P is at most 2: the dashed line.`,
      },
      summary: [
        `The exact threshold of mean-square stability at SGD’s minima is ${range(found.margin)} times the learning rate.`,
        `Gradient descent’s edge is λ₁ = 2/η, which leaves the trace ${leastGdTrace} times 2/η or more.`,
        `SGD at η = ${sgd} ends with at most ${norms} times gradient descent’s path norm at η = ${gd}.`,
      ],
      tables: [runsTable(findings.runs, axes.norm)],
    };
  },
});
