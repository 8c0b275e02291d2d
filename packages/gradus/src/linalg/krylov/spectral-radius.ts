import { ConvergenceError } from "../../check/errors.ts";
import { checkLimit, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { OperatorOrMatrix } from "../operator/matrix-operator.ts";
import { symmetricResidentOf } from "../operator/resident-operator.ts";
import { lanczos } from "./lanczos.ts";
import { ritzPairs, ritzValues } from "./ritz.ts";

export interface SpectralRadiusOptions {
  /** The largest relative residual ||A v - lambda v|| / |lambda| of the leading eigenpair. */
  readonly tolerance?: number;
  /** Most Lanczos steps, and vectors kept. */
  readonly maxSteps?: number;
  /** First vector; by default Gaussian of the given seed. */
  readonly start?: Float64Array;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** The largest eigenvalue in size of a symmetric matrix. */
export interface SpectralRadius {
  /** rho(A) = max |lambda|; from below. */
  readonly radius: number;
  /** The eigenvalue of that size, with its sign. */
  readonly eigenvalue: number;
  /** Its unit eigenvector. */
  readonly vector: Float64Array;
  /** ||A v - lambda v||. */
  readonly residual: number;
  /** Lanczos steps, one product each. */
  readonly steps: number;
  /** False where `maxSteps` came first: then rho(A) is at least `radius`. */
  readonly converged: boolean;
}

/**
 * The spectral radius  rho(A) = max |lambda|  of a symmetric A by the Lanczos process with full reorthogonalization: the
 * iteration x -> A x is stable exactly where it is at most 1, and x -> x - eta A x, A positive semidefinite, where
 * eta rho(A) <= 2.
 *
 * Accuracy: some eigenvalue lies within `residual` of the one that is returned, whose error is about residual^2 over the
 * gap to the next: with a tolerance of 1e-8 all digits but for clusters. It never exceeds rho(A). Where the smallest
 * eigenvalue is negative, its bound must have fallen below the radius as well. An eigenvector to which the start vector
 * is orthogonal is not found; a Gaussian one is to none.
 * Source: Parlett 1980, "The symmetric eigenvalue problem", chapters 12 and 13.
 *
 * @param matrix A, symmetric, n x n: a matrix, or an operator that says so
 * @throws ArgumentError, DataError when something does not fit, is not symmetric or not finite, `start` is 0, or an
 *   option is unknown or out of its bounds
 * @throws ConvergenceError when a product is not finite
 * @throws the signal's reason on abort
 */
export async function spectralRadius(
  matrix: OperatorOrMatrix,
  options: SpectralRadiusOptions = {},
): Promise<SpectralRadius> {
  const A = symmetricResidentOf("A", matrix);
  checkOptions("spectralRadius", options, ["tolerance", "maxSteps", "start", "seed", "signal"]);
  const { tolerance = 1e-8, maxSteps = 500, start, seed, signal } = options;
  checkLimit({ tolerance });
  checkPositiveInteger({ maxSteps });
  for await (const iterate of lanczos(A, { start, seed, signal })) {
    const { iteration, invariant } = iterate;
    if (iteration === 0) continue;
    const { values, residuals } = ritzValues(iterate);
    const last = iteration - 1;
    const at = -values[last] > values[0] ? last : 0;
    const other = last - at;
    const radius = Math.abs(values[at]);
    const exceeded =
      values[other] * values[at] < 0 && Math.abs(values[other]) + residuals[other] > radius * (1 + tolerance);
    const converged = invariant || (residuals[at] <= tolerance * radius && !exceeded);
    if (!converged && iteration < maxSteps) continue;
    const [vector] = ritzPairs(iterate, [at]).vectors;
    return { radius, eigenvalue: values[at], vector, residual: residuals[at], steps: iteration, converged };
  }
  throw new ConvergenceError("the Lanczos process ended without a step");
}
