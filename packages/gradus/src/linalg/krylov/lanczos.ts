import { ArgumentError, ConvergenceError, DataError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import type { Iterate, Method, MethodOptions } from "../../iterate/iterate.ts";
import { copyState, type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { releasing } from "../../iterate/releasing.ts";
import { randomStream } from "../../random/stream.ts";
import { GrowingBasis } from "../growing-basis.ts";
import { after } from "../operator/contract.ts";
import { type OperatorOrMatrix, symmetricOperatorOf } from "../operator/matrix-operator.ts";
import { axpy, dot, norm2 } from "../vector.ts";
import { checkVector } from "./linear-system.ts";

export interface LanczosOptions extends MethodOptions<LanczosState> {
  /** First vector, normalized; by default Gaussian of the given seed. */
  readonly start?: Float64Array;
  readonly seed?: number;
  /** The method ends after this many; where the space is invariant by default, at most n. */
  readonly steps?: number;
  /**
   * `full`: every vector is made orthogonal to all before, to working precision. `none`: the three-term recurrence
   * alone, which loses orthogonality and shows converged eigenvalues several times.
   */
  readonly reorthogonalize?: "full" | "none";
  /** Eigenvectors found before, orthonormal, and the size of their largest eigenvalue: the process leaves them out. */
  readonly locked?: { readonly vectors: readonly Float64Array[]; readonly size: number };
}

/** Plain data from which the method continues. Vectors once in the basis are never overwritten. */
export interface LanczosState {
  alpha: number[];
  beta: number[];
  basis: Float64Array[];
  scale: number;
  invariant: boolean;
}

/** What an iterate of the Lanczos process shows. */
export interface LanczosView {
  /** beta_{m+1}, what couples the m steps done to the next; undefined at the start. */
  readonly nextBeta: number | undefined;
  /** True when the basis spans an invariant subspace: the Ritz pairs are eigenpairs, and the method ends. */
  readonly invariant: boolean;
  readonly done: boolean;
}

/** The tridiagonal matrix of m steps and its basis: A Q = Q T + beta_{m+1} q_{m+1} e_m^T. */
export interface LanczosFactors {
  /** Diagonal of T, m numbers. */
  readonly alpha: Float64Array;
  /** Off-diagonal of T and, last, beta_{m+1}; m numbers. */
  readonly beta: Float64Array;
  /** q_1 .. q_m. */
  readonly basis: readonly Float64Array[];
}

/** An iterate of the Lanczos process: what it shows, and its factors, computed when they are read. */
export type LanczosIterate = Iterate<LanczosState> & LanczosView & LanczosFactors;

/** A next coefficient this small relative to the largest is rounding: the subspace is invariant. */
const INVARIANT = 1e-12;
/** Products in float32 of a symmetric A, and vectors locked at a coarse tolerance, stay far below this asymmetry. */
const ASYMMETRIC = 0.01;

/**
 * The Lanczos process for a symmetric A: iteration m holds an orthonormal basis of the Krylov space of m products and
 * the tridiagonal matrix  T = Q^T A Q  of A in it:
 *
 *     u = A q_j - beta_j q_{j-1},  alpha_j = q_j^T u,  u -= alpha_j q_j,  beta_{j+1} = ||u||,  q_{j+1} = u / beta_{j+1}
 *
 * Ends where the space is invariant, which is a result. Memory m n, time m products and 2 m^2 n flops, at worst twice
 * as many. With reorthogonalization, an operator that declares itself symmetric and is not is refused.
 * Source: Lanczos 1950; Parlett 1980, "The symmetric eigenvalue problem", for the reorthogonalization.
 *
 * @param matrix A, symmetric, n x n: a matrix, or an operator that says so
 * @throws ArgumentError, DataError when something does not fit, is not symmetric or not finite, `start` is 0, or an
 *   option or its value is unknown
 * @throws ConvergenceError when a product is not finite
 */
export function lanczos(matrix: OperatorOrMatrix, options: LanczosOptions = {}): Method<LanczosIterate> {
  const A = symmetricOperatorOf("A", matrix);
  const n = A.rows;
  checkOptions("lanczos", options, [
    "start",
    "seed",
    "steps",
    "reorthogonalize",
    "locked",
    "resume",
    "signal",
  ]);
  const { start, seed = 0, steps, reorthogonalize = "full", locked, resume, signal } = options;
  if (steps !== undefined) checkPositiveInteger({ steps });
  checkOneOf(["full", "none"], { reorthogonalize });
  if (start) {
    checkVector("start", start, n);
    if (norm2(start) === 0) throw new ArgumentError("start must not be 0");
  }
  const first = start ? Float64Array.from(start) : randomStream(seed).fillNormal(new Float64Array(n));
  const lockedVectors = locked?.vectors ?? [];
  for (const vector of lockedVectors) checkVector("a locked vector", vector, n);
  if (lockedVectors.length >= n)
    throw new ArgumentError(`locked must have fewer than ${n} vectors, got ${lockedVectors.length}`);
  const dimension = n - lockedVectors.length;
  const fromLocked = new GrowingBasis(n);
  const fromBasis = new GrowingBasis(n);

  function extend(work: LanczosState, u: Float64Array, iteration: number): void {
    const { basis, beta } = work;
    const q = basis[iteration];
    if (iteration > 0) axpy(-beta[iteration - 1], basis[iteration - 1], u);
    const alpha = dot(q, u);
    if (!Number.isFinite(alpha))
      throw new ConvergenceError(
        `alpha is ${alpha} at step ${iteration + 1}: the product of A is not finite`,
      );
    axpy(-alpha, q, u);
    const full = reorthogonalize === "full";
    fromLocked.orthogonalize(u, lockedVectors);
    const before = norm2(u);
    if (full) fromBasis.orthogonalize(u, basis);
    const next = norm2(u);
    work.scale = Math.max(work.scale, Math.abs(alpha), next);
    // what is taken away is Q^T (A - A^T) q
    const asymmetry = Math.sqrt(Math.max(0, before - next)) * Math.sqrt(before + next);
    if (asymmetry > ASYMMETRIC * work.scale)
      throw new DataError(
        `A must be symmetric, as it declares; its product with a unit vector at step ${iteration + 1} differs from that of A^T by at least ${asymmetry.toPrecision(2)}`,
      );
    work.invariant = next <= INVARIANT * work.scale || (full && basis.length === dimension);
    work.alpha.push(alpha);
    beta.push(work.invariant ? 0 : next);
    if (work.invariant) return;
    for (let i = 0; i < n; i++) u[i] /= next;
    basis.push(u);
  }

  const stepper: InPlaceStepper<LanczosState, LanczosView, LanczosFactors> = {
    fields: ["alpha", "beta", "basis"],
    start() {
      fromLocked.orthogonalize(first, lockedVectors);
      const length = norm2(first);
      return {
        alpha: [],
        beta: [],
        basis: [first.map((value) => value / length)],
        scale: locked?.size ?? 0,
        invariant: false,
      };
    },
    advance(work, iteration) {
      const u = new Float64Array(n); // kept: it becomes a vector of the basis
      return after(A.apply(work.basis[iteration], u), () => extend(work, u, iteration));
    },
    view: ({ beta, invariant }, iteration) => ({
      nextBeta: beta.at(-1),
      invariant,
      done: invariant || iteration === steps,
    }),
    lazy: {
      alpha: (work) => Float64Array.from(work.alpha),
      beta: (work) => Float64Array.from(work.beta),
      basis: (work) => work.basis.slice(0, work.alpha.length),
    },
    copy: copyState,
  };
  return releasing(iteratesInPlace(stepper, { resume, signal }), () => {
    fromLocked.release();
    fromBasis.release();
  });
}
