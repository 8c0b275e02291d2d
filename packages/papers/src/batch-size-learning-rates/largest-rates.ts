import { ArgumentError } from "gradus/check";
import { maxStableLearningRate } from "gradus/curvature";
import { logLogSlope, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import {
  curve,
  defineExperiment,
  type ExperimentRun,
  points,
  progress,
  replacePoints,
} from "../experiment.ts";
import { criterion } from "../ground.ts";
import { ParameterError } from "../run.ts";
import { lineFit } from "../shared/line-fit.ts";
import { dotPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
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
  /** The geometric mean over the seeds. */
  readonly rate: number;
}

type Rates = Readonly<Record<Sweep["name"], readonly Measured[]>>;

/** Exponent of the rate's growth with the batch, over the batch sizes that are wanted. */
function slopeOver(measured: readonly Measured[], wanted: (batchSize: number) => boolean): number {
  const chosen = measured.filter(({ batchSize }) => wanted(batchSize));
  return logLogSlope(
    chosen.map(({ batchSize }) => batchSize),
    chosen.map(({ rate }) => rate),
  ).slope;
}

const fitOf = ({ SGD }: Rates) =>
  lineFit(
    SGD.map(({ batchSize }) => 1 / batchSize),
    SGD.map(({ rate }) => 1 / rate),
  );

const powersOf = ({ SGD, Adam }: Rates) => ({
  small: slopeOver(SGD, (b) => b <= 4),
  large: slopeOver(SGD, (b) => b >= 32),
  ofAdam: slopeOver(Adam, () => true),
});

export default defineExperiment({
  description:
    "Trains a small network on digits for 400 steps and finds, by bisection, the largest learning rate that still brings its loss below 1, for SGD and Adam and batches of 1 to 256.",
  parameters: z.object({
    seeds: z.int().min(1).max(20).default(3).describe("seeds of starts and batches"),
    halvings: z.int().min(1).max(12).default(7).describe("bisections of the logarithm of the rate"),
    steps: z.int().min(10).max(4000).default(400).describe("training steps of a run"),
    threshold: z.number().min(0.1).max(2.3).default(1).describe("training loss below which a run works"),
  }),
  profiles: { quick: { seeds: 1, halvings: 6 }, full: {} },
  seconds: { quick: 6, full: 25 },
  plots: [
    linePlot(
      "rates",
      "Largest workable learning rate",
      logAxis("batch size, rows"),
      logAxis("learning rate"),
      { series: ["SGD", "Adam"], references: ["SGD: 1/α = A + C/b", "Adam: α ∝ √b"] },
    ),
    dotPlot("inverse", "The inverse rate of SGD is a line in 1/b", "1 / batch size", "1 / largest rate", {
      series: ["SGD"],
      references: ["A + C/b"],
    }),
  ],

  async *measure({ parameters: { seeds, halvings, steps, threshold }, seed, signal, stage }) {
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
          for (const [k, s] of repeatSeeds(seed, seeds).entries()) {
            yield progress((done + k / seeds) / total, `${name}, batches of ${batchSize}`);
            const start = training.start([problem.start(s)]);
            const plans = [batchPlan(s, problem.rows, { batchSize, steps })];
            const train = async (rate: number) => {
              const { losses } = await training.run(start, { plans, batchSize, rates: [rate], momenta: [0] });
              return losses[0];
            };
            const [low, high] = bracket;
            let rate = Number.NaN;
            const search = maxStableLearningRate(train, { low, high, halvings, threshold, signal });
            try {
              for await (const { learningRate } of search) {
                rate = learningRate;
                yield replacePoints("rates", name, [
                  ...before,
                  { x: batchSize, y: geometricMean([...found, rate]) },
                ]);
              }
            } catch (error) {
              if (!(error instanceof ArgumentError)) throw error;
              throw new ParameterError(
                "threshold",
                `threshold must be met at the rate ${low} and not at ${high} in ${steps} steps of ${name} on batches of ${batchSize}, got ${threshold}: ${error.message}`,
              );
            }
            found.push(rate);
          }
          return found;
        });
        const rate = geometricMean(rates);
        measured[name].push({ batchSize, rate });
      }
    }

    const sgd = measured.SGD;
    const fit = fitOf(measured);
    const adamScale = geometricMean(measured.Adam.map(({ batchSize, rate }) => rate / Math.sqrt(batchSize)));
    const fine = Array.from({ length: 33 }, (_, i) => 2 ** (i / 4));
    const fitted = fine.map((x) => ({ x, y: 1 / (fit.intercept + fit.slope / x) }));
    yield points(
      "rates",
      "SGD: 1/α = A + C/b",
      fitted.filter(({ y }) => y > 0),
    );
    yield curve(
      "rates",
      "Adam: α ∝ √b",
      fine.filter((x) => x <= 64),
      (x) => ({ x, y: adamScale * Math.sqrt(x) }),
    );
    yield curve("inverse", "SGD", sgd, ({ batchSize, rate }) => ({ x: 1 / batchSize, y: 1 / rate }));
    yield curve("inverse", "A + C/b", [0, 1], (x) => ({ x, y: fit.intercept + fit.slope * x }));
    return measured;
  },

  judge(rates) {
    const { small, large, ofAdam } = powersOf(rates);
    return [
      check(
        "C3",
        "SGD: power of b in the largest rate, b = 1 to 4",
        small,
        { between: [0.8, 1.2] },
        criterion("“in proportion” is a power within a fifth of 1"),
      ),
      check(
        "C3",
        "SGD: power of b in the largest rate, b = 32 to 256",
        large,
        { atMost: 0.25 },
        criterion("a plateau has at most half the power of a square root"),
      ),
      check(
        "C3",
        "SGD: R² of the line 1/α = A + C/b",
        fitOf(rates).rSquared,
        { atLeast: 0.95 },
        criterion("the form that the theory gives explains 95% of the variance"),
      ),
      check(
        "C4",
        "Adam: power of b in the largest rate, b = 1 to 64",
        ofAdam,
        { between: [0.4, 0.6] },
        criterion("“the square root” is a power within a fifth of 0.5"),
      ),
    ];
  },

  present(rates) {
    const { small, large, ofAdam } = powersOf(rates);
    const fit = fitOf(rates);
    const { SGD, Adam } = rates;
    const [A, C] = [fit.intercept, fit.slope].map(formatRounded);
    return {
      headline: `The largest workable rate of SGD grows as the batch size to the power ${formatRounded(small)} up to batches of 4 and ${formatRounded(large)} from 32 on; that of Adam to the power ${formatRounded(ofAdam)}.`,
      captions: {
        rates: `SGD’s largest rate grows as b to the power ${formatRounded(small)} up to b = 4 and ${formatRounded(large)} from b = 32 on; Adam’s as b to the power ${formatRounded(ofAdam)} over b = 1 to 64.`,
        inverse: `1/α = ${A} + ${C}/b: A is half the curvature of the full data that limits the rate, C what the noise of a batch of one adds.`,
      },
      summary: [
        `SGD: the line in 1/b levels off at a rate of ${formatRounded(1 / fit.intercept)}; half of that is reached at b = C/A = ${formatRounded(fit.slope / fit.intercept)}.`,
        `Adam: from ${formatRounded(Adam[0].rate)} at b = 1 to ${formatRounded(Adam[Adam.length - 1].rate)} at b = 64.`,
        "Batches are drawn with replacement: the effective batch size is the batch size.",
      ],
      tables: [
        tableOf(
          "rates",
          "Largest workable learning rates, geometric means over the seeds",
          {
            b: "batch size",
            sgd: "SGD",
            fit: "1/(A + C/b)",
            adam: "Adam",
          },
          SGD.map(({ batchSize, rate }) => ({
            b: batchSize,
            sgd: rate,
            fit: 1 / (fit.intercept + fit.slope / batchSize),
            adam: Adam.find((other) => other.batchSize === batchSize)?.rate ?? null,
          })),
        ),
      ],
    };
  },
});
