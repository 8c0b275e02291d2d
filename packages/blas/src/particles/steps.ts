import { BlasArgumentError } from "../errors.ts";
import { checkedLength, checkVector, copyVectorOut } from "../matrix.ts";
import { withFrame } from "../memory.ts";
import { checkNumber, checkOptions } from "../options.ts";
import { particles as family } from "./family.ts";

/** Arguments of `isotropicSteps` and `anisotropicSteps`. */
export interface ParticleStepArguments {
  /** count x d, overwritten. */
  readonly particles: Float64Array;
  /** c, d numbers. */
  readonly center: Float64Array;
  /** Z, count x d. */
  readonly noise: Float64Array;
  /** Share of the distance from the center that is gone after a step without noise. */
  readonly pull: number;
  /** Factor of the noise. */
  readonly scatter: number;
  /** The largest distance that scales noise; it may be Infinity. */
  readonly most: number;
}

function step(kind: "isotropicSteps" | "anisotropicSteps", options: ParticleStepArguments): void {
  checkOptions(options, ["particles", "center", "noise", "pull", "scatter", "most"]);
  const { particles, center, noise, pull, scatter, most } = options;
  for (const [name, factor] of Object.entries({ pull, scatter, most })) checkNumber(name, factor);
  const d = checkedLength("center", center);
  if (checkedLength("particles", particles) % d !== 0 || d === 0)
    throw new BlasArgumentError(
      `particles must be a Float64Array of a multiple of ${d} numbers, got ${particles.length} numbers`,
    );
  checkVector("noise", noise, particles.length);
  withFrame("a step of particles", (frame) => {
    // one block: blocks of their own take longer to get than a small step
    const x = frame.numbers(2 * particles.length + d);
    const z = x + 8 * particles.length;
    const c = z + 8 * particles.length;
    const { numbers } = frame.heap;
    numbers.set(particles, x / 8);
    numbers.set(noise, z / 8);
    numbers.set(center, c / 8);
    family()[kind](particles.length / d, d, pull, scatter, most, c, z, x);
    copyVectorOut(frame, x, particles);
  });
}

/**
 * X <- X - pull (X - c) + scatter min(||X - c||, most) Z of every particle.
 *
 * @throws BlasArgumentError when the lengths do not fit
 */
export function isotropicSteps(options: ParticleStepArguments): void {
  step("isotropicSteps", options);
}

/**
 * X <- X - pull (X - c) + scatter diag(X - c) Z of every particle, with |X_j - c_j| cut at `most` where it scales Z.
 *
 * @throws BlasArgumentError when the lengths do not fit
 */
export function anisotropicSteps(options: ParticleStepArguments): void {
  step("anisotropicSteps", options);
}
