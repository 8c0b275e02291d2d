import type { SignedSamples } from "./signed-samples.ts";

/**
 * One pass of the classical perceptron: visits the samples in order and adds step y_i a_i to `theta`, in place, for
 * every sample with y_i <a_i, theta> <= 0.
 *
 * @returns the number of updates
 *
 * F. Rosenblatt (1958); at most R^2/mu^2 updates over all passes from 0 (A. Novikoff, 1962).
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
