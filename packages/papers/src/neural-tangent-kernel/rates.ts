import { denseKernel, type KernelActivation, kernelComponents, kernelGradientDescent } from "gradus/kernels";
import type { DenseMatrix } from "gradus/linalg";
import { randomStream } from "gradus/random";
import { median, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, points, progress, table } from "../experiment.ts";
import { circlePoints, displacementTrainer, paperNetwork } from "./networks.ts";

const DEPTH = 2;
const COMPONENTS = 5;
const SIZE = 0.2;
const NOISE = 0.3;
const DRAWS = 20;
const train = circlePoints(
  Array.from({ length: 24 }, (_, i) => (2 * Math.PI * (i + 0.37 * Math.sin(i * i))) / 24),
);
const grid = circlePoints(Array.from({ length: 96 }, (_, i) => (2 * Math.PI * i) / 96));
const times = Array.from({ length: 49 }, (_, i) => 2 ** (i / 4 - 1));

/** Eigenvalues of the kernel matrix on 12 equally spaced points of the circle, descending, with the matrix. */
async function spacedSpectrum(depth: number, activation: KernelActivation) {
  const spaced = circlePoints(Array.from({ length: 12 }, (_, i) => (2 * Math.PI * i) / 12));
  const K = await denseKernel({ depth, activation }).ntk(spaced);
  const { eigenvalues } = await kernelComponents(K, { count: 12 });
  return { K, values: Array.from(eigenvalues, (value) => 12 * value) };
}

/** Mean squared error on the grid at each time, averaged over draws of noisy labels of f^(1) + f^(2). */
function stoppingErrors(
  K: DenseMatrix,
  cross: DenseMatrix,
  { labels, truth }: { readonly labels: Float64Array; readonly truth: Float64Array },
  seed: number,
) {
  const stream = randomStream(seed).split("label noise");
  const noisy = Array.from({ length: DRAWS }, () => labels.map((v) => v + NOISE * stream.normal()));
  return [...times, Number.POSITIVE_INFINITY].map((time) => ({
    time,
    error: sampleMean(
      noisy.map((y) => {
        const { test } = kernelGradientDescent(K, y, { time, testKernel: cross });
        return sampleMean(test.map((v, i) => (v - truth[i]) ** 2));
      }),
    ),
  }));
}

export default defineExperiment({
  id: "rates",
  title: "Each kernel principal component decays at its own rate",
  description:
    "Trains wide networks of one hidden layer to their start plus five kernel principal components, compares the decay of each with its eigenvalue, and reads positive-definiteness and early stopping off the kernel.",
  claims: ["C3", "C4"],
  parameters: z.object({
    width: z.int().min(64).max(65_536).default(16_384).describe("width of the hidden layer"),
    networks: z.int().min(1).max(20).default(3).describe("networks"),
  }),
  profiles: { quick: {}, full: { networks: 10 } },
  seconds: { quick: 1, full: 4 },
  plots: [
    {
      id: "decay",
      title: "Error along each component, first network",
      x: { label: "step" },
      y: { label: "|c_i(k)| / |c_i(0)|", scale: "log" },
      mark: "line",
      series: Array.from({ length: COMPONENTS }, (_, i) => `component ${i + 1}`),
      variants: Object.fromEntries(
        Array.from({ length: COMPONENTS }, (_, i) => [`limit ${i + 1}`, `component ${i + 1}`]),
      ),
    },
    {
      id: "stopping",
      title: "Test error of the limit against training time, noisy labels",
      x: { label: "training time t = learning rate × steps", scale: "log" },
      y: { label: "mean squared error", scale: "log" },
      mark: "line",
      references: ["t = ∞"],
    },
  ],

  async *run({ parameters: { width, networks }, seed, signal, stage }) {
    const kernel = denseKernel({ depth: DEPTH });
    const K = await kernel.ntk(train);
    const components = await kernelComponents(K, { count: COMPONENTS });
    const { eigenvalues, functions } = components;
    const displacement = functions[0].map((_, j) => SIZE * functions.reduce((sum, f) => sum + f[j], 0));
    const steps = Math.round(1 / eigenvalues[COMPONENTS - 1]);
    for (let i = 0; i < COMPONENTS; i++)
      yield points(
        "decay",
        `limit ${i + 1}`,
        Array.from({ length: steps + 1 }, (_, k) => ({ x: k, y: (1 - eigenvalues[i]) ** k })),
      );

    await using trainer = await displacementTrainer(paperNetwork(DEPTH, width), train, {
      steps,
      learningRate: 1,
    });
    const distances: number[] = [];
    const ordered: number[] = [];
    const measured: number[][] = [];
    for (let s = 0; s < networks; s++) {
      signal.throwIfAborted();
      yield progress((0.8 * s) / networks, `network ${s + 1} of ${networks}`);
      const shares = yield* stage(`network ${s}`, async function* () {
        const { errors } = await trainer.run(seed * 1000 + s, displacement);
        const shares = functions.map((f) => {
          const path = Array.from({ length: steps + 1 }, (_, k) =>
            f.reduce((sum, v, j) => sum + v * errors[k * train.rows + j], 0),
          );
          return path.map((c) => Math.abs(c / path[0]));
        });
        if (s === 0)
          for (const [i, share] of shares.entries())
            yield points(
              "decay",
              `component ${i + 1}`,
              share.map((y, x) => ({ x, y })),
            );
        return shares;
      });
      const rates = shares.map((share, i) => {
        const k = Math.round(1 / eigenvalues[i]);
        return -Math.log(share[k]) / k;
      });
      measured.push(rates);
      distances.push(
        Math.max(...rates.map((rate, i) => Math.abs(Math.log(rate / -Math.log(1 - eigenvalues[i]))))),
      );
      const halved = (i: number) => {
        const k = shares[i].findIndex((share) => share <= 0.5);
        return k < 0 ? Number.POSITIVE_INFINITY : k;
      };
      ordered.push(Number(halved(0) < halved(3)));
    }
    yield table({
      id: "rates",
      title: "Rates of decay a step",
      columns: [
        { key: "component", label: "i" },
        { key: "eigenvalue", label: "λ" },
        { key: "predicted", label: "−ln(1 − λ)" },
        { key: "measured", label: "measured, median" },
      ],
      rows: functions.map((_, i) => ({
        component: i + 1,
        eigenvalue: eigenvalues[i],
        predicted: -Math.log(1 - eigenvalues[i]),
        measured: median(measured.map((rates) => rates[i])),
      })),
    });

    const relu = await spacedSpectrum(2, "relu");
    const square = await spacedSpectrum(2, "square");
    const linear = await spacedSpectrum(1, "relu");
    const rankOf = ({ values }: typeof relu) => values.filter((value) => value > 1e-10).length;
    yield table({
      id: "kernel",
      title: "Θ of one hidden layer on 12 equally spaced points of the circle",
      columns: [
        { key: "point", label: "" },
        ...Array.from({ length: 12 }, (_, j) => ({ key: `p${j}`, label: `${30 * j}°` })),
      ],
      rows: Array.from({ length: 12 }, (_, i) => ({
        point: `${30 * i}°`,
        ...Object.fromEntries(
          Array.from({ length: 12 }, (_, j) => [`p${j}`, Number(relu.K.values[12 * i + j].toPrecision(4))]),
        ),
      })),
    });

    yield progress(0.9, "early stopping");
    const cross = await kernel.ntk(grid, train);
    const extensions = [components.extend(0, cross), components.extend(1, cross)];
    const stopping = stoppingErrors(
      K,
      cross,
      {
        labels: functions[0].map((v, j) => v + functions[1][j]),
        truth: extensions[0].map((v, j) => v + extensions[1][j]),
      },
      seed,
    );
    const end = stopping[stopping.length - 1];
    const inside = stopping.slice(0, -1);
    const best = inside.reduce((a, b) => (b.error < a.error ? b : a));
    const interior = best !== inside[0] && best !== inside[inside.length - 1];
    yield points(
      "stopping",
      `average of ${DRAWS} draws of noise`,
      inside.map(({ time, error }) => ({ x: time, y: error })),
    );
    yield points(
      "stopping",
      "t = ∞",
      [inside[0], inside[inside.length - 1]].map(({ time }) => ({ x: time, y: end.error })),
    );

    const checks: Check[] = [
      check(
        "C4",
        "largest |ln(rate / predicted rate)| of five components, median of the networks",
        median(distances),
        {
          atMost: 0.15,
        },
      ),
      check("C4", "share of networks whose first component halves before their fourth", sampleMean(ordered), {
        equals: 1,
      }),
      check(
        "C4",
        `early stopping: smallest test error (t = ${formatFigure(best.time)}, ${interior ? "inside" : "at an end"}) over the one at t = ∞`,
        interior ? best.error / end.error : 1,
        { atMost: 0.5 },
      ),
      check("C3", "ReLU, L = 2, 12 points of the circle: smallest eigenvalue", relu.values[11], {
        above: 1e-6,
      }),
      check("C3", "z², L = 2, the same points: eigenvalues above 1e-10", rankOf(square), { equals: 5 }),
      check("C3", "L = 1, the same points: eigenvalues above 1e-10", rankOf(linear), { atMost: 3 }),
    ];
    return {
      checks,
      captions: {
        decay: `Straight lines on the logarithmic scale: each component decays like (1 − λ_i)^k, λ from ${formatFigure(eigenvalues[0])} to ${formatFigure(eigenvalues[COMPONENTS - 1])}.`,
        stopping: `Noise lies along many components of small eigenvalue, which are learned last: the test error is ${formatFigure(best.error)} at t = ${formatFigure(best.time)} and ${formatFigure(end.error)} in the end.`,
      },
      summary: [
        `Measured rates are within a factor ${formatFigure(Math.exp(median(distances)))} of the predicted ones.`,
        `On 12 points of the circle the kernel of rectified units has full rank (smallest eigenvalue ${formatFigure(relu.values[11])}); that of z² has rank ${rankOf(square)}, that of a linear network ${rankOf(linear)}.`,
      ],
    };
  },
});
