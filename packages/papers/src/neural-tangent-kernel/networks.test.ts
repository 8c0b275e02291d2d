import { type ArrayValue, toNumbers } from "@gradus/graph";
import { denseKernel } from "gradus/kernels";
import type { DenseMatrix } from "gradus/linalg";
import type { MlpParameters } from "gradus/nn";
import { describe, expect, test } from "vitest";
import {
  circlePoints,
  displacementTrainer,
  ensembleTrainer,
  initialParameters,
  kernelProbe,
  kernelTrainer,
  linearizer,
  paperNetwork,
} from "./networks.ts";

const train = circlePoints([0.3, 1.9, 4]);
const elsewhere = circlePoints([1, 5]);
const targets = Float64Array.of(0.4, -0.2, 0.1);

/** The paper's network in plain numbers, of all its parameters in one list: layer by layer, weights then biases. */
function forward(widths: readonly number[], theta: readonly number[], x: readonly number[]): number {
  let at = 0;
  let activations = [...x];
  for (let l = 1; l < widths.length; l++) {
    const [inputs, outputs] = [widths[l - 1], widths[l]];
    const sums = Array.from({ length: outputs }, (_, j) => {
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum += activations[i] * theta[at + i * outputs + j];
      return sum / Math.sqrt(inputs) + 0.1 * theta[at + inputs * outputs + j];
    });
    at += (inputs + 1) * outputs;
    activations = l === widths.length - 1 ? sums : sums.map((z) => Math.max(z, 0));
  }
  return activations[0];
}

const flat = ({ layers }: MlpParameters<ArrayValue>) =>
  layers.flatMap(({ weights, bias }) => [...toNumbers(weights), ...toNumbers(bias)]);
const rowsOf = ({ rows, columns, values }: DenseMatrix) =>
  Array.from({ length: rows }, (_, i) => Array.from(values.subarray(i * columns, (i + 1) * columns)));

/** Gradient descent with central differences. */
function descended(widths: readonly number[], start: readonly number[], y: readonly number[], rate: number) {
  const cost = (theta: readonly number[]) =>
    rowsOf(train).reduce((sum, x, i) => sum + (forward(widths, theta, x) - y[i]) ** 2, 0) / (2 * train.rows);
  return start.map((value, p) => {
    const moved = (h: number) => cost(start.map((v, q) => (q === p ? v + h : v)));
    return value - (rate * (moved(1e-6) - moved(-1e-6))) / 2e-6;
  });
}

const options = paperNetwork(3, 4);
const widths = [2, 4, 4, 1];
const startOf = (seed: number) => flat(initialParameters(options, seed));

describe("networks of width 4, against gradient descent in plain numbers", () => {
  test("the error of a network that is displaced from its start, over two steps", async () => {
    await using trainer = await displacementTrainer(options, train, { steps: 2, learningRate: 0.5 });
    const { errors } = await trainer.run(3, targets);
    let theta: readonly number[] = startOf(3);
    const goal = rowsOf(train).map((x, i) => forward(widths, theta, x) + targets[i]);
    for (let k = 0; k <= 2; k++) {
      rowsOf(train).forEach((x, i) => {
        expect(Math.abs(errors[3 * k + i] - (forward(widths, theta, x) - goal[i]))).toBeLessThan(1e-5);
      });
      theta = descended(widths, theta, goal, 0.5);
    }
  });

  test("networks side by side, whatever the group", async () => {
    const schedule = { steps: 2, learningRate: 0.5 };
    await using pair = await ensembleTrainer(options, { size: 2, train, test: elsewhere }, schedule);
    await using alone = await ensembleTrainer(options, { size: 1, train, test: elsewhere }, schedule);
    const both = await pair.run([5, 6], targets);
    for (const [s, seed] of [5, 6].entries()) {
      let theta: readonly number[] = startOf(seed);
      for (let k = 0; k < 2; k++) theta = descended(widths, theta, [...targets], 0.5);
      rowsOf(elsewhere).forEach((x, i) => {
        expect(Math.abs(both.test[2 * s + i] - forward(widths, theta, x))).toBeLessThan(1e-5);
      });
      const cost =
        rowsOf(train).reduce((sum, x, i) => sum + (forward(widths, theta, x) - targets[i]) ** 2, 0) / 6;
      expect(Math.abs(both.costs[s] - cost)).toBeLessThan(1e-6);
      const { test: single } = await alone.run([seed], targets);
      single.forEach((value, i) => {
        expect(Math.abs(value - both.test[2 * s + i])).toBeLessThan(1e-6);
      });
    }
  });

  test("kernels before and after training are sums of products of gradients", async () => {
    const anchor = circlePoints([0]);
    const places = { train, probes: elsewhere, anchor };
    await using trainer = await kernelTrainer(options, places, { steps: 1, learningRate: 0.5 });
    const { before, after, costs } = await trainer.run(7, targets);
    const start = startOf(7);
    const end = descended(widths, start, [...targets], 0.5);
    const slopes = (theta: readonly number[], x: readonly number[]) =>
      theta.map((_, p) => {
        const at = (h: number) =>
          forward(
            widths,
            theta.map((v, q) => (q === p ? v + h : v)),
            x,
          );
        return (at(1e-5) - at(-1e-5)) / 2e-5;
      });
    const kernel = (theta: readonly number[], x: readonly number[]) => {
      const origin = slopes(theta, [1, 0]);
      return slopes(theta, x).reduce((sum, g, p) => sum + g * origin[p], 0);
    };
    rowsOf(elsewhere).forEach((x, i) => {
      expect(Math.abs(before[i] - kernel(start, x))).toBeLessThan(1e-4);
      expect(Math.abs(after[i] - kernel(end, x))).toBeLessThan(1e-4);
    });
    expect(costs[1]).toBeLessThan(costs[0]);
    await using probe = await kernelProbe(options, elsewhere, anchor);
    expect(Array.from(await probe.run(7))).toStrictEqual(Array.from(before));
    await using linear = await linearizer(options, train);
    const { outputs, kernel: matrix } = await linear.run(7);
    rowsOf(train).forEach((x, i) => {
      expect(Math.abs(outputs[i] - forward(widths, start, x))).toBeLessThan(1e-5);
      const own = slopes(start, x).reduce((sum, g) => sum + g * g, 0);
      expect(Math.abs(matrix.values[4 * i] - own)).toBeLessThan(1e-4);
    });
  });
});

test("one very wide network has nearly the limit's kernel on the whole circle", async () => {
  const probes = circlePoints(Array.from({ length: 9 }, (_, i) => (i * Math.PI) / 8));
  const anchor = circlePoints([0]);
  const limit = await denseKernel({ depth: 2 }).ntk(probes, anchor);
  await using probe = await kernelProbe(paperNetwork(2, 100_000), probes, anchor);
  const kernel = await probe.run(1);
  kernel.forEach((value, i) => {
    expect(Math.abs(value - limit.values[i])).toBeLessThan(0.01);
  });
});
