import { expect, test } from "vitest";
import { pauses } from "../pauses.ts";
import { fitLogistic, type LogisticProblem } from "./logistic.ts";

const xi = { rows: 4, columns: 1, values: Float64Array.of(-1, 0, 1, 2) };
const weights = Float64Array.of(0.1, 0.2, 0.3, 0.4);
const y = Float64Array.of(0.3, 0.2, 0.9, 0.6);
const problem: LogisticProblem = { loss: "crossEntropy", xi, weights, y, intercept: true };
const zero = new Float64Array(2);

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
/** The weighted mean of a loss of f and g. */
const meanOf = (w: number, b: number, loss: (f: number, g: number) => number) =>
  xi.values.reduce((sum, x, k) => sum + weights[k] * loss(y[k], sigmoid(w * x + b)), 0);

/** Kullback and Leibler's divergence of two coins. */
const divergence = (f: number, g: number) => f * Math.log(f / g) + (1 - f) * Math.log((1 - f) / (1 - g));
const square = (f: number, g: number) => (f - g) ** 2;

test.each([
  ["crossEntropy", divergence],
  ["squaredError", square],
] as const)("%s: the loss is that of its formula, and no neighbor has a lower one", async (loss, formula) => {
  const fit = await fitLogistic({ ...problem, loss }, [zero], pauses(undefined));
  const [w, b] = [fit.weights[0], fit.intercept];
  expect(fit.converged).toBe(true);
  expect(fit.loss).toBeCloseTo(meanOf(w, b, formula), 14);
  for (const [i, j] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ])
    expect(meanOf(w + 1e-3 * i, b + 1e-3 * j, formula)).toBeGreaterThan(fit.loss);
});

test("gradient matching: the loss is that of the gradients' difference", async () => {
  const gradients = Float64Array.of(0.2, 0.1, -0.1, 0.3);
  const fit = await fitLogistic(
    { ...problem, loss: "gradientMatching", gradients },
    [Float64Array.of(0.5, 0.1)],
    pauses(undefined),
  );
  const lossAt = (w: number, b: number) =>
    xi.values.reduce((sum, x, k) => {
      const s = sigmoid(w * x + b);
      return sum + weights[k] * (s * (1 - s) * w - gradients[k]) ** 2;
    }, 0);
  expect(fit.loss).toBeCloseTo(lossAt(fit.weights[0], fit.intercept), 14);
  expect(fit.loss).toBeLessThan(lossAt(0.5, 0.1));
});

test("without an intercept only the weights move", async () => {
  const fit = await fitLogistic({ ...problem, intercept: false }, [zero], pauses(undefined));
  expect(fit.intercept).toBe(0);
  for (const change of [1e-3, -1e-3])
    expect(meanOf(fit.weights[0] + change, 0, divergence)).toBeGreaterThan(fit.loss);
});

test("each iteration pauses before it, and ends where the pause does", async () => {
  const enough = new Error("enough");
  let pauses = 0;
  const pause = async () => {
    pauses += 1;
    if (pauses === 3) throw enough;
  };
  await expect(fitLogistic(problem, [zero], pause)).rejects.toBe(enough);
});
