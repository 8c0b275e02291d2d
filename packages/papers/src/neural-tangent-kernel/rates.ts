import { denseKernel, type KernelActivation, kernelComponents, kernelGradientDescent } from "gradus/kernels";
import type { DenseMatrix } from "gradus/linalg";
import { randomStream } from "gradus/random";
import { median, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
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

/** Eigenvalues below this are zero up to rounding. */
const ZERO = 1e-10;

const rankOf = (eigenvalues: readonly number[]) => eigenvalues.filter((value) => value > ZERO).length;

/** The largest factor between a component's decay rate and −ln(1 − λ), median of the networks. */
function rateFactor(eigenvalues: readonly number[], rates: readonly (readonly number[])[]): number {
  return median(
    rates.map((network) =>
      Math.exp(
        Math.max(...network.map((rate, i) => Math.abs(Math.log(rate / -Math.log(1 - eigenvalues[i]))))),
      ),
    ),
  );
}

export default defineExperiment({
  description:
    "Trains wide networks of one hidden layer toward their initial function plus five kernel principal components and compares the decay of each with its eigenvalue; computes the kernel’s eigenvalues for three activations, and the test error of the infinite-width network on noisy labels against training time.",
  parameters: z.object({
    width: z.int().min(64).max(65_536).default(16_384).describe("width of the hidden layer"),
    networks: z.int().min(1).max(20).default(3).describe("networks"),
  }),
  profiles: { quick: {}, full: { networks: 10 } },
  seconds: { quick: 1, full: 4 },
  plots: [
    linePlot("decay", "Error along each component, first network", "step", logAxis("|c_i(k)| / |c_i(0)|"), {
      series: Array.from({ length: COMPONENTS }, (_, i) => `component ${i + 1}`),
      variants: Object.fromEntries(
        Array.from({ length: COMPONENTS }, (_, i) => [`limit ${i + 1}`, `component ${i + 1}`]),
      ),
    }),
    linePlot(
      "stopping",
      "Test error of the limit against training time, noisy labels",
      logAxis("training time t = learning rate × steps"),
      logAxis("mean squared error"),
      { references: ["t = ∞"] },
    ),
  ],

  async *measure({ parameters: { width, networks }, seed, signal, stage }) {
    const kernel = denseKernel({ depth: DEPTH });
    const K = await kernel.ntk(train);
    const components = await kernelComponents(K, { count: COMPONENTS });
    const { eigenvalues, functions } = components;
    const displacement = functions[0].map((_, j) => SIZE * functions.reduce((sum, f) => sum + f[j], 0));
    const steps = Math.round(1 / eigenvalues[COMPONENTS - 1]);
    for (let i = 0; i < COMPONENTS; i++)
      yield curve("decay", `limit ${i + 1}`, { length: steps + 1 }, (_, k) => ({
        x: k,
        y: (1 - eigenvalues[i]) ** k,
      }));

    await using trainer = await displacementTrainer(paperNetwork(DEPTH, width), train, {
      steps,
      learningRate: 1,
    });
    const rates: number[][] = [];
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
            yield curve("decay", `component ${i + 1}`, share, (y, x) => ({ x, y }));
        return shares;
      });
      rates.push(
        shares.map((share, i) => {
          const k = Math.round(1 / eigenvalues[i]);
          return -Math.log(share[k]) / k;
        }),
      );
    }

    const relu = await spacedSpectrum(2, "relu");
    const square = await spacedSpectrum(2, "square");
    const linear = await spacedSpectrum(1, "relu");
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
    yield curve("stopping", `average of ${DRAWS} draws of noise`, inside, ({ time, error }) => ({
      x: time,
      y: error,
    }));
    yield curve("stopping", "t = ∞", [inside[0], inside[inside.length - 1]], ({ time }) => ({
      x: time,
      y: end.error,
    }));

    return {
      eigenvalues: Array.from(eigenvalues),
      rates,
      spectra: { relu: relu.values, square: square.values, linear: linear.values },
      kernel: Array.from(relu.K.values.subarray(0, 7)),
      stopping: { time: best.time, error: best.error, start: inside[0].error, end: end.error },
    };
  },

  judge({ eigenvalues, rates, spectra, stopping }) {
    return [
      check(
        "C4",
        "factor between measured and predicted decay rate, largest of five components, median of the networks",
        rateFactor(eigenvalues, rates),
        { atMost: 1.2 },
        criterion("“at the rate of its eigenvalue” is within a fifth"),
      ),
      check(
        "C4",
        "test error at the best stopping time, over the smaller of those at the start and at t = ∞",
        stopping.error / Math.min(stopping.start, stopping.end),
        { atMost: 0.5 },
        criterion("a useful regularizer at least halves the test error"),
      ),
      check(
        "C3",
        "smallest eigenvalue, ReLU, L = 2, 12 points of the circle",
        spectra.relu[11],
        { above: ZERO },
        theorem("Proposition 2: positive definite on the sphere"),
      ),
      ourCheck(
        "eigenvalues above 1e-10, z², L = 2, 12 points of the circle",
        rankOf(spectra.square),
        { equals: 5 },
        theorem("trigonometric polynomials of degree 2 have 5 dimensions"),
      ),
      ourCheck(
        "eigenvalues above 1e-10, linear network (L = 1), 12 points of the circle",
        rankOf(spectra.linear),
        { equals: 3 },
        theorem("affine functions of the plane have 3 dimensions"),
      ),
    ];
  },

  present({ eigenvalues, rates, spectra, kernel, stopping }) {
    const factor = formatRounded(rateFactor(eigenvalues, rates));
    const [best, end] = [stopping.error, stopping.end].map(formatRounded);
    const time = formatRounded(stopping.time);
    return {
      headline: `Each kernel principal component of the error decays within a factor ${factor} of the rate that its eigenvalue predicts.`,
      captions: {
        decay: `Each component is predicted to decay as (1 − λ_i)^k, with λ from ${formatRounded(eigenvalues[0])} to ${formatRounded(eigenvalues[COMPONENTS - 1])}.`,
        stopping: `With noisy labels the test error is smallest, ${best}, at t = ${time}; at t = ∞ it is ${end}. Much of the noise lies along components with small eigenvalues, which are learned last.`,
      },
      summary: [
        `The measured decay rates are within a factor ${factor} of the predicted ones.`,
        `On noisy labels, stopping at t = ${time} gives a test error of ${best}; training to the end gives ${end}.`,
        `On 12 points of the circle the smallest eigenvalue of the ReLU kernel is ${formatRounded(spectra.relu[11])}; the kernel of z² has rank ${rankOf(spectra.square)}, that of a linear network ${rankOf(spectra.linear)}.`,
      ],
      tables: [
        tableOf(
          "rates",
          "Decay rate per step",
          { component: "i", eigenvalue: "λ", predicted: "−ln(1 − λ)", measured: "measured, median" },
          eigenvalues.map((eigenvalue, i) => ({
            component: i + 1,
            eigenvalue,
            predicted: -Math.log(1 - eigenvalue),
            measured: median(rates.map((network) => network[i])),
          })),
        ),
        tableOf(
          "kernel",
          "Θ of one hidden layer of ReLU units, by the angle between two points of the circle",
          { angle: "angle (°)", kernel: "Θ" },
          kernel.map((value, j) => ({ angle: 30 * j, kernel: value })),
        ),
      ],
    };
  },
});
