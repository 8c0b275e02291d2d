import { kernelScore, networkScore, trainScoreNetwork, twoLayerNetwork } from "gradus/diffusion";
import { solve } from "gradus/iterate";
import { stepGrid, twoLayerKernel } from "gradus/kernels";
import { cholesky, choleskySolve } from "gradus/linalg";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { curve, defineExperiment, point, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { barPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { drawRegression, fourAtoms, mean, meanSquare, testSet, withCleanLabels } from "./problems.ts";

const ROWS = 400;
const WIDTHS = [256, 2048] as const;
const STEPS = [5, 20, 80, 320];
const GRID = stepGrid(10_000, 1.15);
/** Relative to the largest eigenvalue: of the interpolant of least norm. */
const RIDGE = 1e-8;

interface Findings {
  readonly step: number;
  /** Means of squares over the test points at the step that SURE chooses. */
  readonly coupling: readonly number[];
  readonly noise: number;
  readonly bias: number;
  readonly approximation: number;
  /** The excess of each network, for each width. */
  readonly excess: readonly number[];
  /** Noise and bias for each of STEPS. */
  readonly noises: readonly number[];
  readonly biases: readonly number[];
}

/** (|a| + |b| + ...)^2 of parts given by their mean squares: at least the mean square of their sum. */
const combined = (...squares: readonly number[]) =>
  squares.reduce((sum, square) => sum + Math.sqrt(square), 0) ** 2;

/** How many neighbors of a list are in the wrong order. */
const disorder = (values: readonly number[], sign: 1 | -1) =>
  values.slice(1).filter((value, i) => sign * (value - values[i]) <= 0).length;

export default defineExperiment({
  description:
    "The error of a trained network on four atoms, 400 rows, taken apart: from network to kernel, from noisy to clean labels, from the stopping time to the end, and from the kernel’s space to the target.",
  parameters: z.object({
    draws: z.int().min(1).max(20).default(10).describe("networks per width"),
  }),
  profiles: { quick: { draws: 3 }, full: {} },
  seconds: { quick: 5, full: 15 },
  plots: [
    linePlot("parts", "Four errors by the stopping time", logAxis("step k"), logAxis("mean square"), {
      series: [
        "noise of the labels",
        "stopping early",
        "approximation",
        "network to kernel, 2,048 units",
        "network to kernel, 256 units",
      ],
      references: ["approximation"],
      variants: { "network to kernel, 256 units": "network to kernel, 2,048 units" },
    }),
    barPlot("stop", "The errors at the stopping time", "error", "mean square", {
      series: WIDTHS.map((m) => `${m} units`),
    }),
  ],

  async *measure({ parameters: { draws }, seed, signal, stage }) {
    const target = fourAtoms();
    const seeds = repeatSeeds(seed, draws);
    const data = drawRegression(target, ROWS, 2 * seeds[0]);
    const test = testSet(target, 2000, 2 * seeds[0] + 1);
    const { times, points } = test.draws;
    const square = (f: Float64Array, g: Float64Array) => meanSquare(f, g, 2000);
    yield progress(0, "kernels");
    const noisy = await kernelScore(data, { signal });
    const step = await noisy.stop({ rule: "sure", noise: test.noise });
    const kernelParts = yield* stage("kernels", async function* () {
      const cleanData = withCleanLabels(target, data);
      const clean = await kernelScore(cleanData, { signal });
      const K = await twoLayerKernel(data.inputs, undefined, { signal });
      for (let i = 0; i < ROWS; i++) K.values[i * (ROWS + 1)] += RIDGE * ROWS * noisy.path.eigenvalues[0];
      const factor = cholesky(K);
      const duals = [0, 1].map((c) =>
        choleskySolve(
          factor,
          cleanData.clean.values.filter((_, k) => k % 2 === c),
        ),
      );
      const cross = (await twoLayerKernel(test.draws.inputs, data.inputs, { signal })).values;
      const last = new Float64Array(4000);
      for (let i = 0; i < 2000; i++)
        for (let j = 0; j < ROWS; j++)
          for (let c = 0; c < 2; c++) last[2 * i + c] += cross[i * ROWS + j] * duals[c][j];
      const asked = [...GRID, ...STEPS, step];
      const [f, g] = [await noisy.denoised(times, points, asked), await clean.denoised(times, points, asked)];
      const noises = f.map((values, s) => square(values, g[s]));
      const biases = g.map((values) => square(values, last));
      const approximation = test.excess(last);
      yield curve("parts", "noise of the labels", GRID, (x, s) => ({ x, y: noises[s] }));
      yield curve("parts", "stopping early", GRID, (x, s) => ({ x, y: biases[s] }));
      yield curve("parts", "approximation", [1, GRID[GRID.length - 1]], (x) => ({ x, y: approximation }));
      const at = GRID.length;
      return {
        noises: noises.slice(at, at + STEPS.length),
        biases: biases.slice(at, at + STEPS.length),
        noise: noises[at + STEPS.length],
        bias: biases[at + STEPS.length],
        approximation,
      };
    });
    const coupling: number[] = [];
    const excess: number[] = [];
    for (const [w, width] of WIDTHS.entries()) {
      const own = yield* stage(`${width}`, async function* () {
        const asked = [...new Set([...GRID.filter((k) => k < step), step])];
        const kernel = await noisy.denoised(times, points, asked);
        const gaps: number[][] = [];
        const errors: number[] = [];
        for (const [i, one] of seeds.entries()) {
          yield progress(0.2 + 0.8 * (w / 2 + i / (2 * draws)), `${width} units, network ${i + 1}`);
          const network = twoLayerNetwork({ inputs: 4, outputs: 2, width, seed: one });
          const path: number[] = [];
          const { iterate } = await solve(trainScoreNetwork(network, data, { signal }), {
            maxIterations: step,
            onIterate({ iteration, weights }) {
              const s = asked.indexOf(iteration);
              if (s < 0) return;
              path.push(
                square(networkScore(network, data, weights).denoised(times, points).values, kernel[s]),
              );
            },
          });
          gaps.push(path);
          errors.push(
            test.excess(networkScore(network, data, iterate.weights).denoised(times, points).values),
          );
        }
        const means = asked.map((_, s) => mean(gaps.map((path) => path[s])));
        yield curve(
          "parts",
          `network to kernel, ${width === 2048 ? "2,048" : width} units`,
          asked,
          (x, s) => ({
            x,
            y: means[s],
          }),
        );
        return { coupling: means[means.length - 1], excess: mean(errors) };
      });
      coupling.push(own.coupling);
      excess.push(own.excess);
      const { noise, bias, approximation } = kernelParts;
      for (const [x, y] of [
        ["network to kernel", own.coupling],
        ["noise of the labels", noise],
        ["stopping early", bias],
        ["approximation", approximation],
        ["all: excess", own.excess],
      ] as const)
        yield point("stop", `${width} units`, x, y);
    }
    yield progress(1, "done");
    return { step, coupling, excess, ...kernelParts };
  },

  judge({ coupling, noise, bias, approximation, excess, noises, biases }: Findings) {
    const [narrow, wide] = coupling;
    return [
      check(
        "C3",
        "excess over the square of the sum of the four errors’ sizes, largest of both widths",
        Math.max(...excess.map((value, w) => value / combined(coupling[w], noise, bias, approximation))),
        { atMost: 1 },
        theorem("the triangle inequality, with which the paper takes the error apart"),
      ),
      check(
        "C3",
        "error from network to kernel, 256 units over 2,048",
        narrow / wide,
        { atLeast: 3 },
        criterion("in the limit it is 8, the quotient of the widths; a finite step leaves less"),
      ),
      check(
        "C3",
        "steps 5, 20, 80, 320: neighbors between which the noise part does not grow or the bias does not fall",
        disorder(noises, 1) + disorder(biases, -1),
        { atMost: 0 },
        criterion("stopping trades one for the other only if both are monotone"),
      ),
      check(
        "C3",
        "at the stopping time, 2,048 units: error from network to kernel over the least of the others",
        wide / Math.min(noise, bias, approximation),
        { below: 1 },
        criterion("the kernel stands for the network where the coupling is the least error"),
      ),
    ];
  },

  present({ step, coupling, noise, bias, approximation, excess }: Findings) {
    return {
      headline: `At step ${formatRounded(step)} the noise of the labels is the error of ${formatRounded(noise)}, stopping early of ${formatRounded(bias)}, approximation of ${formatRounded(approximation)}, and network to kernel of ${formatRounded(coupling[1])} with 2,048 units and ${formatRounded(coupling[0])} with 256.`,
      captions: {
        parts:
          "More steps learn more of the noise and leave less of the target; the best stop is near where the two lines cross.",
        stop: `The excess, ${formatRounded(excess[1])} with 2,048 units, is far below the bound by the four sizes, ${formatRounded(combined(coupling[1], noise, bias, approximation))}: the parts are nearly orthogonal.`,
      },
      summary: [
        "Network to kernel: the trained network against kernel gradient descent with its tangent kernel. Noise: the same kernel with noisy labels and with the true means. Stopping early: with the true means, after k steps and after infinitely many. Approximation: the interpolant of the true means and the target.",
      ],
      tables: [
        tableOf(
          "parts",
          `Mean squares at step ${formatRounded(step)}`,
          { part: "error", square: "mean square" },
          [
            { part: "network to kernel, 256 units", square: coupling[0] },
            { part: "network to kernel, 2,048 units", square: coupling[1] },
            { part: "noise of the labels", square: noise },
            { part: "stopping early", square: bias },
            { part: "approximation", square: approximation },
            { part: "excess, 2,048 units", square: excess[1] },
          ],
        ),
      ],
    };
  },
});
