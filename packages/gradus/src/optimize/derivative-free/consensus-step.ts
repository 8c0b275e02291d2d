import { blasAvailable } from "@gradus/blas";
import { anisotropicSteps, isotropicSteps } from "@gradus/blas/particles";
import { checkGivenOptions } from "../../check/options.ts";
import { compiledFrom } from "../../linalg/compiled.ts";

/** How particles scatter: by their distance from the consensus point, or coordinate by coordinate. */
export type NoiseKind = "isotropic" | "anisotropic";

/** One run's particles, from `at` in `particles`, and what moves them. */
export interface Drift {
  readonly particles: Float64Array;
  readonly at: number;
  /** Numbers of the particles that move. */
  readonly moving: Int32Array;
  /** d numbers, from `consensusAt`. */
  readonly consensus: Float64Array;
  readonly consensusAt: number;
  readonly dimension: number;
  /** lambda dt. */
  readonly pull: number;
  /** sigma sqrt(dt). */
  readonly scatter: number;
  /** Standard normal numbers, d for each particle that moves. */
  readonly noise: Float64Array;
  /** The largest distance (isotropic) or coordinate difference (anisotropic) that scales the noise. */
  readonly maxRadius: number;
}

/** X <- X - lambda dt (X - c) + sigma sqrt(dt) min(||X - c||, M) Z. */
function isotropicStep(drift: Drift): void {
  const { particles, at, moving, consensus, consensusAt, dimension, pull, scatter, noise, maxRadius } = drift;
  let z = 0;
  for (let k = 0; k < moving.length; k++) {
    const start = at + moving[k] * dimension;
    let square = 0;
    for (let j = 0; j < dimension; j++) {
      const apart = particles[start + j] - consensus[consensusAt + j];
      square += apart * apart;
    }
    const scale = scatter * Math.min(Math.sqrt(square), maxRadius);
    for (let j = 0; j < dimension; j++, z++) {
      const x = particles[start + j];
      particles[start + j] = x - pull * (x - consensus[consensusAt + j]) + scale * noise[z];
    }
  }
}

/**
 * X <- X - lambda dt (X - c) + sigma sqrt(dt) diag(X - c) Z, with |X_j - c_j| cut at M; coordinate by coordinate, because
 * V8 keeps c_j in a register then.
 */
function anisotropicStep(drift: Drift): void {
  const { particles, at, moving, consensus, consensusAt, dimension, pull, scatter, noise, maxRadius } = drift;
  const cut = maxRadius < Number.POSITIVE_INFINITY;
  for (let j = 0; j < dimension; j++) {
    const c = consensus[consensusAt + j];
    for (let k = 0, z = j; k < moving.length; k++, z += dimension) {
      const from = at + moving[k] * dimension + j;
      const apart = particles[from] - c;
      const radius = cut ? Math.max(-maxRadius, Math.min(maxRadius, apart)) : apart;
      particles[from] += scatter * radius * noise[z] - pull * apart;
    }
  }
}

const loops: Readonly<Record<NoiseKind, (drift: Drift) => void>> = {
  isotropic: isotropicStep,
  anisotropic: anisotropicStep,
};

const compiled = { isotropic: isotropicSteps, anisotropic: anisotropicSteps } as const;

/**
 * The step of each kind of noise, in place; c is that of the positions before the step. Loops and compiled functions give
 * the same bits.
 *
 * @param count particles of the run
 */
export function consensusStep(noiseKind: NoiseKind, count: number, drift: Drift): void {
  const {
    particles,
    at,
    moving,
    consensus,
    consensusAt,
    dimension: d,
    pull,
    scatter,
    noise,
    maxRadius,
  } = drift;
  const large = moving.length === count && count * d >= compiledFrom.particleSteps;
  if (!large || !blasAvailable()) loops[noiseKind](drift);
  else
    compiled[noiseKind]({
      particles: particles.subarray(at, at + count * d),
      center: consensus.subarray(consensusAt, consensusAt + d),
      noise,
      pull,
      scatter,
      most: maxRadius,
    });
}

/**
 * The factor (1 - lambda dt)^2 + D sigma^2 dt by which one step changes the mean square distance of particles from a
 * consensus point at rest, D = d for isotropic noise and 1 for anisotropic noise. At 1 and above particles do not contract
 * in mean square, though they may still collapse almost surely.
 * Source: Fornasier, Klock & Riedl 2024, "Consensus-based optimization methods converge globally" (isotropic), and 2022,
 * "Convergence of anisotropic consensus-based optimization in mean-field law", in discrete time.
 *
 * @throws ArgumentError without options or for an unknown one
 */
export function meanSquareFactor(options: {
  readonly timeStep: number;
  readonly drift: number;
  readonly noise: number;
  readonly noiseKind: NoiseKind;
  readonly dimension: number;
}): number {
  checkGivenOptions("meanSquareFactor", options, ["timeStep", "drift", "noise", "noiseKind", "dimension"]);
  const { timeStep, drift, noise, noiseKind, dimension } = options;
  const directions = noiseKind === "isotropic" ? dimension : 1;
  return (1 - drift * timeStep) ** 2 + directions * noise ** 2 * timeStep;
}
