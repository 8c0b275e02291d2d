import {
  add,
  array,
  compile,
  constant,
  f64,
  i64,
  item,
  jvp,
  matmul,
  mean,
  mul,
  neg,
  square,
  type Tensor,
} from "@gradus/graph";
import { implicitScoreLoss, scoreMatchingFit } from "gradus/diffusion";
import { randomStream } from "gradus/random";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, type ExperimentRun, point, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { barPlot } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { descended, drawn, type FitRow, families, fittedRows, scores, TRUTH } from "./fits-without-noise.ts";
import { equivalence, type ModelLosses, type Weight, weights } from "./loss-equivalence.ts";

interface Findings {
  readonly draws: number;
  readonly losses: readonly ModelLosses[];
  readonly fits: readonly FitRow[];
  /** Largest difference between the parameters of descent on the traced loss and the closed form. */
  readonly descent: number;
  readonly hutchinson: { readonly standardErrors: number };
  /** The rate of the exponential law by ordinary score matching, in shares of the truth. */
  readonly ordinary: number;
}

/** How far Hutchinson's estimate of the loss is from the exact one, in standard errors over many draws. */
async function hutchinsonErrors(seed: number): Promise<number> {
  const stream = randomStream(seed).split("hutchinson");
  const d = 4;
  const W = constant(
    Float64Array.from({ length: d * d }, () => stream.normal() / 2),
    [d, d],
  );
  const h = (x: Tensor) => {
    return mul(square(matmul(x, W)), 0.3);
  };
  using program = await compile(
    ({ x, draw }) => ({
      exact: implicitScoreLoss(h, x),
      estimate: implicitScoreLoss(h, x, { trace: "hutchinson", seed: 1, counter: draw }),
    }),
    { x: f64(8, d), draw: i64() },
  );
  const x = array(
    Float64Array.from({ length: 8 * d }, () => 0.5 + stream.exponential()),
    [8, d],
  );
  const errors: number[] = [];
  for (let draw = 0; draw < 400; draw++) {
    const { exact, estimate } = await program.run({ x, draw });
    errors.push(item(estimate) - item(exact));
  }
  const average = errors.reduce((total, e) => total + e / errors.length, 0);
  const variance = errors.reduce((total, e) => total + (e - average) ** 2 / errors.length, 0);
  return Math.abs(average) / Math.sqrt(variance / errors.length);
}

export default defineExperiment({
  description:
    "The denoising loss against the explicit one, whose score is a formula here: their difference must not depend on the model. Then score matching of positive data without noise, which has closed forms, by formulas and by descent on the traced loss.",
  parameters: z.object({
    draws: z.int().min(10_000).max(1_000_000).default(200_000).describe("draws of a time and a noisy point"),
    sample: z.int().min(10_000).max(1_000_000).default(100_000).describe("numbers to which laws are fitted"),
  }),
  profiles: { quick: { draws: 100_000 }, full: {} },
  seconds: { quick: 5, full: 8 },
  plots: [
    barPlot("constant", "Denoising loss minus explicit loss, weight v", "model", "difference", {
      series: ["Hyvärinen score", "Stein score (control)"],
    }),
    barPlot("fits", "Fitted parameter over its true value", "parameter", "ratio", {
      series: ["score matching"],
    }),
  ],

  async *measure({ parameters: { draws, sample }, seed, signal, stage }) {
    yield progress(0, "five models");
    const losses = yield* stage("equivalence", async function* (): ExperimentRun<ModelLosses[]> {
      const found = equivalence(draws, seed);
      for (const { weight, model, difference, stein } of found) {
        if (weight !== "epsilon") continue;
        yield point("constant", "Hyvärinen score", `model ${model}`, difference);
        yield point("constant", "Stein score (control)", `model ${model}`, stein);
      }
      return found;
    });
    yield progress(0.4, "closed forms");
    const fits = fittedRows(sample, seed);
    for (const { parameter, fitted, truth } of fits)
      yield point("fits", "score matching", parameter, fitted / truth);

    const descents = yield* stage("descent", async function* (): ExperimentRun<{
      readonly descent: number;
      readonly ordinary: number;
    }> {
      let descent = 0;
      for (const [k, family] of families.entries()) {
        yield progress(0.5 + 0.1 * k, `descent, ${family}`);
        const x = drawn(family, 2000, seed);
        const found = await descended(
          (parameters, row) => implicitScoreLoss(scores[family](parameters), row.x),
          x,
          signal,
        );
        const closed = Object.values(scoreMatchingFit(x, family));
        const wanted = family === "log-normal" ? [closed[0], 1 / closed[1]] : closed;
        wanted.forEach((value, j) => {
          descent = Math.max(descent, Math.abs(found[j] - value));
        });
      }
      // s = -rate: s^2 / 2 + ds/dx
      const [rate] = await descended(
        ([own], { x }) => {
          const s = (at: Tensor) => neg(add(mul(at, 0), own));
          const { value, tangent } = jvp(s, x, add(mul(x, 0), 1));
          return mean(add(mul(square(value), 0.5), tangent));
        },
        drawn("exponential", 2000, seed),
        signal,
      );
      return { descent, ordinary: rate / TRUTH.exponential.rate };
    });
    yield progress(0.9, "random traces");
    const standardErrors = await hutchinsonErrors(seed);
    yield progress(1, "done");
    return { draws, losses, fits, ...descents, hutchinson: { standardErrors } };
  },

  judge({ losses, fits, descent, ordinary, hutchinson }: Findings) {
    const of = (weight: Weight) => losses.filter((one) => one.weight === weight);
    const spread = (values: readonly number[]) =>
      (Math.max(...values) - Math.min(...values)) /
      Math.abs(values.reduce((total, value) => total + value / values.length, 0));
    return [
      ...weights.map((weight) =>
        check(
          "C3",
          `denoising minus explicit loss: largest difference of a model to the mean of five, in standard errors, weight ${weight}`,
          Math.max(...of(weight).map(({ standardErrors }) => standardErrors)),
          { atMost: 5 },
          theorem("the tower rule makes it a constant; the band is five standard errors"),
        ),
      ),
      check(
        "C3",
        "largest over smallest denoising loss of the five models",
        Math.max(...of("epsilon").map((one) => one.denoising)) /
          Math.min(...of("epsilon").map((one) => one.denoising)),
        { atLeast: 1.5 },
        criterion("a constant says something only of models that differ"),
      ),
      check(
        "C3",
        "largest difference of a fitted parameter to the truth, in standard errors",
        Math.max(...fits.map((fit) => fit.standardErrors)),
        { atMost: 4 },
        theorem("score matching is consistent; the band is four standard errors"),
      ),
      ourCheck(
        "spread of the difference with the Stein score in place of the Hyvärinen score",
        spread(of("epsilon").map(({ stein }) => stein)),
        { atLeast: 0.15 },
        criterion("the control must move the constant by far more than sampling does, a percent or two"),
      ),
      ourCheck(
        "largest difference of descent on the traced loss to the closed form",
        descent,
        { atMost: 1e-4 },
        theorem("the loss is convex in these parameters and its minimum the closed form"),
      ),
      ourCheck(
        "Hutchinson’s estimate of the loss, in standard errors from the exact one",
        hutchinson.standardErrors,
        { atMost: 4 },
        theorem("the estimate is unbiased; the band is four standard errors"),
      ),
      ourCheck(
        "rate of an exponential law by ordinary score matching, in shares of the truth",
        ordinary,
        { atMost: 0.01 },
        theorem("its objective is half the squared rate: the boundary term at 0 is missing"),
      ),
    ];
  },

  present({ draws, losses, fits, ordinary }: Findings) {
    const epsilon = losses.filter(({ weight }) => weight === "epsilon");
    const constants = epsilon.map(({ difference }) => difference);
    const denoising = epsilon.map((one) => one.denoising);
    return {
      headline: `The denoising loss exceeds the explicit one by ${formatRounded(Math.min(...constants))} to ${formatRounded(Math.max(...constants))} for five models whose losses are ${formatRounded(Math.min(...denoising))} to ${formatRounded(Math.max(...denoising))}.`,
      summary: [
        `${draws.toLocaleString("en-US")} draws of a time and of a noisy point of three atoms. A target that is the Stein score instead of the Hyvärinen score gives ${epsilon.map(({ stein }) => formatRounded(stein)).join(", ")}: no constant.`,
        `Fits without noise: ${fits.map(({ parameter, fitted, truth }) => `${parameter} ${formatRounded(fitted)} (truth ${truth})`).join("; ")}. Ordinary score matching of the exponential law gives ${formatRounded(Math.abs(Number(ordinary.toFixed(6))))} of the true rate.`,
      ],
      captions: {
        constant: "Equal bars are the claim; the control uses x in place of log x in the target.",
        fits: "Score matching for non-negative data, in closed form.",
      },
      tables: [
        tableOf(
          "losses",
          "Losses of the five models",
          {
            weight: "Weight",
            model: "Model",
            denoising: "Denoising loss",
            explicit: "Explicit loss",
            difference: "Difference",
            stein: "Difference, Stein score",
          },
          losses,
        ),
        tableOf(
          "fits",
          "Fits without noise",
          { parameter: "Parameter", truth: "Truth", fitted: "Fit", standardErrors: "Standard errors apart" },
          fits,
        ),
      ],
    };
  },
});
