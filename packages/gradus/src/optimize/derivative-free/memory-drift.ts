import type { NoiseKind } from "./consensus-step.ts";

/** A run's particles with their best positions, and how strongly these attract. */
export interface MemoryDrift {
  readonly particles: Float64Array;
  readonly memories: Float64Array;
  /** Infinity where a particle has no best position yet. */
  readonly memoryValues: Float64Array;
  /** Number of the run's first particle. */
  readonly first: number;
  readonly moving: Int32Array;
  readonly dimension: number;
  /** lambda_2 dt. */
  readonly pull: number;
  /** sigma_2 sqrt(dt). */
  readonly scatter: number;
  readonly noise: Float64Array;
  readonly noiseKind: NoiseKind;
  readonly maxRadius: number;
}

/**
 * Adds -lambda_2 dt (X - Y) + sigma_2 sqrt(dt) D(X - Y) Z of the moving particles, Y their best positions.
 * Source: Riedl 2024, "Leveraging memory effects and gradient information in consensus-based optimisation".
 */
export function addMemoryDrift(shift: Float64Array, drift: MemoryDrift): void {
  const { particles, memories, memoryValues, first, moving, dimension: d } = drift;
  const { pull, scatter, noise, noiseKind, maxRadius } = drift;
  for (let k = 0; k < moving.length; k++) {
    const i = first + moving[k];
    if (memoryValues[i] === Number.POSITIVE_INFINITY) continue;
    let square = 0;
    for (let j = 0; j < d; j++) square += (particles[i * d + j] - memories[i * d + j]) ** 2;
    const distance = Math.min(Math.sqrt(square), maxRadius);
    for (let j = 0; j < d; j++) {
      const apart = particles[i * d + j] - memories[i * d + j];
      const radius = noiseKind === "isotropic" ? distance : Math.max(-maxRadius, Math.min(maxRadius, apart));
      shift[k * d + j] += scatter * radius * noise[k * d + j] - pull * apart;
    }
  }
}
