import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { exponentiatedGradient, hypentropyGradient } from "./exponentiated-gradient.ts";
import { sgd } from "./sgd.ts";
import { updatesBy } from "./test-support.ts";
import { choosePerParameter } from "./transformations/choose-per-parameter.ts";

const sizes = { weights: 2 };

test("a step multiplies each weight by an exponential of its gradient", async () => {
  using program = await updatesBy(exponentiatedGradient({ learningRate: 0.2 }), sizes, 1);
  const [{ weights }] = await program.run([{ weights: [0.5, -1] }], { weights: [0.4, -0.3] });
  expect(0.4 + weights[0]).toBeCloseTo(0.36193497, 8);
  expect(-0.3 + weights[1]).toBeCloseTo(-0.24561923, 8);
});

test("signs never change, zeros stay, and flipping a weight with its input flips the update", async () => {
  using program = await updatesBy(exponentiatedGradient({ learningRate: 0.7 }), sizes, 1);
  const number = fc.double({ min: -20, max: 20, noNaN: true });
  await fc.assert(
    fc.asyncProperty(number, number, async (w, g) => {
      const [{ weights }] = await program.run([{ weights: [g, -g] }], { weights: [w, -w] });
      expect(Math.sign(w + weights[0]) * Math.sign(w)).toBeGreaterThanOrEqual(0);
      expect(weights[1]).toBe(-weights[0]);
      if (w === 0) expect(weights[0]).toBeCloseTo(0, 30);
    }),
  );
});

test("momentum multiplies by what the velocity of the heavy ball says", async () => {
  using program = await updatesBy(exponentiatedGradient({ learningRate: 0.1, momentum: 0.5 }), sizes, 2);
  const gradient = { weights: [1, -2] };
  const steps = await program.run([gradient, gradient], { weights: [2, 3] });
  expect(steps[1].weights[0]).toBeCloseTo(2 * Math.expm1(-0.1 * 1.5), 14);
  expect(steps[1].weights[1]).toBeCloseTo(3 * Math.expm1(0.1 * 1.5 * 2), 14);
});

test("both signs: the difference of two exponentiated weights with a constant product", async () => {
  const [beta, learningRate] = [0.3, 0.4];
  using program = await updatesBy(hypentropyGradient({ learningRate, beta }), sizes, 1);
  const start = [0.2, -0.7];
  const g = [1.3, -0.4];
  const [{ weights }] = await program.run([{ weights: g }], { weights: start });
  start.forEach((w, i) => {
    // w = a - b with a b = beta^2 / 4
    const a = (w + Math.hypot(w, beta)) / 2;
    const b = a - w;
    const expected = a * Math.exp(-learningRate * g[i]) - b * Math.exp(learningRate * g[i]);
    expect(w + weights[i]).toBeCloseTo(expected, 14);
  });
});

test("one rule for some parameters and another one for the rest", async () => {
  const optimizer = choosePerParameter({
    where: (path) => path === "weights",
    chosen: exponentiatedGradient({ learningRate: 0.2 }),
    others: sgd({ learningRate: 0.1 }),
  });
  using program = await updatesBy(optimizer, { weights: 1, bias: 1 }, 1);
  const [updates] = await program.run([{ weights: [0.5], bias: [0.5] }], { weights: [0.4], bias: [0] });
  expect(updates.weights[0]).toBeCloseTo(0.4 * Math.expm1(-0.1), 14);
  expect(updates.bias[0]).toBeCloseTo(-0.05, 14);
  await expect(updatesBy(optimizer, { bias: 1 }, 1)).rejects.toThrow("where must select at least one");
});

test("options out of range are refused", () => {
  expect(() => exponentiatedGradient({ learningRate: 0 })).toThrow(ArgumentError);
  expect(() => exponentiatedGradient({ learningRate: 1, momentum: 1 })).toThrow("momentum must be in [0, 1)");
  expect(() => hypentropyGradient({ learningRate: 1, beta: -1 })).toThrow("beta must be a positive number");
  expect(() => exponentiatedGradient({ learningRate: 1, ...{ beta: 1 } })).toThrow('no option "beta"');
});
