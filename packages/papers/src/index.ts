import { adadagrad } from "./adadagrad/paper.ts";
import { anyloss } from "./anyloss/paper.ts";
import { bandlimitedRandomNetworks } from "./bandlimited-random-networks/paper.ts";
import { batchSizeLearningRates } from "./batch-size-learning-rates/paper.ts";
import { blockCoordinateDescentPaper } from "./block-coordinate-descent/paper.ts";
import { consensusBasedOptimizationPaper } from "./consensus-based-optimization/paper.ts";
import { convexRelu } from "./convex-relu/paper.ts";
import { deepConjugateDirection } from "./deep-conjugate-direction/paper.ts";
import { deepOnet } from "./deeponet/paper.ts";
import { dynamicalStability } from "./dynamical-stability/paper.ts";
import { exactAugmentedLagrangian } from "./exact-augmented-lagrangian/paper.ts";
import { gradientNormalizedSmoothness } from "./gradient-normalized-smoothness/paper.ts";
import { hessianSpectrum } from "./hessian-spectrum/paper.ts";
import { localFunctionApproximation } from "./local-function-approximation/paper.ts";
import { monna } from "./monna/paper.ts";
import { multiplicativeDiffusion } from "./multiplicative-diffusion/paper.ts";
import { neuralTangentKernel } from "./neural-tangent-kernel/paper.ts";
import { normalizedLogisticGd } from "./normalized-logistic-gd/paper.ts";
import type { Paper } from "./paper.ts";
import { penaltyBilevel } from "./penalty-bilevel/paper.ts";
import { scoreEstimation } from "./score-estimation/paper.ts";
import { targetSurrogates } from "./target-surrogates/paper.ts";

export * from "./check.ts";
export * from "./experiment.ts";
export * from "./explore.ts";
export * from "./ground.ts";
export * from "./measurement.ts";
export * from "./paper.ts";
export * from "./reproduction.ts";
export type { FinishedParts, FinishedStage, InterruptedMethod } from "./resumable-parts.ts";
export * from "./row-choice.ts";
export * from "./run.ts";
export * from "./verdict.ts";

/** The runnable papers, by their number in the seed. */
export const papers: readonly Paper[] = [
  gradientNormalizedSmoothness,
  bandlimitedRandomNetworks,
  deepOnet,
  anyloss,
  batchSizeLearningRates,
  targetSurrogates,
  convexRelu,
  deepConjugateDirection,
  scoreEstimation,
  blockCoordinateDescentPaper,
  hessianSpectrum,
  normalizedLogisticGd,
  exactAugmentedLagrangian,
  monna,
  neuralTangentKernel,
  adadagrad,
  localFunctionApproximation,
  consensusBasedOptimizationPaper,
  dynamicalStability,
  penaltyBilevel,
  multiplicativeDiffusion,
];
