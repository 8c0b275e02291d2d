import { ArgumentError } from "../../check/errors.ts";
import {
  checkIntegerWithin,
  checkLimit,
  checkNonNegative,
  checkPositive,
  checkPositiveInteger,
} from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf, checkOptions } from "../../check/options.ts";
import type { MethodOptions } from "../../iterate/iterate.ts";
import type { ConsensusState } from "./consensus-state.ts";
import type { NoiseKind } from "./consensus-step.ts";
import type { InverseTemperature } from "./inverse-temperature.ts";
import type { Box, StartingParticles } from "./particles.ts";
import { checkRule, type StepRule } from "./step-rule.ts";

/** Random batches of particles: the consensus point is that of the batch alone. */
export interface ParticleBatch {
  /** Particles of a batch; the last batch of a pass may have fewer. */
  readonly size: number;
  /** `full`: all particles move toward the batch's consensus; `partial`: only the batch does. */
  readonly update: "full" | "partial";
}

/** Every particle remembers its best position Y, of which the consensus is made. */
export interface ParticleMemory {
  /** lambda_2 >= 0 of the drift -lambda_2 dt (X - Y). */
  readonly drift: number;
  /** sigma_2 >= 0 of the noise sigma_2 sqrt(dt) D(X - Y) Z, of the kind of the other noise. */
  readonly noise?: number;
}

export interface ConsensusOptions extends MethodOptions<ConsensusState> {
  readonly particles: StartingParticles;
  /** dt > 0. */
  readonly timeStep?: number;
  /** lambda >= 0. */
  readonly drift?: number;
  /** sigma >= 0, or a rule that gives it by the number of steps made. */
  readonly noise?: StepRule;
  readonly noiseKind?: NoiseKind;
  /**
   * alpha, in units of 1/E, or a rule for it: alpha E must tell good points from bad. 100 is for values that differ by
   * about 1; `effectiveSampleSizeRule` finds one from the values.
   */
  readonly inverseTemperature?: InverseTemperature;
  /** M > 0: distances that scale the noise are cut at M (truncated noise). */
  readonly maxNoiseRadius?: number;
  /** gamma eta >= 0 of the additional drift -gamma eta dt grad E(X). */
  readonly gradientDrift?: number;
  /** h > 0 of the central differences, absolute, in the units of x, where the objective has no gradient: 1e-5. */
  readonly differenceStep?: number;
  readonly memory?: ParticleMemory;
  readonly particleBatch?: ParticleBatch;
  /**
   * Where the consensus point moved by less than this, in the units of x, in every coordinate, all particles get
   * sigma sqrt(dt) Z more.
   */
  readonly kickTolerance?: number;
  /** Particles are projected onto this box after every step. */
  readonly bounds?: Box;
  /** Independent runs, side by side. */
  readonly runs?: number;
  /** A run ends where max_i ||X^i - c||_inf is at most this, in the units of x. */
  readonly spreadTolerance?: number;
  /** A run ends where ||c_k - c_(k-1)||_2 was at most this, in the units of x, for `restingSteps` steps. */
  readonly restTolerance?: number;
  readonly restingSteps?: number;
  /** Ends before values of more points than this would be asked for, all runs together. */
  readonly maxEvaluations?: number;
  readonly seed?: number;
}

const NAMES: readonly (keyof ConsensusOptions)[] = [
  "particles",
  "timeStep",
  "drift",
  "noise",
  "noiseKind",
  "inverseTemperature",
  "maxNoiseRadius",
  "gradientDrift",
  "differenceStep",
  "memory",
  "particleBatch",
  "kickTolerance",
  "bounds",
  "runs",
  "spreadTolerance",
  "restTolerance",
  "restingSteps",
  "maxEvaluations",
  "seed",
  "resume",
  "signal",
];

/** The options with their defaults, checked. */
export type ConsensusSettings = ReturnType<typeof consensusSettings>;

export function consensusSettings(options: ConsensusOptions) {
  checkGivenOptions("consensusBasedOptimization", options, NAMES);
  const {
    particles,
    timeStep = 0.01,
    drift = 1,
    noise = 1,
    noiseKind = "isotropic",
    inverseTemperature = 100,
    maxNoiseRadius = Number.POSITIVE_INFINITY,
    gradientDrift = 0,
    differenceStep = 1e-5,
    memory,
    particleBatch,
    kickTolerance = 0,
    bounds,
    runs = 1,
    spreadTolerance = 0,
    restTolerance = 0,
    restingSteps = Number.POSITIVE_INFINITY,
    maxEvaluations = Number.POSITIVE_INFINITY,
    seed = 0,
  } = options;
  checkPositive({ timeStep, differenceStep });
  checkNonNegative({ drift, gradientDrift, kickTolerance, spreadTolerance, restTolerance });
  checkRule("noise", noise);
  checkOneOf(["isotropic", "anisotropic"], { noiseKind });
  checkRule("inverseTemperature", inverseTemperature);
  if (maxNoiseRadius !== Number.POSITIVE_INFINITY) checkPositive({ maxNoiseRadius });
  if (restingSteps !== Number.POSITIVE_INFINITY) checkPositiveInteger({ restingSteps });
  else if (restTolerance > 0)
    throw new ArgumentError("restTolerance needs restingSteps, the steps for which the consensus must rest");
  checkPositiveInteger({ runs });
  checkLimit({ maxEvaluations });
  if (memory !== undefined) {
    checkOptions("memory", memory, ["drift", "noise"]);
    checkNonNegative({ "memory.drift": memory.drift, "memory.noise": memory.noise ?? 0 });
  }
  if (particleBatch !== undefined) {
    checkOptions("particleBatch", particleBatch, ["size", "update"]);
    checkPositiveInteger({ "particleBatch.size": particleBatch.size });
    checkOneOf(["full", "partial"], { "particleBatch.update": particleBatch.update });
  }
  return {
    particles,
    timeStep,
    drift,
    noise,
    noiseKind,
    inverseTemperature,
    maxNoiseRadius,
    gradientDrift,
    differenceStep,
    memory: memory && { drift: memory.drift, noise: memory.noise ?? 0 },
    particleBatch,
    kickTolerance,
    bounds,
    runs,
    spreadTolerance,
    restTolerance,
    restingSteps,
    maxEvaluations,
    seed,
  };
}

/** @throws ArgumentError when a batch has more particles than there are */
export function checkBatchSize(batch: ParticleBatch | undefined, count: number): void {
  if (batch !== undefined) checkIntegerWithin(1, count, { "particleBatch.size": batch.size });
}
