import { ArgumentError, DataError } from "../check/errors.ts";
import { transposed } from "./dense-product.ts";
import { checkDense } from "./factorize/dense-matrix.ts";
import {
  type QrFactorization,
  qrApply,
  qrApplyAdjoint,
  qrFactorize,
  qrRank,
  qrUpper,
} from "./factorize/qr.ts";
import { singularValueDecomposition } from "./factorize/singular-values.ts";
import { solveLower, solveUpper } from "./factorize/triangular.ts";

export interface LeastSquaresOptions {
  /** w_i >= 0, one a row: the objective is sum_i w_i (b_i - a_i^T x)^2. */
  readonly weights?: Float64Array;
  /** alpha >= 0: adds alpha ||x||^2. */
  readonly ridge?: number;
  /** What is this small beside the largest pivot or singular value counts as 0; max(rows, columns) eps by default. */
  readonly relativeCutoff?: number;
}

/** The minimizer, the residual that it leaves, and the numerical rank. */
export interface LeastSquaresSolution {
  /** columns x k, row-major: one column a right-hand side. */
  readonly x: Float64Array;
  /** Numerical rank of A, weighted. */
  readonly rank: number;
  /** sqrt(sum_i w_i (b_i - a_i^T x)^2) of each right-hand side. */
  readonly residualNorms: Float64Array;
}

interface Problem {
  /** sqrt(w) A. */
  readonly A: Float64Array;
  /** sqrt(w) b. */
  readonly b: Float64Array;
  readonly sides: number;
}

/** Checks a problem and multiplies its rows by the roots of their weights. */
function weightedProblem(
  A: Float64Array,
  rows: number,
  columns: number,
  b: Float64Array,
  { weights, ridge = 0, relativeCutoff = 0 }: LeastSquaresOptions,
): Problem {
  checkDense(A, rows, columns);
  const sides = b.length / rows;
  if (!Number.isInteger(sides) || sides < 1)
    throw new ArgumentError(`b must have rows x k numbers with rows = ${rows}, got ${b.length}`);
  for (let i = 0; i < b.length; i++)
    if (!Number.isFinite(b[i]))
      throw new DataError(`b must be finite, got ${b[i]} in row ${Math.floor(i / sides)}`);
  if (!(ridge >= 0 && ridge < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`ridge must be a finite number >= 0, got ${ridge}`);
  if (!(relativeCutoff >= 0 && relativeCutoff < 1))
    throw new ArgumentError(`relativeCutoff must be in [0, 1), got ${relativeCutoff}`);
  if (weights === undefined) return { A, b, sides };
  if (weights.length !== rows)
    throw new ArgumentError(`weights must have ${rows} numbers, got ${weights.length}`);
  const [weightedA, weightedB] = [A.slice(), b.slice()];
  let any = false;
  for (let i = 0; i < rows; i++) {
    if (!(weights[i] >= 0 && weights[i] < Number.POSITIVE_INFINITY))
      throw new DataError(`weights[${i}] must be a finite number >= 0, got ${weights[i]}`);
    const root = Math.sqrt(weights[i]);
    any ||= root > 0;
    for (let j = 0; j < columns; j++) weightedA[i * columns + j] *= root;
    for (let c = 0; c < sides; c++) weightedB[i * sides + c] *= root;
  }
  if (!any) throw new DataError("weights must not all be 0");
  return { A: weightedA, b: weightedB, sides };
}

/** ||b - A x|| of each right-hand side. */
function residualNormsOf(
  { A, b, sides }: Problem,
  rows: number,
  columns: number,
  x: Float64Array,
): Float64Array {
  const squares = new Float64Array(sides);
  for (let i = 0; i < rows; i++)
    for (let c = 0; c < sides; c++) {
      let residual = b[i * sides + c];
      for (let j = 0; j < columns; j++) residual -= A[i * columns + j] * x[j * sides + c];
      squares[c] += residual * residual;
    }
  return squares.map(Math.sqrt);
}

/** The second factorization of a rank-deficient problem: the leading rows of R, transposed, are Z T. */
function rowSpace(F: QrFactorization, rank: number): { Z: QrFactorization; T: Float64Array } {
  const R = qrUpper(F);
  const leading = new Float64Array(F.columns * rank);
  for (let i = 0; i < rank; i++)
    for (let j = i; j < F.columns; j++) leading[j * rank + i] = R[i * F.columns + j];
  const Z = qrFactorize(leading, F.columns, rank);
  return { Z, T: qrUpper(Z) };
}

/**
 * Dense least squares  min_x sum_i w_i (b_i - a_i^T x)^2 + ridge ||x||^2  by QR with column pivoting. Where A does
 * not have full column rank, `rank` says so and x is the shortest minimizer (complete orthogonal decomposition); a ridge
 * fills the rank up. The condition number is never squared.
 * Source: Golub & Van Loan 2013, "Matrix computations", sections 5.5.2 and 6.1.
 *
 * @param A rows x columns, row-major, of any shape
 * @param b rows x k, row-major: k right-hand sides share the factorization
 * @throws ArgumentError when something does not fit
 * @throws DataError naming a number that is not finite, a weight that is not >= 0, or when all weights are 0
 */
export function solveLeastSquares(
  A: Float64Array,
  rows: number,
  columns: number,
  b: Float64Array,
  options: LeastSquaresOptions = {},
): LeastSquaresSolution {
  const problem = weightedProblem(A, rows, columns, b, options);
  const { sides } = problem;
  const { ridge = 0, relativeCutoff } = options;
  const extra = ridge > 0 ? columns : 0;
  const augmented = new Float64Array((rows + extra) * columns);
  augmented.set(problem.A);
  for (let j = 0; j < extra; j++) augmented[(rows + j) * columns + j] = Math.sqrt(ridge);
  const F = qrFactorize(augmented, rows + extra, columns, { pivoting: true });
  const rank = qrRank(F, relativeCutoff);
  const x = new Float64Array(columns * sides);
  const full = rank === columns;
  const { Z, T } = full || rank === 0 ? { Z: undefined, T: undefined } : rowSpace(F, rank);
  const lower = T && transposed(T, rank, rank);
  const R = full ? qrUpper(F) : undefined;
  const side = new Float64Array(rows + extra);
  const solution = new Float64Array(columns);
  for (let c = 0; c < sides && rank > 0; c++) {
    side.fill(0);
    for (let i = 0; i < rows; i++) side[i] = problem.b[i * sides + c];
    qrApplyAdjoint(F, side);
    solution.fill(0);
    solution.set(side.subarray(0, rank));
    if (R) solveUpper(R, columns, solution);
    else if (Z && lower) {
      solveLower(lower, rank, solution.subarray(0, rank));
      qrApply(Z, solution);
    }
    for (let j = 0; j < columns; j++) x[F.permutation[j] * sides + c] = solution[j];
  }
  return { x, rank, residualNorms: residualNormsOf(problem, rows, columns, x) };
}

/**
 * Dense least squares by singular values: with A = U diag(s) V^T (rows weighted) and s_j > relativeCutoff s_1,
 *
 *     x = sum_j  s_j / (s_j^2 + ridge)  (u_j^T b)  v_j,
 *
 * the shortest minimizer. Several times slower than `solveLeastSquares`; it returns the singular values, and its cutoff
 * says exactly what is dropped.
 *
 * @param A rows x columns, row-major, of any shape
 * @param b rows x k, row-major: k right-hand sides share the decomposition
 * @throws ArgumentError when something does not fit
 * @throws DataError naming a number that is not finite, a weight that is not >= 0, or when all weights are 0
 */
export function solveLeastSquaresBySvd(
  A: Float64Array,
  rows: number,
  columns: number,
  b: Float64Array,
  options: LeastSquaresOptions = {},
): LeastSquaresSolution & { /** Of A, weighted; descending. */ readonly singularValues: Float64Array } {
  const problem = weightedProblem(A, rows, columns, b, options);
  const { sides } = problem;
  const { ridge = 0, relativeCutoff = Math.max(rows, columns) * Number.EPSILON } = options;
  const { U, s, V } = singularValueDecomposition(problem.A, rows, columns);
  const count = s.length;
  let rank = 0;
  while (rank < count && s[rank] > relativeCutoff * s[0]) rank += 1;
  const x = new Float64Array(columns * sides);
  for (let j = 0; j < rank; j++) {
    const filter = s[j] / (s[j] * s[j] + ridge);
    for (let c = 0; c < sides; c++) {
      let component = 0;
      for (let i = 0; i < rows; i++) component += U[i * count + j] * problem.b[i * sides + c];
      component *= filter;
      for (let i = 0; i < columns; i++) x[i * sides + c] += component * V[i * count + j];
    }
  }
  return { x, rank, residualNorms: residualNormsOf(problem, rows, columns, x), singularValues: s };
}
