import { denseKernel, kernelGradientDescent, rbfKernel, trainedDistribution } from "gradus/kernels";
import { type DenseMatrix, denseMatrix } from "gradus/linalg";
import { normalQuantile, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, points, progress, table } from "../experiment.ts";
import { circlePoints, ensembleTrainer, linearizer, paperNetwork } from "./networks.ts";

const DEPTH = 4;
const TRAINING = { steps: 1000, learningRate: 1 };
const trainAngles = [-2.5, -1, 0.5, 2];
const testAngles = Array.from({ length: 24 }, (_, i) => -Math.PI + (i * 2 * Math.PI) / 24);
const train = circlePoints(trainAngles);
const test = circlePoints(testAngles);
const targets = Float64Array.from(trainAngles, (angle) => Math.cos(angle) * Math.sin(angle));
const TEN = normalQuantile(0.9);
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

/** How an ensemble, one row a network, fits a Gaussian law at each point. */
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

const quantileOf = (values: readonly number[], q: number) => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.round(q * (sorted.length - 1))];
};

const coverageRange = [0.68, 0.92] as const;
const spreadRange = [0.75, 1.3] as const;

export default defineExperiment({
  id: "trained-law",
  title: "Trained networks follow the Gaussian law of the limit",
  description:
    "Trains an ensemble of networks to four points of the circle and compares their outputs between the points with the closed-form law of infinitely wide ones.",
  claims: ["C5"],
  parameters: z.object({
    networks: z.int().min(10).max(200).default(40).describe("networks of each width"),
  }),
  profiles: { quick: {}, full: {} },
  seconds: { quick: 9, full: 300 },
  plots: [
    ...["narrow", "wide"].map((id, i) => ({
      id,
      title: `Outputs of trained networks, ${i === 0 ? "n = 50" : "the wider ones"}: 10th, 50th and 90th percentiles`,
      x: { label: "angle on the circle (rad)" },
      y: { label: "network output f" },
      mark: "line" as const,
      series: ["median", "10 %", "90 %"],
      references: ["limit 10 %", "limit mean", "limit 90 %"],
    })),
  ],

  async *run({ parameters: { networks }, profile, seed, signal, stage }) {
    const kernel = denseKernel({ depth: DEPTH });
    const time = TRAINING.steps * TRAINING.learningRate;
    const ntk = await trainedDistribution(kernel, train, targets, test, { time });
    const nngp = await trainedDistribution(kernel, train, targets, test, { mode: "nngp" });
    const edgesOf = (law: Law) =>
      [-TEN, TEN].flatMap((sign) => Array.from(law.mean, (m, i) => m + sign * law.deviation[i]));
    const [left, right] = [edgesOf(ntk), edgesOf(nngp)];
    const apart = rms(left.map((edge, i) => edge - right[i])) / rms(ntk.deviation);
    const checks: Check[] = [];
    const rows: Record<string, number | string>[] = [];
    const summary: string[] = [];
    const captions: string[] = [];
    for (const [w, n] of widths[profile].entries()) {
      const plot = w === 0 ? "narrow" : "wide";
      for (const [label, sign] of [
        ["limit 10 %", -TEN],
        ["limit mean", 0],
        ["limit 90 %", TEN],
      ] as const)
        yield points(
          plot,
          label,
          testAngles.map((x, i) => ({ x, y: ntk.mean[i] + sign * ntk.deviation[i] })),
        );
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
        // what training changes of the kernel is what the linearization leaves out
        const gaps: number[] = [];
        await using linear = await linearizer(options, all);
        for (let s = 0; s < LINEARIZED; s++) {
          const frozen = linearized(await linear.run(seed * 1000 + s));
          gaps.push(...frozen.map((value, i) => value - outputs[s][i]));
        }
        return { costs: costs.slice(0, networks), outputs: outputs.slice(0, networks), gaps };
      });
      const fits = { ntk: fit(outputs, ntk), nngp: fit(outputs, nngp) };
      for (const [label, q] of [
        ["10 %", 0.1],
        ["median", 0.5],
        ["90 %", 0.9],
      ] as const)
        yield points(
          plot,
          label,
          testAngles.map((x, i) => ({ x, y: quantileOf(fits.ntk.columns[i], q) })),
        );
      for (const [law, { coverage, spread, shift }] of Object.entries(fits))
        rows.push({
          n,
          law: law === "ntk" ? "trained by gradient descent" : "Bayesian posterior",
          coverage,
          spread,
          shift,
        });
      yield table({
        id: "fits",
        title: "The ensembles against both laws",
        columns: [
          { key: "n", label: "n" },
          { key: "law", label: "law" },
          { key: "coverage", label: "share within the 10–90 % band" },
          { key: "spread", label: "ratio of deviations" },
          { key: "shift", label: "distance of means, in deviations" },
        ],
        rows: [...rows],
      });
      checks.push(
        check("C5", `n = ${n}: largest cost after ${TRAINING.steps} steps`, Math.max(...costs), {
          atMost: 1e-9,
        }),
        check("C5", `n = ${n}: share of outputs within the limit's 10–90 % band`, fits.ntk.coverage, {
          between: coverageRange,
        }),
        check("C5", `n = ${n}: deviation of the ensemble, relative to the limit's`, fits.ntk.spread, {
          between: spreadRange,
        }),
        check("C5", `n = ${n}: distance of the means, in the limit's deviations`, fits.ntk.shift, {
          atMost: n >= 200 ? 0.45 : 0.55,
        }),
      );
      summary.push(
        `n = ${n}: ${formatFigure(100 * fits.ntk.coverage)} % of the outputs lie in the band that should hold 80 %; the spread is ${formatFigure(fits.ntk.spread)} times the limit's (${formatFigure(fits.nngp.spread)} times that of the Bayesian posterior). A network and its own linearization are ${formatFigure(rms(gaps) / rms(ntk.deviation))} deviations apart.`,
      );
      captions.push(
        `Width ${n}: the means lie ${formatFigure(fits.ntk.shift)} of the limit's deviations off, the band is ${formatFigure(fits.ntk.spread)} times as wide; at the four data all networks meet.`,
      );
      if (w === widths[profile].length - 1) {
        const { coverage, spread } = fits.nngp;
        const outside = (value: number, [low, high]: readonly [number, number]) =>
          Number(value < low || value > high);
        const differs = Number(apart >= 0.1);
        checks.push(
          check(
            "C5",
            "control: signs that the Bayesian posterior is another law: coverage, spread, band 0.1 deviations off",
            outside(coverage, coverageRange) + outside(spread, spreadRange) + differs,
            { atLeast: 1 },
          ),
        );
      }
    }
    const truth = testAngles.map((angle) => Math.cos(angle) * Math.sin(angle));
    const radial = kernelGradientDescent(rbfKernel(train), targets, {
      time: Number.POSITIVE_INFINITY,
      testKernel: rbfKernel(test, train),
    }).test;
    yield table({
      id: "means",
      title: "Mean functions against x₁x₂ on the circle",
      columns: [
        { key: "method", label: "method" },
        { key: "error", label: "RMS error" },
      ],
      rows: [
        { method: "trained networks, infinite width", f: ntk.mean },
        { method: "Bayesian posterior, infinite width", f: nngp.mean },
        { method: "radial basis kernel, length 1", f: radial },
      ].map(({ method, f }) => ({ method, error: rms(truth.map((value, i) => f[i] - value)) })),
    });
    const ratio = rms(nngp.deviation) / rms(ntk.deviation);
    return {
      checks,
      captions: {
        narrow: captions[0],
        wide: captions[1],
      },
      summary: [
        ...summary,
        `The Bayesian posterior's band lies ${formatFigure(apart)} deviations off, mostly by its mean; its deviation is ${formatFigure(ratio)} times that of trained networks: training all layers is not inference.`,
      ],
    };
  },
});
