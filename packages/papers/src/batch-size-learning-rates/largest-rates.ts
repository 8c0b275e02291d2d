import { maxStableLearningRate } from "gradus/curvature";
import { logLogSlope, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import {
  defineExperiment,
  type ExperimentRun,
  points,
  progress,
  replacePoints,
  table,
} from "../experiment.ts";
import { lineFit } from "./line-fit.ts";
import { momentumSgd, plainAdam } from "./optimizers.ts";
import { digitsProblem } from "./problems.ts";
import { batchPlan, compileRuns, type RatedOptimizer } from "./runs.ts";

interface Sweep {
  readonly name: "SGD" | "Adam";
  readonly optimizer: RatedOptimizer;
  readonly batchSizes: readonly number[];
  readonly bracket: readonly [number, number];
}

const sweeps: readonly Sweep[] = [
  {
    name: "SGD",
    optimizer: momentumSgd,
    batchSizes: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    bracket: [0.05, 8],
  },
  {
    name: "Adam",
    optimizer: plainAdam,
    batchSizes: [1, 2, 4, 8, 16, 32, 64],
    bracket: [0.005, 2],
  },
];

const geometricMean = (values: readonly number[]): number => Math.exp(sampleMean(values.map(Math.log)));

interface Measured {
  readonly batchSize: number;
  readonly rate: number;
  /** Of each seed. */
  readonly rates: readonly number[];
}

/** Exponent of the rate's growth with the batch, over the batch sizes that are wanted. */
function slopeOver(measured: readonly Measured[], wanted: (batchSize: number) => boolean): number {
  const chosen = measured.filter(({ batchSize }) => wanted(batchSize));
  return logLogSlope(
    chosen.map(({ batchSize }) => batchSize),
    chosen.map(({ rate }) => rate),
  ).slope;
}

export default defineExperiment({
  id: "largest-rates",
  title: "The largest workable learning rate against the batch size",
  description:
    "Trains a small network on digits for 400 steps and finds, by bisection, the largest learning rate that still brings its loss below 1, for SGD and Adam and batches of 1 to 256.",
  claims: ["C3", "C4"],
  parameters: z.object({
    seeds: z.int().min(1).max(20).default(3).describe("seeds of starts and batches"),
    halvings: z.int().min(1).max(12).default(7).describe("bisections of the logarithm of the rate"),
    steps: z.int().min(10).max(4000).default(400).describe("training steps of a run"),
    threshold: z.number().min(0.1).max(2.3).default(1).describe("training loss below which a run works"),
  }),
  profiles: { quick: { seeds: 1, halvings: 6 }, full: {} },
  seconds: { quick: 6, full: 25 },
  plots: [
    {
      id: "rates",
      title: "Largest workable learning rate",
      x: { label: "batch size, rows", scale: "log" },
      y: { label: "learning rate", scale: "log" },
      mark: "line",
      series: ["SGD", "Adam"],
      references: ["SGD: 1/α = A + C/b", "Adam: α ∝ √b"],
    },
    {
      id: "inverse",
      title: "The inverse rate of SGD is a line in 1/b",
      x: { label: "1 / batch size" },
      y: { label: "1 / largest rate" },
      mark: "dot",
      series: ["SGD"],
      references: ["A + C/b"],
    },
  ],

  async *run({ parameters: { seeds, halvings, steps, threshold }, seed, signal, stage }) {
    const problem = await digitsProblem();
    const measured: Record<Sweep["name"], Measured[]> = { SGD: [], Adam: [] };
    const total = sweeps.reduce((sum, { batchSizes }) => sum + batchSizes.length, 0);
    for (const { name, optimizer, batchSizes, bracket } of sweeps) {
      using training = await compileRuns(problem, optimizer);
      for (const batchSize of batchSizes) {
        signal.throwIfAborted();
        const done = measured.SGD.length + measured.Adam.length;
        const before = measured[name].map((one) => ({ x: one.batchSize, y: one.rate }));
        const rates = yield* stage(`${name} ${batchSize}`, async function* (): ExperimentRun<number[]> {
          const found: number[] = [];
          for (let k = 0; k < seeds; k++) {
            yield progress((done + k / seeds) / total, `${name}, batches of ${batchSize}`);
            const start = training.start([problem.start(seed + k)]);
            const plans = [batchPlan(seed + k, problem.rows, { batchSize, steps })];
            const train = async (rate: number) => {
              const { losses } = await training.run(start, { plans, batchSize, rates: [rate], momenta: [0] });
              return losses[0];
            };
            const [low, high] = bracket;
            let rate = Number.NaN;
            for await (const search of maxStableLearningRate(train, {
              low,
              high,
              halvings,
              threshold,
              signal,
            })) {
              rate = search.learningRate;
              yield replacePoints("rates", name, [
                ...before,
                { x: batchSize, y: geometricMean([...found, rate]) },
              ]);
            }
            found.push(rate);
          }
          return found;
        });
        const rate = geometricMean(rates);
        measured[name].push({ batchSize, rate, rates });
      }
    }

    const sgd = measured.SGD;
    const fit = lineFit(
      sgd.map(({ batchSize }) => 1 / batchSize),
      sgd.map(({ rate }) => 1 / rate),
    );
    const [adamScale] = [
      geometricMean(measured.Adam.map(({ batchSize, rate }) => rate / Math.sqrt(batchSize))),
    ];
    const fine = Array.from({ length: 33 }, (_, i) => 2 ** (i / 4));
    const fitted = fine.map((x) => ({ x, y: 1 / (fit.intercept + fit.slope / x) }));
    yield points(
      "rates",
      "SGD: 1/α = A + C/b",
      fitted.filter(({ y }) => y > 0),
    );
    yield points(
      "rates",
      "Adam: α ∝ √b",
      fine.filter((x) => x <= 64).map((x) => ({ x, y: adamScale * Math.sqrt(x) })),
    );
    yield points(
      "inverse",
      "SGD",
      sgd.map(({ batchSize, rate }) => ({ x: 1 / batchSize, y: 1 / rate })),
    );
    yield points(
      "inverse",
      "A + C/b",
      [0, 1].map((x) => ({ x, y: fit.intercept + fit.slope * x })),
    );
    yield table({
      id: "rates",
      title: "Largest workable learning rates, geometric means over the seeds",
      columns: [
        { key: "b", label: "batch size" },
        { key: "sgd", label: "SGD" },
        { key: "fit", label: "1/(A + C/b)" },
        { key: "adam", label: "Adam" },
      ],
      rows: sgd.map(({ batchSize, rate }) => ({
        b: batchSize,
        sgd: rate,
        fit: 1 / (fit.intercept + fit.slope / batchSize),
        adam: measured.Adam.find((other) => other.batchSize === batchSize)?.rate ?? null,
      })),
    });

    const small = slopeOver(sgd, (b) => b <= 4);
    const large = slopeOver(sgd, (b) => b >= 32);
    const ofAdam = slopeOver(measured.Adam, () => true);
    const checks: Check[] = [
      check("C3", "SGD: log-log slope of the largest rate over b = 1, 2, 4", small, {
        between: [0.75, 1.25],
      }),
      check("C3", "SGD: the slope over b ≥ 32, the plateau", large, { below: 0.35 }),
      check("C3", "SGD: R² of the line 1/α = A + C/b", fit.rSquared, { atLeast: 0.95 }),
      check("C4", "Adam: log-log slope over b = 1 to 64", ofAdam, { between: [0.35, 0.65] }),
      check("C4", "slope of SGD over b = 1, 2, 4 less that of Adam", small - ofAdam, { atLeast: 0.2 }),
    ];
    yield progress(1, "done");
    const [A, C] = [formatFigure(fit.intercept), formatFigure(fit.slope)];
    return {
      checks,
      captions: {
        rates: `SGD's largest rate grows as b to the power ${formatFigure(small)} up to b = 4 and ${formatFigure(large)} from b = 32 on; Adam's as b to the power ${formatFigure(ofAdam)} throughout.`,
        inverse: `1/α = ${A} + ${C}/b: A is half the curvature of the full data that limits the rate, C what the noise of a batch of one adds.`,
      },
      summary: [
        `SGD: the rate doubles with the batch while noise dominates and levels off near ${formatFigure(1 / fit.intercept)}; half of that is reached at b = C/A = ${formatFigure(fit.slope / fit.intercept)}.`,
        `Adam: from ${formatFigure(measured.Adam[0].rate)} at b = 1 to ${formatFigure(measured.Adam[measured.Adam.length - 1].rate)} at b = 64, between the square root and no plateau yet.`,
        "Batches are drawn with replacement: the effective batch size is the batch size.",
      ],
    };
  },
});
