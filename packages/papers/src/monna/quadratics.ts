import type { CollaborativeProblem } from "gradus/collaborative";
import { randomStream } from "gradus/random";

/** The same loss |theta|^2/2 for all nodes, with normal noise on each gradient: the nodes differ only in the noise. */
export function noisyBowl(nodes: number, d: number, seed: number): CollaborativeProblem {
  const root = randomStream(seed).split("gradient noise");
  const noise = (step: number) => root.split(step).fillNormal(new Float64Array(nodes * d));
  return {
    nodes,
    start: new Float64Array(d),
    samples: () => 1,
    gradients(models, step) {
      const all = noise(step);
      for (let k = 0; k < all.length; k++) all[k] += models[k];
      return all;
    },
    gradient: (node, model, step) => model.map((x, k) => x + noise(step)[node * d + k]),
  };
}

/**
 * Losses |theta - c_i|^2/2 without noise, the c_i centered with mean squared norm 1: the nodes differ only in their
 * data.
 */
export function scatteredBowls(nodes: number, d: number, seed: number): CollaborativeProblem {
  const stream = randomStream(seed).split("centers");
  const centers = stream.fillNormal(new Float64Array(nodes * d));
  for (let k = 0; k < d; k++) {
    let mean = 0;
    for (let i = 0; i < nodes; i++) mean += centers[i * d + k] / nodes;
    for (let i = 0; i < nodes; i++) centers[i * d + k] -= mean;
  }
  const scale = Math.sqrt(nodes / centers.reduce((sum, c) => sum + c * c, 0));
  for (let k = 0; k < centers.length; k++) centers[k] *= scale;
  return {
    nodes,
    start: stream.fillNormal(new Float64Array(d)),
    samples: () => 1,
    gradients: (models) => models.map((x, k) => x - centers[k]),
    gradient: (node, model) => model.map((x, k) => x - centers[node * d + k]),
  };
}
