import {
  type ExactTarget,
  regressionLoss,
  type ScoreRegression,
  twoLayerNetwork,
  twoLayerOutputs,
} from "gradus/diffusion";
import { randomStream } from "gradus/random";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, point, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { barPlot, linePlot } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { circle, drawRegression, fourAtoms } from "./problems.ts";

const FUNCTIONS = ["zero", "tanh", "random network"] as const;
const GRADIENTS = 200;

interface Row {
  readonly problem: string;
  readonly function: string;
  /** mean |f - X_0|^2. */
  readonly loss: number;
  /** mean |f - f*|^2. */
  readonly excess: number;
  /** mean Var(X_0 | X_t), summed over coordinates. */
  readonly variance: number;
  /** The difference of the loss and its parts, in standard errors. */
  readonly errors: number;
  /** The same with 0.9 f* for f*. */
  readonly control: number;
  /** Largest relative difference of a term of weighted score matching and of the regression. */
  readonly termwise: number;
}

interface Findings {
  readonly rows: readonly Row[];
  /** Largest difference of the score and the gradient of log p_t, relative to 1 + |score|. */
  readonly gradient: number;
  readonly samples: number;
}

function valuesOf(name: (typeof FUNCTIONS)[number], data: ScoreRegression, seed: number): Float64Array {
  const { points, inputs } = data;
  if (name === "zero") return new Float64Array(points.values.length);
  if (name === "tanh") return points.values.map(Math.tanh);
  const network = twoLayerNetwork({ inputs: 4, outputs: 2, width: 256, antisymmetric: false, seed });
  return twoLayerOutputs(network, inputs);
}

/** Of numbers of size 1 that cancel. */
const ROUNDING = 1e-12;

/**
 * The mean of numbers over its standard error, or over rounding where that is larger: for f = 0 and atoms of one length the
 * identity holds draw by draw.
 */
function standardized(values: Float64Array): number {
  const n = values.length;
  const average = values.reduce((sum, one) => sum + one, 0) / n;
  const square = values.reduce((sum, one) => sum + (one - average) ** 2, 0) / (n - 1);
  return average / Math.max(Math.sqrt(square / n), ROUNDING);
}

/** Largest relative difference of lambda |s - s(x | X_0)|^2 and |f - X_0|^2, lambda = h^2 / alpha^2. */
function termwiseDifference({ process, times, points, clean }: ScoreRegression, f: Float64Array): number {
  let largest = 0;
  for (let j = 0; j < times.length; j++) {
    const [alpha, h] = [process.scale(times[j]), process.variance(times[j])];
    let [matching, regression] = [0, 0];
    for (let k = 2 * j; k < 2 * j + 2; k++) {
      const score = (alpha * f[k] - points.values[k]) / h;
      const conditional = (alpha * clean.values[k] - points.values[k]) / h;
      matching += ((h * h) / (alpha * alpha)) * (score - conditional) ** 2;
      regression += (f[k] - clean.values[k]) ** 2;
    }
    largest = Math.max(largest, Math.abs(matching - regression) / regression);
  }
  return largest;
}

/** Largest difference of the score and fourth-order differences of log p_t, relative to 1 + |score|. */
function gradientDifference(target: ExactTarget, { times, points }: ScoreRegression): number {
  const step = 1e-4;
  let largest = 0;
  for (let j = 0; j < GRADIENTS; j++)
    for (let c = 0; c < 2; c++) {
      const x = points.values.slice(2 * j, 2 * j + 2);
      const at = (shift: number) =>
        target.logDensity(times[j], { rows: 1, columns: 2, values: x.with(c, x[c] + shift) })[0];
      const slope = (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
      const score = target.score(times[j], { rows: 1, columns: 2, values: x }).values[c];
      largest = Math.max(largest, Math.abs(slope - score) / (1 + Math.abs(score)));
    }
  return largest;
}

export default defineExperiment({
  description:
    "Three functions on four atoms and on a circle: the loss |f - X₀|² against its parts, the excess |f - f*|² and the variance of X₀ given X_t; each term of weighted score matching against the regression; the score against the gradient of log p_t.",
  parameters: z.object({
    samples: z.int().min(1000).max(1_000_000).default(20_000).describe("draws of (t, X₀, X_t) per problem"),
  }),
  profiles: { quick: {}, full: { samples: 200_000 } },
  seconds: { quick: 1, full: 5 },
  plots: [
    barPlot("parts", "The loss and its parts", "problem and function", "mean square", {
      series: ["loss |f − X₀|²", "excess |f − f*|²", "variance of X₀ given X_t"],
    }),
    linePlot("running", "The identity as samples accumulate", "samples", "loss minus its parts", {
      series: ["f*", "0.9 f* in its place"],
    }),
  ],

  async *measure({ parameters: { samples }, seed, signal, stage }) {
    const problems = [
      { name: "atoms", target: fourAtoms() },
      { name: "circle", target: circle() },
    ];
    const rows: Row[] = [];
    let gradient = 0;
    for (const [p, { name, target }] of problems.entries()) {
      const own = yield* stage(name, async function* () {
        yield progress(p / 2, name);
        const data = drawRegression(target, samples, seed);
        const truth = target.posteriorMean(data.times, data.points).values;
        const variances = target.posteriorVariance(data.times, data.points).values;
        const found: Row[] = [];
        for (const f of FUNCTIONS) {
          signal.throwIfAborted();
          const values = valuesOf(f, data, randomStream(seed).split(f).uint32());
          const difference = (factor: number) => {
            const terms = new Float64Array(samples);
            for (let k = 0; k < values.length; k++)
              terms[k >> 1] +=
                (values[k] - data.clean.values[k]) ** 2 - (values[k] - factor * truth[k]) ** 2 - variances[k];
            return terms;
          };
          const [exact, wrong] = [difference(1), difference(0.9)];
          if (p === 0 && f === "zero")
            for (const [series, terms] of [
              ["f*", exact],
              ["0.9 f* in its place", wrong],
            ] as const) {
              let sum = 0;
              for (let j = 0; j < samples; j++) {
                sum += terms[j];
                if ((j + 1) % Math.ceil(samples / 100) === 0)
                  yield point("running", series, j + 1, sum / (j + 1));
              }
            }
          const loss = regressionLoss(data, values);
          const excess = values.reduce((sum, one, k) => sum + (one - truth[k]) ** 2, 0) / samples;
          const variance = variances.reduce((sum, one) => sum + one, 0) / samples;
          const label = `${name}: ${f}`;
          yield point("parts", "loss |f − X₀|²", label, loss);
          yield point("parts", "excess |f − f*|²", label, excess);
          yield point("parts", "variance of X₀ given X_t", label, variance);
          found.push({
            problem: name,
            function: f,
            loss,
            excess,
            variance,
            errors: Math.abs(standardized(exact)),
            control: Math.abs(standardized(wrong)),
            termwise: termwiseDifference(data, values),
          });
        }
        return { found, gradient: gradientDifference(target, data) };
      });
      rows.push(...own.found);
      gradient = Math.max(gradient, own.gradient);
    }
    yield progress(1, "done");
    return { rows, gradient, samples };
  },

  judge({ rows, gradient }: Findings) {
    const most = (of: (row: Row) => number) => Math.max(...rows.map(of));
    return [
      check(
        "C1",
        "largest difference of the loss and its parts, in standard errors",
        most(({ errors }) => errors),
        { atMost: 4 },
        theorem("E|f − X₀|² = E|f − f*|² + E Var(X₀ | X_t), as f* is the conditional mean"),
      ),
      check(
        "C1",
        "largest relative difference of a term of weighted score matching and of the regression",
        most(({ termwise }) => termwise),
        { atMost: 1e-8 },
        theorem("with s = (α f − x)/h and weight h²/α² both are |f − X₀|², up to rounding"),
      ),
      check(
        "C1",
        "largest difference of the score of f* and the gradient of log p_t, relative to 1 + |score|",
        gradient,
        { atMost: 1e-6 },
        theorem("Tweedie’s formula; fourth-order differences are exact to 1e-8 here"),
      ),
      ourCheck(
        "atoms, f = 0: difference with 0.9 f* in place of f*, in standard errors",
        rows[0].control,
        { above: 10 },
        criterion("a control: the test must be able to fail, and an error of a tenth is small"),
      ),
    ];
  },

  present({ rows, gradient, samples }: Findings) {
    const [zero] = rows;
    return {
      headline: `For four atoms and f = 0 the loss ${formatRounded(zero.loss)} is the excess ${formatRounded(zero.excess)} plus the variance ${formatRounded(zero.variance)}, to ${formatRounded(zero.errors)} standard errors.`,
      captions: {
        parts:
          "Whatever the function, its loss exceeds its excess by the variance of the clean point given the noisy one.",
        running: `With f* the difference goes to 0; with 0.9 f* in its place it stays ${formatRounded(zero.control)} standard errors away.`,
      },
      summary: [
        `Over ${formatRounded(samples)} draws per problem. A term of weighted score matching and the regression’s term differ by at most ${formatRounded(Math.max(...rows.map(({ termwise }) => termwise)))} of it.`,
        `The score (α f* − x)/h and differences of log p_t agree to ${formatRounded(gradient)}.`,
      ],
      tables: [
        tableOf(
          "rows",
          "The loss and its parts",
          {
            problem: "problem",
            function: "function f",
            loss: "|f − X₀|²",
            excess: "|f − f*|²",
            variance: "variance",
            errors: "difference in standard errors",
            control: "with 0.9 f*",
          },
          rows,
        ),
      ],
    };
  },
});
