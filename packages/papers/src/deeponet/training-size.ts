import { deepONet } from "gradus/operators";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, point } from "../experiment.ts";
import { criterion, reported } from "../ground.ts";
import { lineFit } from "../shared/line-fit.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { checkpointEvery, learn, predictionPlot } from "./learn.ts";
import { inputSpace, makePairs, operators } from "./problems.ts";

const GAP = "generalization gap";
const FIT = "power law";
const TEST = "test error";
const MODEL = "DeepONet";

interface Size {
  readonly functions: number;
  readonly train: number;
  readonly test: number;
}

const gapOf = ({ train, test }: Size) => test - train;

/** Positive gaps: where test and training error agree up to noise there is nothing to fit. */
function fitOf(rows: readonly Size[]) {
  const kept = rows.filter((row) => gapOf(row) > 0);
  const law = logLogSlope(
    kept.map(({ functions }) => functions),
    kept.map(gapOf),
  );
  return { rate: -law.slope, law, kept };
}

/** R² of both laws on some rows: c n^-r and c exp(-n / n0). */
function laws(rows: readonly Size[]) {
  const kept = rows.filter((row) => gapOf(row) > 0);
  const gaps = kept.map((row) => Math.log(gapOf(row)));
  const n = kept.map(({ functions }) => functions);
  return { power: lineFit(n.map(Math.log), gaps), exponential: lineFit(n, gaps) };
}

export default defineExperiment({
  description:
    "The pendulum, learned from more and more functions with one point each: how the gap between test and training error falls with their number.",
  parameters: z.object({
    least: z.int().min(10).max(1000).default(25).describe("functions in the smallest training set"),
    doublings: z
      .int()
      .min(3)
      .max(11)
      .default(11)
      .describe("further training sets, each twice the size of the one before"),
    testFunctions: z.int().min(100).max(100_000).default(10_000).describe("test functions, one point each"),
    iterations: z.int().min(200).max(100_000).default(20_000).describe("steps of Adam on all data"),
    width: z.int().min(5).max(400).default(50).describe("width of all layers"),
  }),
  profiles: {
    quick: { doublings: 6, testFunctions: 3000, iterations: 1500, width: 40 },
    full: {},
  },
  seconds: { quick: 9, full: 10_000 },
  plots: [
    linePlot(
      "size",
      "Gap by number of training functions",
      logAxis("training functions n"),
      logAxis("mean squared error"),
      {
        series: [GAP, TEST],
        references: [FIT],
      },
    ),
    predictionPlot([MODEL], "One test torque and the learned angle"),
  ],

  async *measure({ parameters, seed, signal, stage, resumable }) {
    const { least, doublings, testFunctions, iterations, width } = parameters;
    const sizes = Array.from({ length: doublings + 1 }, (_, k) => least * 2 ** k);
    const total = sizes.reduce((sum, n) => sum + n, 0);
    const rows: Size[] = [];
    let done = 0;
    for (const functions of sizes) {
      const [from, to] = [done / total, (done + functions) / total];
      rows.push(
        yield* stage(`n = ${functions}`, async function* () {
          const { data, testData, probe } = makePairs({
            space: inputSpace(),
            operator: operators.pendulum(),
            sensors: 100,
            functions,
            testFunctions,
            seed,
          });
          const network = deepONet({ sensors: 100, branch: [width, width], trunk: [width, width] });
          const every = checkpointEvery(iterations, 5);
          const training = { network, data, testData, iterations, every, seed, signal, resumable };
          const { train, test } = yield* learn({ ...training, model: MODEL, probe, draw: false, from, to });
          yield point("size", TEST, functions, test);
          if (test > train) yield point("size", GAP, functions, test - train);
          return { functions, train, test };
        }),
      );
      done += functions;
    }
    const { law, kept } = fitOf(rows);
    const value = (n: number) => Math.exp(law.intercept + law.slope * Math.log(n));
    yield curve("size", FIT, kept, ({ functions }) => ({ x: functions, y: value(functions) }));
    return { rows };
  },

  judge({ rows }) {
    const { rate } = fitOf(rows);
    const gaps = rows.map(gapOf);
    return [
      check(
        "C5",
        "rate r of the gap, n⁻ʳ",
        rate,
        { between: [0.5, 4] },
        reported("abstract: polynomial rates from half order to fourth order"),
      ),
      check(
        "C5",
        "rate r of the gap, n⁻ʳ, against sampling",
        rate,
        { atLeast: 1 },
        criterion(
          "“high order” must be more than the half order of a sample mean, and twice that is clearly more",
        ),
      ),
      ourCheck(
        "largest ratio of a gap to the one of half as many functions",
        Math.max(...gaps.slice(1).map((gap, i) => gap / gaps[i])),
        { below: 1 },
        criterion("a gap that grows with the data would make a fitted rate meaningless"),
      ),
    ];
  },

  present({ rows }) {
    const { rate } = fitOf(rows);
    const half = Math.ceil(rows.length / 2);
    const [small, large] = [laws(rows.slice(0, half)), laws(rows.slice(-half))];
    const last = rows[rows.length - 1];
    return {
      headline: `The gap between test and training error falls like n to the power of −${formatRounded(rate)} with the number n of training functions, from ${formatRounded(gapOf(rows[0]))} at n = ${rows[0].functions} to ${formatRounded(gapOf(last))} at n = ${formatRounded(last.functions)}.`,
      summary: [
        `On the smaller half of the sizes an exponential law explains ${formatRounded(100 * small.exponential.rSquared)}% of the logarithm’s variance and a power law ${formatRounded(100 * small.power.rSquared)}%; on the larger half ${formatRounded(100 * large.exponential.rSquared)}% and ${formatRounded(100 * large.power.rSquared)}%, with rate ${formatRounded(-large.power.slope)}.`,
      ],
      captions: {
        size: "Gap and test error by number of functions, each with one point.",
        prediction: "The torque, the true angle and the learned one, from the largest training set.",
      },
      tables: [
        tableOf(
          "rows",
          "By number of training functions",
          { functions: "n", train: "training error", test: "test error", gap: "gap" },
          rows.map((row) => ({ ...row, gap: gapOf(row) })),
        ),
      ],
    };
  },
});
