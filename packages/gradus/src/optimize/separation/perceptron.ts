import type { SignedSamples } from "./signed-samples.ts";

/**
 * One pass of the classical perceptron: visits the samples in order and adds step y_i a_i to `theta`, in place, for
 * every sample with y_i <a_i, theta> <= 0. Over all passes from 0 at most R^2/mu^2 updates.
 * Source: Rosenblatt 1958; the bound: Novikoff 1962.
 *
 * @returns the number of updates
 */
export function perceptronPass(samples: SignedSamples, step: number, theta: Float64Array): number {
  if (samples.perceptronPass) return samples.perceptronPass(step, theta);
  let updates = 0;
  for (let i = 0; i < samples.count; i++)
    if (samples.product(i, theta) <= 0) {
      samples.addTo(i, step, theta);
      updates += 1;
    }
  return updates;
}
