import { effectiveBatchSize, localBatchEigenvalue, spikedWigner } from "gradus/curvature";
import { logLogSlope, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import {
  curve,
  defineExperiment,
  type ExperimentEvent,
  type ExperimentRun,
  points,
  progress,
  replacePoints,
} from "../experiment.ts";
import { criterion } from "../ground.ts";
import { dotPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { batchSizes, type Extremes, type Measured, measure } from "./hessian-measurement.ts";
import { digitsProblem, fashionProblem } from "./problems.ts";

const modelled = ({ lambdaMax, variance }: Measured, effectiveBatch: number): number =>
  spikedWigner({ lambda: lambdaMax, hessianVariance: variance, effectiveBatch }).value;

const predicted = ({ lambdaMax, across }: Measured, effectiveBatch: number): number =>
  localBatchEigenvalue({ lambda: lambdaMax, across, effectiveBatch });

/** Exponent of what batches add to the largest eigenvalue, over their positive figures up to b = 256. */
function inflationSlope({ lambdaMax, hessian }: Measured): number {
  const above = hessian.filter(({ batchSize, largest }) => batchSize <= 256 && largest > lambdaMax);
  return logLogSlope(
    above.map(({ effectiveBatch }) => effectiveBatch),
    above.map(({ largest }) => largest - lambdaMax),
  ).slope;
}

/** The largest eigenvalues of batches, with their errors. */
function ofBatches(plot: string, hessian: readonly Extremes[]): ExperimentEvent[] {
  const of = (value: (e: Extremes) => number) => hessian.map((e) => ({ x: e.batchSize, y: value(e) }));
  return [
    replacePoints(
      plot,
      "mean of batches",
      of((e) => e.largest),
    ),
    replacePoints(
      plot,
      "plus one standard error",
      of((e) => e.largest + e.error),
    ),
    replacePoints(
      plot,
      "minus one standard error",
      of((e) => e.largest - e.error),
    ),
  ];
}

/** A problem's curves in the plots: the seed that is drawn. */
function* curves(
  plot: string,
  measured: Measured,
  rows: number,
): Generator<ReturnType<typeof points>, void, void> {
  const { hessian, lambdaMax } = measured;
  yield* ofBatches(plot, hessian);
  const ends = [batchSizes[0], batchSizes[batchSizes.length - 1]];
  yield curve(plot, "all data", ends, (x) => ({ x, y: lambdaMax }));
  const fine = Array.from({ length: 25 }, (_, i) => Math.round(8 * 2 ** (i / 4)));
  const law = (value: (b: number) => number) =>
    fine.map((x) => ({ x, y: value(effectiveBatchSize(x, rows)) }));
  yield points(
    plot,
    "local predictor",
    law((b) => predicted(measured, b)),
  );
  yield points(
    plot,
    "additive model, isotropic s²",
    law((b) => modelled(measured, b)),
  );
}

const largestPlot = (id: string, title: string) =>
  linePlot(id, title, logAxis("batch size, rows"), logAxis("largest eigenvalue"), {
    series: ["mean of batches", "local predictor", "additive model, isotropic s²"],
    references: ["plus one standard error", "minus one standard error", "all data"],
  });

interface Network {
  readonly name: string;
  readonly measured: Measured;
}

/** Of Hessians or of Gauss-Newton matrices, the smallest excess of small batches, in standard errors. */
const smallestExcess = (all: readonly Extremes[], full: number): number =>
  Math.min(
    ...all.filter(({ batchSize }) => batchSize <= 32).map(({ largest, error }) => (largest - full) / error),
  );

function figuresOf(digits: readonly Network[]) {
  const networks = digits.map(({ measured }) => measured);
  /** The largest over the three smallest batch sizes, as a share of all data's. */
  const share = (value: (m: Measured, e: Extremes) => number) =>
    networks.map((m) => Math.max(...m.hessian.slice(0, 3).map((e) => value(m, e) / m.lambdaMax - 1)));
  return {
    networks,
    hessian: Math.min(...networks.map((m) => smallestExcess(m.hessian, m.lambdaMax))),
    gaussNewton: Math.min(...networks.map((m) => smallestExcess(m.gaussNewton, m.gaussNewtonMax))),
    smallest: Math.max(
      ...networks.flatMap((m) =>
        m.hessian.filter(({ batchSize }) => batchSize <= 128).map((e) => e.smallest - m.lambdaMin),
      ),
    ),
    slopes: networks.map(inflationSlope),
    local: Math.max(
      ...networks.flatMap((m) =>
        m.hessian
          .filter(({ batchSize }) => batchSize >= 32)
          .map((e) => Math.abs(predicted(m, e.effectiveBatch) - e.largest) / e.largest),
      ),
    ),
    observed: share((_, e) => e.largest),
    byModel: share((m, e) => modelled(m, e.effectiveBatch)),
  };
}

export default defineExperiment({
  description:
    "Trains a small network on digits for 5 epochs and compares the extreme eigenvalues of the Hessian on batches of 8 to 512 rows with those on all rows, the additive model and a local predictor; at full size also on Fashion-MNIST.",
  parameters: z.object({
    batches: z.int().min(3).max(200).default(40).describe("batches of each size"),
    seeds: z.int().min(1).max(10).default(3).describe("seeds of networks and batches"),
    fashion: z.boolean().default(false).describe("also 784-64-10 on Fashion-MNIST, which must be downloaded"),
  }),
  dataDirectory: ["fashion"],
  profiles: { quick: { batches: 20 }, full: { fashion: true } },
  seconds: { quick: 8, full: 100 },
  plots: [
    largestPlot("largest", "Largest eigenvalue on digits, first seed"),
    linePlot(
      "smallest",
      "Smallest eigenvalue on digits, first seed",
      logAxis("batch size, rows"),
      "smallest eigenvalue",
      { series: ["mean of batches"], references: ["all data"] },
    ),
    dotPlot(
      "inflation",
      "What batches add to the largest eigenvalue, digits",
      logAxis("effective batch size, rows"),
      logAxis("mean of batches less all data"),
      { references: ["local predictor, seed 1"] },
    ),
    largestPlot("fashion", "Largest eigenvalue on Fashion-MNIST"),
  ],

  async *measure({ parameters: { batches, seeds, fashion }, seed, signal, stage, resumable }) {
    const digits = await digitsProblem();
    const networks: Network[] = [];
    const parts = seeds + (fashion ? 8 : 0);
    for (const [k, s] of repeatSeeds(seed, seeds).entries()) {
      const measured = yield* stage(`digits ${k}`, async function* (): ExperimentRun<Measured> {
        const tell = (part: string, done: number) =>
          progress((k + done) / parts, `digits, seed ${s}: ${part}`);
        const show = (hessian: readonly Extremes[]) => ofBatches("largest", hessian).slice(0, 1);
        const options = { key: `digits ${k}`, batches, seed: s, signal, stage, resumable, tell };
        return yield* measure(digits, options, k === 0 ? show : undefined);
      });
      networks.push({ name: `digits, seed ${s}`, measured });
      const { hessian, lambdaMin, lambdaMax } = measured;
      yield curve(
        "inflation",
        `seed ${k + 1}`,
        hessian.filter(({ largest }) => largest > lambdaMax),
        ({ effectiveBatch, largest }) => ({ x: effectiveBatch, y: largest - lambdaMax }),
      );
      if (k > 0) continue;
      yield* curves("largest", measured, digits.rows);
      yield curve("smallest", "mean of batches", hessian, ({ batchSize, smallest }) => ({
        x: batchSize,
        y: smallest,
      }));
      yield curve("smallest", "all data", [8, 512], (x) => ({ x, y: lambdaMin }));
      yield curve("inflation", "local predictor, seed 1", hessian, ({ effectiveBatch: x }) => ({
        x,
        y: predicted(measured, x) - lambdaMax,
      }));
    }
    let images: Network | null = null;
    if (fashion) {
      const problem = await fashionProblem();
      const measured = yield* stage("fashion", async function* (): ExperimentRun<Measured> {
        const tell = (part: string, done: number) =>
          progress((seeds + (parts - seeds) * done) / parts, `Fashion-MNIST: ${part}`);
        return yield* measure(problem, { key: "fashion", batches, seed, signal, stage, resumable, tell });
      });
      images = { name: "Fashion-MNIST", measured };
      yield* curves("fashion", measured, problem.rows);
    }
    return { digits: networks, fashion: images };
  },

  judge({ digits }) {
    const { hessian, gaussNewton, smallest, slopes, local } = figuresOf(digits);
    const larger = criterion("“larger” is a mean more than two standard errors above, in every network");
    return [
      check(
        "C1",
        "smallest excess of λ₁ of batches of up to 32 (standard errors)",
        hessian,
        { above: 2 },
        larger,
      ),
      check(
        "C1",
        "λ_min of batches of up to 128 less that of all data, largest",
        smallest,
        { below: 0 },
        criterion("“larger in magnitude” at the negative end is a mean below, in every network"),
      ),
      check(
        "C2",
        "smallest excess of the Gauss-Newton λ₁ of batches of up to 32 (standard errors)",
        gaussNewton,
        { above: 2 },
        larger,
      ),
      ourCheck(
        "power of 𝔟 in λ₁(b) − λ₁, mean of the networks",
        sampleMean(slopes),
        { between: [-1.2, -0.8] },
        criterion("“as 1/𝔟” is a power within a fifth of −1"),
      ),
      ourCheck(
        "largest relative error of the local predictor, b ≥ 32",
        local,
        { atMost: 0.25 },
        criterion("the predictor is ours: useful if it is within a quarter"),
      ),
    ];
  },

  present({ digits, fashion }) {
    const { networks, slopes, local, observed, byModel } = figuresOf(digits);
    const range = (values: readonly number[]) =>
      `${formatRounded(Math.min(...values))} to ${formatRounded(Math.max(...values))}`;
    const atEight = networks.map((m) => m.hessian[0].largest / m.lambdaMax);
    const ofGaussNewton = networks.map((m) => m.gaussNewton[0].largest / m.gaussNewtonMax);
    return {
      headline: `On batches of 8 the largest Hessian eigenvalue is ${range(atEight)} times that of all data, and ${range(ofGaussNewton)} times for the Gauss-Newton matrix.`,
      captions: {
        largest: `The largest eigenvalue of batches of 8 to 32 exceeds that of all data by up to ${formatRounded(observed[0])} λ₁. The local predictor is within ${formatRounded(local)} of it from b = 32 on, in all networks; the additive model with the isotropic variance predicts an excess of up to ${formatRounded(byModel[0])} λ₁.`,
        smallest:
          "The smallest eigenvalues of batches and of all data. Those of batches are Ritz values after 15 Lanczos steps, which are upper bounds.",
        inflation: `The excess against the effective batch size: powers ${slopes.map(formatRounded).join(", ")} by network, where the models say −1.`,
        ...(fashion && {
          fashion: "The same on 10,000 images with 50,890 parameters, reported without a condition.",
        }),
      },
      summary: [
        `The excess falls as 𝔟 to the powers ${slopes.map(formatRounded).join(", ")}. With the isotropic s² (${range(networks.map((m) => m.variance))}) the additive model predicts an excess of at most ${formatRounded(Math.max(...byModel))} λ₁ at b = 8 to 32; up to ${formatRounded(Math.max(...observed))} is observed.`,
        `The variance across the top eigenvector is ${range(networks.map((m) => m.across))}, ${range(networks.map((m) => m.across / m.variance))} times as large: the noise is concentrated in the directions of the outliers.`,
        "Batches are drawn without replacement: 𝔟 = b/(1 − b/N). Networks are trained on batches with replacement.",
      ],
      tables: [
        tableOf(
          "batches",
          "Extreme eigenvalues: means over batches",
          {
            run: "network",
            b: "b",
            largest: "λ₁ of batches",
            error: "standard error",
            full: "λ₁ of all data",
            local: "local predictor",
            model: "additive model",
            smallest: "λ_min of batches",
            fullSmallest: "λ_min of all data",
            gn: "Gauss-Newton λ₁ of batches",
            fullGn: "Gauss-Newton λ₁ of all data",
          },
          [...digits, ...(fashion ? [fashion] : [])].flatMap(({ name, measured }) =>
            measured.hessian.map(({ batchSize, effectiveBatch, largest, error, smallest }, i) => ({
              run: name,
              b: batchSize,
              largest,
              error,
              full: measured.lambdaMax,
              local: predicted(measured, effectiveBatch),
              model: modelled(measured, effectiveBatch),
              smallest,
              fullSmallest: measured.lambdaMin,
              gn: measured.gaussNewton[i].largest,
              fullGn: measured.gaussNewtonMax,
            })),
          ),
        ),
        tableOf(
          "networks",
          "The networks and their noise",
          {
            run: "network",
            loss: "training loss",
            variance: "s², isotropic",
            along: "v along u",
            across: "v across u",
            critical: "v across u / λ₁²",
            slope: "power of 𝔟 in λ₁(b) − λ₁",
          },
          [...digits, ...(fashion ? [fashion] : [])].map(({ name, measured }) => ({
            run: name,
            loss: measured.loss,
            variance: measured.variance,
            along: measured.along,
            across: measured.across,
            critical: measured.across / measured.lambdaMax ** 2,
            slope: inflationSlope(measured),
          })),
        ),
      ],
    };
  },
});
