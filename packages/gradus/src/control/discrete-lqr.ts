import { ArgumentError, ConvergenceError } from "../check/errors.ts";
import { matrixProduct, transposed } from "../linalg/dense-product.ts";
import { luFactorize, luSolve } from "../linalg/factorize/lu.ts";
import { checkFiniteDense, type DenseMatrix, denseMatrix } from "../linalg/matrix.ts";

/** The solution of a discrete linear-quadratic regulator: gain and cost to go. */
export interface DiscreteLqr {
  /** The gain, m x n: the best action is u = -K s. */
  readonly K: DenseMatrix;
  /** The cost to go from s is s^T P s; n x n. */
  readonly P: DenseMatrix;
}

/** The four matrices of a discrete linear-quadratic problem. */
export interface DiscreteLqrProblem {
  /** n x n. */
  readonly A: DenseMatrix;
  /** n x m. */
  readonly B: DenseMatrix;
  /** n x n, symmetric, positive semidefinite. */
  readonly Q: DenseMatrix;
  /** m x m, symmetric, positive definite. */
  readonly R: DenseMatrix;
}

/**
 * The discrete-time linear-quadratic regulator: the K that minimizes sum s^T Q s + u^T R u for s' = A s + B u,
 * u = -K s, by iterating the Riccati equation
 *
 *     K = (R + B^T P B)^-1 B^T P A,    P = Q + A^T P (A - B K)
 *
 * until P converges.
 * Source: Kalman 1960, "Contributions to the theory of optimal control".
 *
 * @throws ArgumentError, DataError when the sizes do not fit or a number is not finite
 * @throws ConvergenceError when P does not converge: the pair (A, B) is not, or barely, stabilizable
 */
export function discreteLqr(
  problem: DiscreteLqrProblem,
  {
    maxIterations = 100_000,
    tolerance = 1e-13,
  }: {
    readonly maxIterations?: number;
    readonly tolerance?: number;
  } = {},
): DiscreteLqr {
  const n = problem.A.rows;
  const m = problem.B.columns;
  const sizes = { A: [n, n], B: [n, m], Q: [n, n], R: [m, m] } as const;
  for (const name of ["A", "B", "Q", "R"] as const) {
    checkFiniteDense(name, problem[name]);
    const { rows, columns } = problem[name];
    const [wantedRows, wantedColumns] = sizes[name];
    if (rows !== wantedRows || columns !== wantedColumns)
      throw new ArgumentError(`${name} must be ${wantedRows} x ${wantedColumns}, got ${rows} x ${columns}`);
  }
  const { A, B, Q, R } = {
    A: problem.A.values,
    B: problem.B.values,
    Q: problem.Q.values,
    R: problem.R.values,
  };
  const [At, Bt] = [transposed(A, n, n), transposed(B, n, m)];
  let P = Q;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const BtP = matrixProduct(Bt, P, n);
    const inside = matrixProduct(BtP, B, n).map((value, k) => value + R[k]);
    const K = luSolve(luFactorize(denseMatrix(inside, m, m)), denseMatrix(matrixProduct(BtP, A, n), m, n));
    const closed = matrixProduct(B, K.values, m).map((value, k) => A[k] - value);
    const next = matrixProduct(At, matrixProduct(P, closed, n), n).map((value, k) => value + Q[k]);
    const change = next.reduce((most, value, k) => Math.max(most, Math.abs(value - P[k])), 0);
    const size = next.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (!Number.isFinite(size)) break;
    P = next;
    if (change <= tolerance * size) return { K, P: denseMatrix(P, n, n) };
  }
  throw new ConvergenceError(
    `the Riccati iteration did not converge in ${maxIterations} steps: (A, B) is not, or barely, stabilizable`,
  );
}
