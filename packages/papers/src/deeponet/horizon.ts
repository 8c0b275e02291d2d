import { deepONet } from "gradus/operators";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, point } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { lineFit } from "../shared/line-fit.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { checkpointEvery, learn, predictionPlot } from "./learn.ts";
import { inputSpace, makePairs, operators } from "./problems.ts";

const TEST = "test error";
const MODEL = "DeepONet";
const FIT = "exponential fit";

interface Horizon {
  readonly horizon: number;
  readonly test: number;
  /** Mean square of the test targets about their mean. */
  readonly variance: number;
}

function fitOf(rows: readonly Horizon[]) {
  const { slope, intercept, rSquared } = lineFit(
    rows.map(({ horizon }) => horizon),
    rows.map(({ test }) => Math.log(test)),
  );
  return { base: Math.exp(slope), slope, intercept, rSquared };
}

const leastGrowth = (values: readonly number[]) =>
  Math.min(...values.slice(1).map((value, i) => value / values[i]));

export default defineExperiment({
  description:
    "The angle of a pendulum under a random torque, learned on longer and longer intervals with the same network, data size and training: how the test error grows with the horizon.",
  parameters: z.object({
    functions: z.int().min(50).max(20_000).default(10_000).describe("training functions, one point each"),
    testFunctions: z.int().min(100).max(100_000).default(10_000).describe("test functions, one point each"),
    iterations: z.int().min(200).max(100_000).default(20_000).describe("steps of Adam on all data"),
    width: z.int().min(5).max(400).default(100).describe("width of all layers"),
    horizons: z
      .array(z.int().min(1).max(10))
      .min(3)
      .default([1, 2, 3, 4, 5])
      .describe("ends T of the interval"),
  }),
  profiles: {
    quick: { functions: 1000, testFunctions: 3000, iterations: 1000, width: 40 },
    full: {},
  },
  seconds: { quick: 9, full: 4000 },
  plots: [
    linePlot("horizon", "Test error by horizon", "horizon T", logAxis("mean squared error"), {
      series: [TEST],
      references: [FIT],
    }),
    predictionPlot([MODEL], "One test torque and the learned angle"),
  ],

  async *measure({ parameters, seed, signal, stage, resumable }) {
    const { functions, testFunctions, iterations, width, horizons } = parameters;
    const rows: Horizon[] = [];
    for (const [k, horizon] of horizons.entries())
      rows.push(
        yield* stage(`T = ${horizon}`, async function* () {
          const { data, testData, probe } = makePairs({
            space: inputSpace(horizon),
            operator: operators.pendulum(),
            sensors: 100,
            functions,
            testFunctions,
            seed,
          });
          const network = deepONet({ sensors: 100, branch: [width, width], trunk: [width, width] });
          const every = checkpointEvery(iterations, 10);
          const training = { network, data, testData, iterations, every, seed, signal, resumable };
          const [from, to] = [k / horizons.length, (k + 1) / horizons.length];
          const { test } = yield* learn({ ...training, model: MODEL, probe, draw: false, from, to });
          const { values } = testData.targets;
          const mean = values.reduce((sum, s) => sum + s, 0) / values.length;
          const variance = values.reduce((sum, s) => sum + (s - mean) ** 2, 0) / values.length;
          yield point("horizon", TEST, horizon, test);
          return { horizon, test, variance };
        }),
      );
    const { slope, intercept } = fitOf(rows);
    yield curve("horizon", FIT, horizons, (x) => ({ x, y: Math.exp(intercept + slope * x) }));
    return { rows };
  },

  judge({ rows }) {
    const { base, rSquared } = fitOf(rows);
    return [
      check(
        "C4",
        "base b of the fit b^T of the test error",
        base,
        { between: [4, 25] },
        criterion(
          "the reported base is 8 for different training; half to three times that is the same kind of growth",
        ),
      ),
      check(
        "C4",
        "R² of the exponential fit",
        rSquared,
        { atLeast: 0.95 },
        criterion("an exponential law leaves little of the logarithm’s variance unexplained"),
      ),
      check(
        "C4",
        "smallest growth of the test error from one horizon to the next",
        leastGrowth(rows.map(({ test }) => test)),
        { above: 1 },
        criterion("exponential growth means growth at every step"),
      ),
      ourCheck(
        "smallest growth of the test error relative to the outputs’ variance",
        leastGrowth(rows.map(({ test, variance }) => test / variance)),
        { above: 1 },
        criterion(
          "larger angles alone would make the error grow without making the operator harder to learn",
        ),
      ),
    ];
  },

  present({ rows }) {
    const { base, rSquared } = fitOf(rows);
    const last = rows[rows.length - 1];
    return {
      headline: `The test error grows by a factor of ${formatRounded(base)} per unit of the horizon T (R² ${formatRounded(rSquared)}), from ${formatRounded(rows[0].test)} at T = ${rows[0].horizon} to ${formatRounded(last.test)} at T = ${last.horizon}.`,
      summary: [
        `Relative to the outputs’ variance it grows from ${formatRounded(rows[0].test / rows[0].variance)} to ${formatRounded(last.test / last.variance)}: longer intervals are harder, not just larger.`,
      ],
      captions: {
        horizon: "The same network, number of functions and training on every interval.",
        prediction: "The torque, the true angle and the learned one, on the last interval trained.",
      },
      tables: [
        tableOf(
          "rows",
          "By horizon",
          {
            horizon: "T",
            test: "test error",
            variance: "variance of the outputs",
            share: "error over variance",
          },
          rows.map((row) => ({ ...row, share: row.test / row.variance })),
        ),
      ],
    };
  },
});
