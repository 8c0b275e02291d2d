import { ConvergenceError } from "../../check/errors.ts";
import { checkIntegerWithin, checkLimit } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { randomStream } from "../../random/stream.ts";
import { type SingularValueDecomposition, singularValueDecomposition } from "../factorize/singular-values.ts";
import { GrowingBasis } from "../growing-basis.ts";
import { transposeOperator } from "../operator/combine.ts";
import { adjointProduct } from "../operator/contract.ts";
import type { OperatorOrMatrix } from "../operator/matrix-operator.ts";
import { residentOperatorOf } from "../operator/resident-operator.ts";
import { axpy, norm2 } from "../vector.ts";
import { combineColumns } from "./randomized.ts";

export interface TruncatedSvdOptions {
  /** How many singular triplets. */
  readonly rank: number;
  /** A triplet has converged when ||A^T u - s v|| <= tolerance s_1. */
  readonly tolerance?: number;
  /** Most steps, two products each; as many vectors of either side are kept. */
  readonly maxSteps?: number;
  /** Of the start vector. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

export interface TruncatedSvd extends SingularValueDecomposition {
  /** ||A^T u - s v|| of each triplet; A v = s u holds to rounding. */
  readonly residuals: Float64Array;
  /** True when every triplet has converged; else `maxSteps` came first. */
  readonly converged: boolean;
  readonly steps: number;
}

/** The small decomposition is made anew after this many steps, and a tenth of those done. */
const CHECK_EVERY = 5;
/** A coefficient this small relative to the largest is rounding: the space has ended. */
const ENDED = 1e-12;

/** The vectors of one side, and what makes others orthogonal to them. */
interface Side {
  readonly basis: Float64Array[];
  readonly growing: GrowingBasis;
}

/** x / ||x|| in place; where x is rounding, a random unit vector orthogonal to the basis and 0. */
function continueWith(
  x: Float64Array,
  { basis, growing }: Side,
  scale: number,
  random: () => number,
): number {
  const length = norm2(x);
  if (!Number.isFinite(length)) throw new ConvergenceError("a product of A is not finite");
  if (length > ENDED * scale) {
    for (let i = 0; i < x.length; i++) x[i] /= length;
    return length;
  }
  if (basis.length >= x.length) x.fill(0);
  else {
    for (let i = 0; i < x.length; i++) x[i] = random();
    growing.orthogonalize(x, basis);
    const size = norm2(x);
    for (let i = 0; i < x.length; i++) x[i] /= size;
  }
  return 0;
}

/**
 * The leading singular triplets of A by Golub-Kahan bidiagonalization with full reorthogonalization,
 *
 *     A V = U B,   A^T U = V B^T + beta v_next e^T,
 *
 * grown until their residuals meet the tolerance; min(rows, columns) steps are exact. Right to the tolerance, where
 * `randomizedSvd` is right to the decay of the spectrum. Of a multiple singular value it may find one copy only,
 * unless the space ends.
 * Source: Golub & Kahan 1965, "Calculating the singular values and pseudo-inverse of a matrix".
 *
 * @param matrix A, rows x columns: a matrix, or an operator with an adjoint
 * @throws ArgumentError when rank is not an integer from 1 to min(rows, columns), maxSteps is smaller than rank, the
 *   adjoint is missing, or an option is unknown
 * @throws ConvergenceError when a product is not finite
 */
export async function truncatedSvd(
  matrix: OperatorOrMatrix,
  options: TruncatedSvdOptions,
): Promise<TruncatedSvd> {
  const A = residentOperatorOf("A", matrix);
  if (A.rows < A.columns) {
    const { U, V, ...rest } = await truncatedSvd(transposeOperator(A), options);
    return { ...rest, U: V, V: U };
  }
  checkGivenOptions("truncatedSvd", options, ["rank", "tolerance", "maxSteps", "seed", "signal"]);
  const { rows, columns } = A;
  const { rank, tolerance = 1e-10, maxSteps = columns, seed = 0, signal } = options;
  checkIntegerWithin(1, columns, { rank });
  checkIntegerWithin(rank, Number.POSITIVE_INFINITY, { maxSteps });
  checkLimit({ tolerance });
  const adjoint = adjointProduct(A);
  const stream = randomStream(seed);
  const random = (): number => stream.normal();
  using fromLeft = new GrowingBasis(rows);
  using fromRight = new GrowingBasis(columns);
  const left: Side = { basis: [], growing: fromLeft };
  const right: Side = { basis: [], growing: fromRight };
  const [U, V] = [left.basis, right.basis];
  const [alpha, beta]: [number[], number[]] = [[], []];
  let scale = 0;
  let nextCheck = rank;
  let next = new Float64Array(columns);
  continueWith(next, right, 1, random);
  for (;;) {
    signal?.throwIfAborted();
    const v = next;
    V.push(v);
    const u = new Float64Array(rows);
    const applied = A.apply(v, u);
    if (applied) await applied;
    if (beta.length > 0) axpy(-beta[beta.length - 1], U[U.length - 1], u);
    fromLeft.orthogonalize(u, U);
    scale = Math.max(scale, norm2(u));
    alpha.push(continueWith(u, left, scale, random));
    U.push(u);
    next = new Float64Array(columns);
    const adjoined = adjoint(u, next);
    if (adjoined) await adjoined;
    fromRight.orthogonalize(next, V);
    scale = Math.max(scale, norm2(next));
    beta.push(continueWith(next, right, scale, random));
    const steps = alpha.length;
    const last = steps >= Math.min(columns, maxSteps);
    if (!last && steps < nextCheck) continue;
    nextCheck = steps + CHECK_EVERY + Math.floor(steps / 10);
    const B = new Float64Array(steps * steps);
    for (let j = 0; j < steps; j++) {
      B[j * steps + j] = alpha[j];
      if (j > 0) B[(j - 1) * steps + j] = beta[j - 1];
    }
    const small = singularValueDecomposition({ rows: steps, columns: steps, values: B });
    const coupling = beta[steps - 1];
    const residuals = Float64Array.from({ length: rank }, (_, j) =>
      Math.abs(coupling * small.U.values[(steps - 1) * steps + j]),
    );
    const converged = residuals.every((residual) => residual <= tolerance * small.s[0]);
    if (!converged && !last) continue;
    return {
      U: combineColumns(U, rows, small.U, rank),
      s: small.s.slice(0, rank),
      V: combineColumns(V, columns, small.V, rank),
      residuals,
      converged,
      steps,
    };
  }
}
