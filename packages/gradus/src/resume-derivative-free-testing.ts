import { quadratic, rastrigin } from "./objectives/index.ts";
import {
  alternatingDescent,
  doubleLoopPenalty,
  hypergradientDescent,
  regularBilevelProblem,
  singleLoopPenalty,
  valueFunctionPenalty,
} from "./optimize/bilevel/index.ts";
import { noisy } from "./optimize/bilevel/test-support.ts";
import {
  convexNetworkIterates,
  refinedNetworkIterates,
  robustNetworkIterates,
  sampledNetworkIterates,
  samplePatterns,
  widenedNetworkIterates,
} from "./optimize/convex-networks/index.ts";
import { normalRows, reference, signs } from "./optimize/convex-networks/test-support.ts";
import {
  cmaEs,
  consensusBasedOptimization,
  consensusHopping,
  langevinDynamics,
  minimizingMovement,
  nelderMead,
} from "./optimize/derivative-free/index.ts";
import { definite, right } from "./resume-linalg-testing.ts";
import type { Runs } from "./resume-testing.ts";

const bowl = quadratic(definite, right);
const waves = rastrigin(3);
const particles = { count: 40, lower: -3, upper: 3 };

/** Methods that minimize by values, by particles or by gradient flows. */
export const valueRuns: Runs = {
  nelderMead: (options) => nelderMead(waves, 0.7, options),
  cmaEs: (options) => cmaEs(waves, 0.7, { width: 1, ...options }),
  langevinDynamics: (options) => langevinDynamics(bowl, 0, { noise: 1, ...options }),
  consensusHopping: (options) => consensusHopping(waves, 0.7, { width: 1, ...options }),
  consensusBasedOptimization: (options) =>
    consensusBasedOptimization(waves, { particles, noiseKind: "isotropic", ...options }),
  "consensusBasedOptimization: anisotropic, several runs": (options) =>
    consensusBasedOptimization(rastrigin(13), {
      ...{ particles, noiseKind: "anisotropic", runs: 3, seed: 5, kickTolerance: 0.01 },
      ...options,
    }),
  minimizingMovement: (options) =>
    minimizingMovement(bowl, new Float64Array(bowl.dimension).fill(1), { stepSize: 0.1, ...options }),
};

const { problem, start } = regularBilevelProblem({ seed: 2 });
const steps = { stepSize: 0.2, innerStepSize: 0.4 };

/** Bilevel methods. */
export const bilevelRuns: Runs = {
  doubleLoopPenalty: (options) =>
    doubleLoopPenalty(problem, start, { ...steps, sigma: { start: 0.3 }, stepsPerIterate: 3, ...options }),
  "doubleLoopPenalty: stochastic": (options) =>
    doubleLoopPenalty(noisy(problem, 1), start, { ...steps, sigma: 0.1, batchSize: 2, ...options }),
  singleLoopPenalty: (options) => singleLoopPenalty(problem, start, { ...steps, sigma: 0.1, ...options }),
  "singleLoopPenalty: stochastic, with momentum": (options) =>
    singleLoopPenalty(noisy(problem, 1), start, { ...steps, sigma: 0.1, momentum: 0.3, ...options }),
  valueFunctionPenalty: (options) =>
    valueFunctionPenalty(problem, start, { ...steps, stepSize: 0.02, sigma: 0.1, ...options }),
  alternatingDescent: (options) => alternatingDescent(problem, start, { ...steps, ...options }),
  hypergradientDescent: (options) => hypergradientDescent(problem, start, { ...steps, ...options }),
  "hypergradientDescent: unrolled": (options) =>
    hypergradientDescent(problem, start, { ...steps, estimator: "itd", ...options }),
};

const { x, y } = normalRows(20, 2, 4);
const patterns = samplePatterns(reference.x, { count: 12, seed: 1 });

/** Convex programs of two-layer networks. */
export const networkRuns: Runs = {
  convexNetworkIterates: (options) =>
    convexNetworkIterates({
      ...{ x: reference.x, y: reference.labels, loss: "logistic", beta: 0.1, patterns },
      ...options,
    }),
  refinedNetworkIterates: (options) => refinedNetworkIterates({ x, y, beta: 0.3, ...options }),
  robustNetworkIterates: (options) =>
    robustNetworkIterates({
      ...{ x: reference.x, y: reference.labels, loss: "hinge", beta: 0.1, patterns },
      ...{ robustness: { epsilon: 0.05 } },
      ...options,
    }),
  sampledNetworkIterates: (options) =>
    sampledNetworkIterates({ x, y, beta: 0.1, samples: 40, seed: 2, ...options }),
  widenedNetworkIterates: (options) =>
    widenedNetworkIterates({
      x,
      y: signs(y),
      loss: "logistic",
      beta: 0.3,
      tolerance: 2e-3,
      seed: 1,
      ...options,
    }),
};
