import { ArgumentError, ConvergenceError } from "../check/errors.ts";
import { matrixProduct, transposed } from "../linalg/dense-product.ts";
import { checkDense } from "../linalg/factorize/dense-matrix.ts";
import { luFactorize, luSolve } from "../linalg/factorize/lu.ts";

/** The solution of a discrete linear-quadratic regulator: gain and cost to go. */
export interface DiscreteLqr {
  /** The gain, m x n: the best action is u = -K s. */
  readonly K: Float64Array;
  /** The cost to go from s is s^T P s; n x n. */
  readonly P: Float64Array;
}

/** The four matrices of a discrete linear-quadratic problem, row-major. */
export interface DiscreteLqrProblem {
  /** n x n. */
  readonly A: Float64Array;
  /** n x m. */
  readonly B: Float64Array;
  /** n x n, symmetric, positive semidefinite. */
  readonly Q: Float64Array;
  /** m x m, symmetric, positive definite. */
  readonly R: Float64Array;
}

/**
 * The linear-quadratic regulator in discrete time: the K that minimizes sum s^T Q s + u^T R u over s' = A s + B u,
 * u = -K s, by iterating Riccati's equation
 *
 *     K = (R + B^T P B)^-1 B^T P A,    P = Q + A^T P (A - B K)
 *
 * until P rests (Kalman, 1960).
 *
 * @throws ArgumentError, DataError when the sizes do not fit or a number is not finite
 * @throws ConvergenceError when P does not come to rest: the pair (A, B) cannot be stabilized
 */
export function discreteLqr(
  { A, B, Q, R }: DiscreteLqrProblem,
  {
    maxIterations = 100_000,
    tolerance = 1e-13,
  }: {
    readonly maxIterations?: number;
    readonly tolerance?: number;
  } = {},
): DiscreteLqr {
  const n = Math.sqrt(A.length);
  const m = B.length / n;
  if (!Number.isInteger(n) || n < 1 || !Number.isInteger(m) || m < 1)
    throw new ArgumentError(`A must be n x n and B n x m, got ${A.length} and ${B.length} numbers`);
  checkDense(A, n, n);
  checkDense(B, n, m);
  checkDense(Q, n, n);
  checkDense(R, m, m);
  const [At, Bt] = [transposed(A, n, n), transposed(B, n, m)];
  let P = Q;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const BtP = matrixProduct(Bt, P, n);
    const inside = matrixProduct(BtP, B, n).map((value, k) => value + R[k]);
    const K = luSolve(luFactorize(inside, m), matrixProduct(BtP, A, n));
    const closed = matrixProduct(B, K, m).map((value, k) => A[k] - value);
    const next = matrixProduct(At, matrixProduct(P, closed, n), n).map((value, k) => value + Q[k]);
    const change = next.reduce((most, value, k) => Math.max(most, Math.abs(value - P[k])), 0);
    const size = next.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (!Number.isFinite(size)) break;
    P = next;
    if (change <= tolerance * size) return { K, P };
  }
  throw new ConvergenceError(
    `Riccati's iteration did not come to rest in ${maxIterations} steps: A and B cannot be stabilized, or nearly not`,
  );
}
