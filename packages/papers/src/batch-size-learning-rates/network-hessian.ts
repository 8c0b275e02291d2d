import { effectiveBatchSize, localBatchEigenvalue, spikedWigner } from "gradus/curvature";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { check, formatFigure } from "../check.ts";
import {
  defineExperiment,
  type ExperimentEvent,
  type ExperimentRun,
  points,
  progress,
  replacePoints,
  table,
} from "../experiment.ts";
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
  yield points(
    plot,
    "all data",
    ends.map((x) => ({ x, y: lambdaMax })),
  );
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
  ({
    id,
    title,
    x: { label: "batch size, rows", scale: "log" },
    y: { label: "largest eigenvalue", scale: "log" },
    mark: "line",
    series: ["mean of batches", "local predictor", "additive model, isotropic s²"],
    references: ["plus one standard error", "minus one standard error", "all data"],
  }) as const;

export default defineExperiment({
  id: "network-hessian",
  title: "The Hessian of a batch against the Hessian of all data",
  description:
    "Trains a small network on digits for 5 epochs and compares the extreme eigenvalues of the Hessian on batches of 8 to 512 rows with those on all rows, the additive model and a local predictor; at full size also on Fashion-MNIST.",
  claims: ["C1"],
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
    {
      id: "smallest",
      title: "Smallest eigenvalue on digits, first seed",
      x: { label: "batch size, rows", scale: "log" },
      y: { label: "smallest eigenvalue" },
      mark: "line",
      series: ["mean of batches"],
      references: ["all data"],
    },
    {
      id: "inflation",
      title: "What batches add to the largest eigenvalue, digits",
      x: { label: "effective batch size, rows", scale: "log" },
      y: { label: "mean of batches less all data", scale: "log" },
      mark: "dot",
      references: ["local predictor, seed 1"],
    },
    largestPlot("fashion", "Largest eigenvalue on Fashion-MNIST"),
  ],

  async *run({ parameters: { batches, seeds, fashion }, seed, signal, stage }) {
    const digits = await digitsProblem();
    const all: { readonly name: string; readonly measured: Measured }[] = [];
    const parts = seeds + (fashion ? 8 : 0);
    for (let k = 0; k < seeds; k++) {
      const measured = yield* stage(`digits ${k}`, async function* (): ExperimentRun<Measured> {
        yield progress(k / parts, `digits, seed ${seed + k}`);
        const show = (hessian: readonly Extremes[]) => ofBatches("largest", hessian).slice(0, 1);
        return yield* measure(digits, { batches, seed: seed + k, signal }, k === 0 ? show : undefined);
      });
      all.push({ name: `digits, seed ${seed + k}`, measured });
      const { hessian, lambdaMin, lambdaMax } = measured;
      yield points(
        "inflation",
        `seed ${k + 1}`,
        hessian
          .filter(({ largest }) => largest > lambdaMax)
          .map(({ effectiveBatch, largest }) => ({ x: effectiveBatch, y: largest - lambdaMax })),
      );
      if (k > 0) continue;
      yield* curves("largest", measured, digits.rows);
      yield points(
        "smallest",
        "mean of batches",
        hessian.map(({ batchSize, smallest }) => ({ x: batchSize, y: smallest })),
      );
      yield points(
        "smallest",
        "all data",
        [8, 512].map((x) => ({ x, y: lambdaMin })),
      );
      yield points(
        "inflation",
        "local predictor, seed 1",
        hessian.map(({ effectiveBatch: x }) => ({ x, y: predicted(measured, x) - lambdaMax })),
      );
    }
    if (fashion) {
      const problem = await fashionProblem();
      const measured = yield* stage("fashion", async function* (): ExperimentRun<Measured> {
        yield progress(seeds / parts, "Fashion-MNIST");
        return yield* measure(problem, { batches, seed, signal });
      });
      all.push({ name: "Fashion-MNIST", measured });
      yield* curves("fashion", measured, problem.rows);
    }

    yield table({
      id: "batches",
      title: "Extreme eigenvalues: means over batches",
      columns: [
        { key: "run", label: "network" },
        { key: "b", label: "b" },
        { key: "largest", label: "λ₁ of batches" },
        { key: "error", label: "standard error" },
        { key: "full", label: "λ₁ of all data" },
        { key: "local", label: "local predictor" },
        { key: "model", label: "additive model" },
        { key: "smallest", label: "λ_min of batches" },
        { key: "fullSmallest", label: "λ_min of all data" },
        { key: "gn", label: "Gauss-Newton λ₁ of batches" },
        { key: "fullGn", label: "Gauss-Newton λ₁ of all data" },
      ],
      rows: all.flatMap(({ name, measured }) =>
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
    });
    yield table({
      id: "networks",
      title: "The networks and their noise",
      columns: [
        { key: "run", label: "network" },
        { key: "loss", label: "training loss" },
        { key: "variance", label: "s², isotropic" },
        { key: "along", label: "v along u" },
        { key: "across", label: "v across u" },
        { key: "critical", label: "v across u / λ₁²" },
        { key: "slope", label: "slope of λ₁(b) − λ₁" },
      ],
      rows: all.map(({ name, measured }) => ({
        run: name,
        loss: measured.loss,
        variance: measured.variance,
        along: measured.along,
        across: measured.across,
        critical: measured.across / measured.lambdaMax ** 2,
        slope: inflationSlope(measured),
      })),
    });

    const ofDigits = all.slice(0, seeds).map(({ measured }) => measured);
    const worst = (value: (m: Measured, e: Extremes) => number, wanted: (b: number) => boolean): number =>
      Math.max(
        ...ofDigits.flatMap((m) => m.hessian.filter((e) => wanted(e.batchSize)).map((e) => value(m, e))),
      );
    const slopes = ofDigits.map(inflationSlope);
    const off = (m: Measured, e: Extremes) =>
      Math.abs(predicted(m, e.effectiveBatch) - e.largest) / e.largest;
    const share = (value: (m: Measured, e: Extremes) => number) =>
      ofDigits.map((m) => Math.max(...m.hessian.slice(0, 3).map((e) => value(m, e) / m.lambdaMax - 1)));
    const observed = share((_, e) => e.largest);
    const byModel = share((m, e) => modelled(m, e.effectiveBatch));
    const range = (values: readonly number[]) =>
      `${formatFigure(Math.min(...values))} to ${formatFigure(Math.max(...values))}`;
    yield progress(1, "done");
    return {
      checks: [
        check(
          "C1",
          "λ₁ of batches above that of all data, b ≤ 32: smallest excess in standard errors",
          -worst(
            (m, e) => (m.lambdaMax - e.largest) / e.error,
            (b) => b <= 32,
          ),
          { above: 2 },
        ),
        check(
          "C1",
          "λ_min of batches less that of all data, b ≤ 128: largest difference",
          worst(
            (m, e) => e.smallest - m.lambdaMin,
            (b) => b <= 128,
          ),
          { below: 0 },
        ),
        check("C1", "log-log slope of λ₁(b) − λ₁, b = 8 to 256: steepest seed", Math.min(...slopes), {
          between: [-1.4, -0.6],
        }),
        check("C1", "the same: flattest seed", Math.max(...slopes), { between: [-1.4, -0.6] }),
        check(
          "C1",
          "local predictor, b ≥ 32: largest relative error",
          worst(off, (b) => b >= 32),
          { atMost: 0.25 },
        ),
      ],
      captions: {
        largest: `Batches have larger top eigenvalues than all data, by up to ${formatFigure(observed[0])} of λ₁ for b = 8 to 32. The local predictor is within ${formatFigure(worst(off, (b) => b >= 32))} of them from b = 32 on, in all seeds; the additive model with the isotropic variance stays within ${formatFigure(byModel[0])} of λ₁.`,
        smallest:
          "At the other end the eigenvalues of batches are more negative. Both are Ritz values of 15 steps for batches, bounds from above.",
        inflation: `The excess falls as the inverse of the effective batch size: slopes ${slopes.map(formatFigure).join(", ")} by seed.`,
        ...(fashion && {
          fashion: "The same on 10 000 images with 50 890 parameters; reported without a condition.",
        }),
      },
      summary: [
        `The 1/b law holds and the constant of the additive model does not: with the isotropic s² (${range(ofDigits.map((m) => m.variance))}) it predicts an excess of at most ${formatFigure(Math.max(...byModel))} of λ₁ at b = 8 to 32, where up to ${formatFigure(Math.max(...observed))} is observed.`,
        `The variance that the top eigenvector sees across itself is ${range(ofDigits.map((m) => m.across))}, ${range(ofDigits.map((m) => m.across / m.variance))} times as large: the noise is concentrated in the directions of the outliers.`,
        `Gauss-Newton matrices of batches, without a condition: mean largest eigenvalue over that of all data at b = 8, ${ofDigits.map((m) => formatFigure(m.gaussNewton[0].largest / m.gaussNewtonMax)).join(", ")} by seed.`,
        "Batches are drawn without replacement: 𝔟 = b/(1 − b/N). Networks are trained on batches with replacement.",
      ],
    };
  },
});
