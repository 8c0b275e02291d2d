import { denseKernel, kernelGradientDescent, rbfKernel, trainedDistribution } from "gradus/kernels";
import { type DenseMatrix, denseMatrix } from "gradus/linalg";
import { normalQuantile, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { circlePoints, ensembleTrainer, linearizer, paperNetwork } from "./networks.ts";

const DEPTH = 4;
const TRAINING = { steps: 1000, learningRate: 1 };
const trainAngles = [-2.5, -1, 0.5, 2];
const testAngles = Array.from({ length: 24 }, (_, i) => -Math.PI + (i * 2 * Math.PI) / 24);
const train = circlePoints(trainAngles);
const test = circlePoints(testAngles);
const targets = Float64Array.from(trainAngles, (angle) => Math.cos(angle) * Math.sin(angle));
const TEN = normalQuantile(0.9);
/** The percentiles drawn: as shares, and in deviations of a Gaussian. */
const edges = [
  { name: "10 %", limit: "limit 10 %", q: 0.1, z: -TEN },
  { name: "median", limit: "limit mean", q: 0.5, z: 0 },
  { name: "90 %", limit: "limit 90 %", q: 0.9, z: TEN },
];
const widths = { quick: [50, 200], full: [50, 1000] } as const;
/** Networks in one graph: their parameters should stay in the cache. */
const GROUP = { parameters: 200_000, most: 40 };

/** Networks that are compared with their own linearization. */
const LINEARIZED = 10;

interface Law {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

const rms = (values: ArrayLike<number>) => Math.sqrt(sampleMean(Array.from(values, (v) => v * v)));

const quantileOf = (values: readonly number[], q: number) => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.round(q * (sorted.length - 1))];
};

/** How an ensemble, one row per network, fits a Gaussian distribution at each point. */
function fit(outputs: readonly (readonly number[])[], law: Law) {
  const columns = testAngles.map((_, i) => outputs.map((row) => row[i]));
  const means = columns.map((values) => sampleMean(values));
  const variances = columns.map(
    (values, i) => values.reduce((sum, v) => sum + (v - means[i]) ** 2, 0) / (values.length - 1),
  );
  const inside = columns.flatMap((values, i) =>
    values.map((v) => Number(Math.abs(v - law.mean[i]) <= TEN * law.deviation[i])),
  );
  return {
    coverage: sampleMean(inside),
    spread: Math.sqrt(sampleMean(variances)) / rms(law.deviation),
    shift: rms(means.map((m, i) => m - law.mean[i])) / rms(law.deviation),
    percentiles: rms(
      edges.flatMap(({ q, z }) =>
        columns.map((values, i) => (quantileOf(values, q) - law.mean[i]) / law.deviation[i] - z),
      ),
    ),
    columns,
  };
}

/** Train and test points together. */
const all = denseMatrix([...train.values, ...test.values], train.rows + test.rows, 2);

/** The outputs on the test points of a network that is replaced by its linearization at the start, trained alike. */
function linearized({ outputs, kernel }: { readonly outputs: Float64Array; readonly kernel: DenseMatrix }) {
  const block = (from: number, to: number) =>
    denseMatrix(
      Float64Array.from(
        { length: (to - from) * train.rows },
        (_, k) => kernel.values[(from + Math.floor(k / train.rows)) * all.rows + (k % train.rows)],
      ),
      to - from,
      train.rows,
    );
  return kernelGradientDescent(block(0, train.rows), targets, {
    ...TRAINING,
    f0: outputs.slice(0, train.rows),
    testKernel: block(train.rows, all.rows),
    testF0: outputs.slice(train.rows),
  }).test;
}

/** How far an ensemble is from a Gaussian distribution. */
interface Fit {
  /** Share of the outputs within the 10–90 % band. */
  readonly coverage: number;
  /** Ratio of the standard deviations. */
  readonly spread: number;
  /** Distance of the means, in standard deviations. */
  readonly shift: number;
  /** Distance of the percentiles, in standard deviations at each point. */
  readonly percentiles: number;
}

interface Ensemble {
  readonly n: number;
  readonly cost: number;
  readonly limit: Fit;
  readonly posterior: Fit;
  readonly linearization: number;
}

export default defineExperiment({
  description:
    "Trains ensembles of networks on four points of the circle and compares the distribution of their outputs around the circle with the closed-form Gaussian distribution at infinite width.",
  parameters: z.object({
    networks: z.int().min(10).max(200).default(40).describe("networks of each width"),
  }),
  profiles: { quick: {}, full: {} },
  seconds: { quick: 9, full: 300 },
  plots: ["narrow", "wide"].map((id, i) =>
    linePlot(
      id,
      `Outputs of trained networks, ${i === 0 ? "n = 50" : "the wider ones"}: 10th, 50th and 90th percentiles`,
      "angle on the circle (rad)",
      "network output f",
      { series: ["median", "10 %", "90 %"], references: ["limit 10 %", "limit mean", "limit 90 %"] },
    ),
  ),

  async *measure({ parameters: { networks }, profile, seed, signal, stage }) {
    const kernel = denseKernel({ depth: DEPTH });
    const time = TRAINING.steps * TRAINING.learningRate;
    const ntk = await trainedDistribution(kernel, train, targets, test, { time });
    const nngp = await trainedDistribution(kernel, train, targets, test, { mode: "nngp" });
    const edgesOf = (law: Law) =>
      [-TEN, TEN].flatMap((sign) => Array.from(law.mean, (m, i) => m + sign * law.deviation[i]));
    const [left, right] = [edgesOf(ntk), edgesOf(nngp)];
    const apart = rms(left.map((edge, i) => edge - right[i])) / rms(ntk.deviation);
    const ensembles: Ensemble[] = [];
    for (const [w, n] of widths[profile].entries()) {
      const plot = w === 0 ? "narrow" : "wide";
      for (const { limit, z } of edges)
        yield curve(plot, limit, testAngles, (x, i) => ({ x, y: ntk.mean[i] + z * ntk.deviation[i] }));
      const { costs, outputs, gaps } = yield* stage(`width ${n}`, async function* () {
        const options = paperNetwork(DEPTH, n);
        const size = Math.max(1, Math.min(networks, GROUP.most, Math.floor(GROUP.parameters / (2 * n * n))));
        await using trainer = await ensembleTrainer(options, { size, train, test }, TRAINING);
        const costs: number[] = [];
        const outputs: number[][] = [];
        while (outputs.length < networks) {
          signal.throwIfAborted();
          yield progress((w + outputs.length / networks) / 2, `${networks} networks of width ${n}`);
          const seeds = Array.from({ length: size }, (_, s) => seed * 1000 + outputs.length + s);
          const result = await trainer.run(seeds, targets);
          costs.push(...result.costs);
          for (let s = 0; s < size; s++)
            outputs.push(Array.from(result.test.subarray(s * test.rows, (s + 1) * test.rows)));
        }
        // the linearization omits the change of the kernel during training
        const gaps: number[] = [];
        await using linear = await linearizer(options, all);
        for (let s = 0; s < LINEARIZED; s++) {
          const frozen = linearized(await linear.run(seed * 1000 + s));
          gaps.push(...frozen.map((value, i) => value - outputs[s][i]));
        }
        return { costs: costs.slice(0, networks), outputs: outputs.slice(0, networks), gaps };
      });
      const fits = { ntk: fit(outputs, ntk), nngp: fit(outputs, nngp) };
      for (const { name, q } of edges)
        yield curve(plot, name, testAngles, (x, i) => ({ x, y: quantileOf(fits.ntk.columns[i], q) }));
      const { columns: _, ...ofLimit } = fits.ntk;
      const { columns: __, ...ofPosterior } = fits.nngp;
      ensembles.push({
        n,
        cost: Math.max(...costs),
        limit: ofLimit,
        posterior: ofPosterior,
        linearization: rms(gaps) / rms(ntk.deviation),
      });
    }
    const truth = testAngles.map((angle) => Math.cos(angle) * Math.sin(angle));
    const radial = kernelGradientDescent(rbfKernel(train), targets, {
      time: Number.POSITIVE_INFINITY,
      testKernel: rbfKernel(test, train),
    }).test;
    const errorOf = (f: Float64Array) => rms(truth.map((value, i) => f[i] - value));
    return {
      ensembles,
      apart,
      deviationRatio: rms(nngp.deviation) / rms(ntk.deviation),
      errors: { limit: errorOf(ntk.mean), posterior: errorOf(nngp.mean), radial: errorOf(radial) },
    };
  },

  judge({ ensembles }) {
    const wide = ensembles[ensembles.length - 1];
    return [
      ...ensembles.flatMap(({ n, cost, limit }) => [
        check(
          "C5",
          `largest training cost after ${TRAINING.steps} steps, n = ${n}`,
          cost,
          { atMost: 1e-9 },
          criterion(
            "“vanishes on the data” is an error below 1e-4 for outputs of order 1, in single precision",
          ),
        ),
        check(
          "C5",
          `distance of the 10th, 50th and 90th percentiles from the limit’s, in its standard deviations, n = ${n}`,
          limit.percentiles,
          { atMost: 0.5 },
          criterion(
            "percentiles of 40 networks scatter by a quarter of a standard deviation; “match” allows twice that",
          ),
        ),
        check(
          "C5",
          `standard deviation of the ensemble over the limit’s, n = ${n}`,
          limit.spread,
          { between: [0.8, 1.25] },
          criterion("“the same spread” is within a factor 1.25"),
        ),
      ]),
      ourCheck(
        `distance of the percentiles from the Bayesian posterior’s over that from the limit’s, n = ${wide.n}`,
        wide.posterior.percentiles / wide.limit.percentiles,
        { above: 1 },
        criterion("the comparison must be able to distinguish another distribution"),
      ),
    ];
  },

  present({ ensembles, apart, deviationRatio, errors }) {
    const caption = ({ n, limit }: Ensemble) =>
      `Width ${n}: the percentiles are ${formatRounded(limit.percentiles)} standard deviations from the limit’s (root mean square), and the spread is ${formatRounded(limit.spread)} times the limit’s; at the four training points all networks meet.`;
    const [narrow, wide] = ensembles;
    return {
      headline: `The percentiles of trained networks are ${formatRounded(narrow.limit.percentiles)} standard deviations from the infinite-width distribution at n = ${narrow.n} and ${formatRounded(wide.limit.percentiles)} at n = ${wide.n}.`,
      captions: { narrow: caption(narrow), wide: caption(wide) },
      summary: [
        ...ensembles.map(
          ({ n, limit, posterior, linearization }) =>
            `n = ${n}: ${formatRounded(100 * limit.coverage)}% of the outputs lie in the band that should hold 80%; the spread is ${formatRounded(limit.spread)} times the limit’s (${formatRounded(posterior.spread)} times that of the Bayesian posterior). A network differs from its own linearization by ${formatRounded(linearization)} standard deviations.`,
        ),
        `The Bayesian posterior is a different distribution: its band is ${formatRounded(apart)} standard deviations away, and its standard deviation is ${formatRounded(deviationRatio)} times that of trained networks.`,
      ],
      tables: [
        tableOf(
          "fits",
          "The ensembles against both distributions",
          {
            n: "n",
            law: "distribution",
            percentiles: "distance of percentiles, in standard deviations",
            coverage: "share within the 10–90 % band",
            spread: "ratio of standard deviations",
            shift: "distance of means, in standard deviations",
          },
          ensembles.flatMap(({ n, limit, posterior }) => [
            { n, law: "trained by gradient descent", ...limit },
            { n, law: "Bayesian posterior", ...posterior },
          ]),
        ),
        tableOf(
          "means",
          "Mean functions against x₁x₂ on the circle",
          { method: "method", error: "RMS error" },
          [
            { method: "trained networks, infinite width", error: errors.limit },
            { method: "Bayesian posterior, infinite width", error: errors.posterior },
            { method: "radial basis kernel, length 1", error: errors.radial },
          ],
        ),
      ],
    };
  },
});
