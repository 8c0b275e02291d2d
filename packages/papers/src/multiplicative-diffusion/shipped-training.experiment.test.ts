import { trainDiffusion } from "gradus/diffusion";
import { parameterLayout } from "gradus/tree";
import { expect, test } from "vitest";
import { digitImages } from "./digits.ts";
import { history as perceptronHistory } from "./networks/residual-mlp.ts";
import { history as uNetHistory } from "./networks/u-net.ts";
import { shippedUNet } from "./networks.ts";
import { perceptronTraining, uNetTraining } from "./shipped-training.ts";

/** Losses are means over some thousand images: rounding moves their last digits. */
const LOSS_TOLERANCE = 1e-3;

test("training the U-Net again gives the one that comes with the paper", { timeout: 300_000 }, async () => {
  const { train } = await digitImages();
  const { parameters: shipped } = await shippedUNet();
  const { pack, dimension } = parameterLayout(shipped);
  const losses: number[] = [];
  let parameters = shipped;
  for await (const { loss, model } of trainDiffusion(uNetTraining(train))) {
    if (loss !== undefined) losses.push(loss);
    ({ parameters } = model);
  }
  expect(losses).toHaveLength(uNetHistory.length);
  for (const [i, [, loss]] of uNetHistory.entries())
    expect(Math.abs(losses[i] - loss)).toBeLessThan(LOSS_TOLERANCE);
  const [again, before] = [pack(parameters), pack(shipped)];
  const largest = before.reduce((most, value, i) => Math.max(most, Math.abs(value - again[i])), 0);
  expect(dimension).toBeGreaterThan(40_000);
  // of parameters up to 1.7
  expect(largest).toBeLessThan(1e-4);
});

test("the perceptron that comes with the paper began as training begins now", {
  timeout: 300_000,
}, async () => {
  const { train } = await digitImages();
  const [[steps, loss]] = perceptronHistory;
  for await (const iterate of trainDiffusion(perceptronTraining(train))) {
    if (iterate.loss === undefined) continue;
    expect(iterate.steps).toBe(steps);
    expect(Math.abs(iterate.loss - loss)).toBeLessThan(LOSS_TOLERANCE);
    break;
  }
});
