import { loadDataset, selectRows, standardize } from "gradus/data";
import {
  hypergradient,
  minimizeBilevel,
  penaltyHyperobjective,
  ridgePenalties,
} from "gradus/optimize/bilevel";
import { randomStream } from "gradus/random";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, point, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { barPlot, linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";

const TRAIN = 150;
const VALIDATION = 150;
/** Of a full gradient step: the standardized features' Gram matrix has a largest eigenvalue of about 4. */
const INNER_STEP = 0.15;
const sigmas = [0.1, 0.01, 0.001] as const;
/** Of prox residuals, absolute: the problem has units of about 1. */
const TOLERANCE = 1e-8;
/** Exponents of a penalty common to all features. */
const commonExponents = Array.from({ length: 41 }, (_, k) => -8 + k / 4);
/** Where the exponents start, and the box that holds them: e^4 all but drops a feature. */
const FIRST_EXPONENT = -3;
const inBox = (x: Float64Array) => x.map((value) => Math.min(4, Math.max(-8, value)));
const GAP = "gap of the penalty estimate";
const VALIDATION_LOSS = "validation loss";
const COMMON = "best common penalty";

/** Standardized features and targets of patients, split at random. */
async function patients(seed: number) {
  const data = await loadDataset("diabetes");
  const order = randomStream(seed).split("patients").permutation(data.y.length);
  const training = order.subarray(0, TRAIN);
  const x = standardize(data.x, { rows: training }).apply(data.x);
  const mean = training.reduce((sum, i) => sum + data.y[i], 0) / TRAIN;
  const spread = Math.sqrt(training.reduce((sum, i) => sum + (data.y[i] - mean) ** 2, 0) / TRAIN);
  const part = (rows: Int32Array) => ({
    x: selectRows(x, rows),
    y: Float64Array.from(rows, (i) => (data.y[i] - mean) / spread),
  });
  return {
    train: part(training),
    validation: part(order.subarray(TRAIN, TRAIN + VALIDATION)),
    test: part(order.subarray(TRAIN + VALIDATION)),
    names: data.featureNames,
  };
}

export default defineExperiment({
  description:
    "A ridge penalty for every feature of the diabetes data, chosen by validation loss: compares the penalty method’s gradient with the exact one, then descends from equal penalties and compares with the best common one.",
  parameters: z.object({
    steps: z.int().min(10).max(5000).default(300).describe("steps of the penalties"),
  }),
  profiles: { quick: {}, full: { steps: 1000 } },
  seconds: { quick: 2, full: 4 },
  plots: [
    linePlot(
      "gap",
      "Relative gap to the exact hypergradient",
      logAxis("penalty parameter σ"),
      logAxis("relative gap"),
      { series: [GAP] },
    ),
    linePlot("loss", "Validation loss while penalties are chosen", "step", "mean squared error / 2", {
      series: [VALIDATION_LOSS],
      references: [COMMON],
    }),
    barPlot("penalties", "Penalties by feature", "feature", logAxis("penalty e^x"), { series: ["penalty"] }),
  ],

  async *measure({ parameters: { steps }, seed, signal }) {
    const { train, validation, test, names } = await patients(seed);
    const { problem, penalties, coefficients } = ridgePenalties({ train, validation });
    const judge = ridgePenalties({ train, validation: test }).problem;
    const lossAt = async (x: Float64Array) => problem.upper.value(x, coefficients(x));
    const place = randomStream(seed).split("place").fillNormal(new Float64Array(problem.dimensionX));
    const y = coefficients(place);
    const exact = (await hypergradient(problem, place, { method: "explicit", y })).gradient;
    const gaps: number[] = [];
    for (const sigma of sigmas) {
      const { gradient } = await penaltyHyperobjective(problem, place, sigma, {
        y0: y,
        tolerance: TOLERANCE,
        signal,
      });
      gaps.push(Math.hypot(...gradient.map((value, j) => value - exact[j])) / Math.hypot(...exact));
      yield point("gap", GAP, sigma, gaps[gaps.length - 1]);
    }
    yield progress(0.2, "penalties");
    let common = { x: place, loss: Number.POSITIVE_INFINITY };
    for (const exponent of commonExponents) {
      const x = new Float64Array(problem.dimensionX).fill(exponent);
      const loss = await lossAt(x);
      if (loss < common.loss) common = { x, loss };
    }
    yield curve("loss", COMMON, [1, steps], (x) => ({ x, y: common.loss }));
    const first = new Float64Array(problem.dimensionX).fill(FIRST_EXPONENT);
    const every = Math.ceil(steps / 60);
    const path: { iteration: number; x: Float64Array }[] = [];
    const found = await minimizeBilevel(
      { ...problem, projectX: inBox },
      { x0: first, y0: coefficients(first) },
      {
        sigma: sigmas[2],
        stepSize: 20,
        innerStepSize: INNER_STEP,
        innerSteps: 50,
        maxIterations: steps,
        signal,
        onIterate({ iteration, x }) {
          if (iteration % every === 1 || iteration === steps) path.push({ iteration, x });
        },
      },
    );
    for (const { iteration, x } of path) yield point("loss", VALIDATION_LOSS, iteration, await lossAt(x));
    yield curve("penalties", "penalty", names, (name, j) => ({ x: name, y: penalties(found.x)[j] }));
    return {
      gaps,
      common: common.loss,
      chosen: await lossAt(found.x),
      testCommon: await judge.upper.value(common.x, coefficients(common.x)),
      testChosen: await judge.upper.value(found.x, coefficients(found.x)),
      calls: found.oracleCalls,
      penalties: names.map((feature, j) => ({ feature, penalty: penalties(found.x)[j] })),
    };
  },

  judge: ({ gaps, common, chosen }) => [
    check(
      "C1",
      "relative gap of the gradient at σ = 0.01 over that at σ = 0.001",
      gaps[1] / gaps[2],
      { between: [9, 11] },
      criterion("a gap proportional to σ is ten times smaller at a tenth of σ, up to 10%"),
    ),
    ourCheck(
      "validation loss over that of the best common penalty",
      chosen / common,
      { below: 1 },
      criterion(
        "a common penalty is a special case of ten: descent that ends above the best common one has failed",
      ),
    ),
  ],

  present({ gaps, common, chosen, testCommon, testChosen, calls, penalties }) {
    const ratio = formatRounded(gaps[1] / gaps[2]);
    return {
      headline: `On the diabetes data the error of the penalty method’s gradient falls by a factor of ${ratio} when σ falls tenfold; penalties by feature give a validation loss of ${formatRounded(chosen)}, against ${formatRounded(common)} for the best common penalty.`,
      captions: {
        gap: `Relative gaps: ${gaps.map((gap, i) => `${formatRounded(gap)} at σ = ${sigmas[i]}`).join(", ")}.`,
        loss: `The loss ends at ${formatRounded(chosen)}; the best common penalty gives ${formatRounded(common)}.`,
        penalties: "Features of little use get a large penalty.",
      },
      summary: [
        `Relative gaps to the exact hypergradient at a random point: ${gaps.map((gap, i) => `${formatRounded(gap)} at σ = ${sigmas[i]}`).join(", ")}.`,
        `Ten penalties instead of the best one for all: validation loss ${formatRounded(chosen)} against ${formatRounded(common)}, after ${formatRounded(calls)} gradients. On test patients ${formatRounded(testChosen)} against ${formatRounded(testCommon)}${testChosen < testCommon ? "" : `: ${VALIDATION} validation patients are too few to choose ten penalties`}.`,
      ],
      tables: [tableOf("penalties", "Penalties", { feature: "feature", penalty: "penalty e^x" }, penalties)],
    };
  },
});
