import { leastSquares } from "@gradus/blas/orthogonal";
import { checkFiniteMatrix, checkLength } from "../check/arrays.ts";
import { ArgumentError, DataError } from "../check/errors.ts";
import { checkNonNegative, checkWithin } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { denseMultiply } from "./dense.ts";
import { singularValueDecomposition } from "./factorize/singular-values.ts";
import { type RightSide, sideOf } from "./factorize/triangular.ts";
import { checkFiniteDense, type DenseMatrix, denseMatrix } from "./matrix.ts";
import { norm2 } from "./vector.ts";

export interface LeastSquaresOptions {
  /** w_i >= 0, one per row: the objective is sum_i w_i (b_i - a_i^T x)^2. */
  readonly weights?: Float64Array;
  /** alpha >= 0: adds alpha ||x||^2. */
  readonly ridge?: number;
  /** Pivots or singular values of at most this share of the largest count as 0; max(rows, columns) eps by default. */
  readonly relativeCutoff?: number;
}

/** The minimizer, the residual that it leaves, and the numerical rank. */
export interface LeastSquaresSolution<B extends RightSide = RightSide> {
  /** One number a column of A; where b is a matrix, a matrix with one column a right-hand side. */
  readonly x: B;
  /** Numerical rank of A, weighted. */
  readonly rank: number;
  /** sqrt(sum_i w_i (b_i - a_i^T x)^2) of each right-hand side. */
  readonly residualNorms: Float64Array;
}

/** A solution by singular values. */
export interface SvdLeastSquaresSolution<B extends RightSide = RightSide> extends LeastSquaresSolution<B> {
  /** Of A, weighted; descending. */
  readonly singularValues: Float64Array;
}

interface Problem {
  readonly rows: number;
  readonly columns: number;
  /** sqrt(w) A. */
  readonly A: Float64Array;
  /** sqrt(w) b. */
  readonly b: Float64Array;
  readonly sides: number;
}

/** Checks a problem and multiplies its rows by the roots of their weights. */
function weightedProblem(
  caller: string,
  matrix: DenseMatrix,
  rightSides: RightSide,
  options: LeastSquaresOptions,
): Problem {
  checkFiniteDense("A", matrix);
  const { rows, columns, values: A } = matrix;
  const { columns: sides, values: b } = sideOf(rightSides, rows);
  if (sides < 1) throw new ArgumentError(`b must have at least one column, got ${sides}`);
  checkFiniteMatrix("b", b, sides);
  checkOptions(caller, options, ["weights", "ridge", "relativeCutoff"]);
  const { weights, ridge = 0, relativeCutoff = 0 } = options;
  checkNonNegative({ ridge });
  checkWithin("[0, 1)", { relativeCutoff });
  const problem = { rows, columns, sides };
  if (weights === undefined) return { ...problem, A, b };
  checkLength("weights", weights, rows);
  const [weightedA, weightedB] = [A.slice(), b.slice()];
  let any = false;
  for (let i = 0; i < rows; i++) {
    if (!(weights[i] >= 0 && weights[i] < Number.POSITIVE_INFINITY))
      throw new DataError(`weights must be non-negative, got ${weights[i]} at index ${i}`);
    const root = Math.sqrt(weights[i]);
    any ||= root > 0;
    for (let j = 0; j < columns; j++) weightedA[i * columns + j] *= root;
    for (let c = 0; c < sides; c++) weightedB[i * sides + c] *= root;
  }
  if (!any) throw new DataError("weights must not all be 0");
  return { ...problem, A: weightedA, b: weightedB };
}

/**
 * sqrt(ridge) I beside A, zeros beside b: below, or above where the ridge is larger, because reflections lose the digits of
 * rows that are small beside those under them.
 */
function withRidge(
  { rows, columns, sides, A, b }: Problem,
  ridge: number,
): { readonly a: DenseMatrix; readonly b: DenseMatrix } {
  const root = Math.sqrt(ridge);
  const isAbove = A.every((entry) => Math.abs(entry) < root);
  const [first, ridgeFirst] = isAbove ? [columns, 0] : [0, rows];
  const stacked = new Float64Array((rows + columns) * columns);
  stacked.set(A, first * columns);
  for (let j = 0; j < columns; j++) stacked[(ridgeFirst + j) * columns + j] = root;
  const right = new Float64Array((rows + columns) * sides);
  right.set(b, first * sides);
  return { a: denseMatrix(stacked, rows + columns, columns), b: denseMatrix(right, rows + columns, sides) };
}

/** ||b - A x|| of each right-hand side. */
function residualNormsOf(
  { rows, columns, sides, A, b }: Problem,
  x: Float64Array,
): Float64Array<ArrayBuffer> {
  if (sides === 1) {
    const residuals = denseMultiply(A, rows, columns, x);
    for (let i = 0; i < rows; i++) residuals[i] -= b[i];
    return Float64Array.of(norm2(residuals));
  }
  const residuals = Array.from({ length: sides }, () => new Float64Array(rows));
  for (let i = 0; i < rows; i++)
    for (let c = 0; c < sides; c++) {
      let residual = b[i * sides + c];
      for (let j = 0; j < columns; j++) residual -= A[i * columns + j] * x[j * sides + c];
      residuals[c][i] = residual;
    }
  return Float64Array.from(residuals, norm2);
}

/** The solution in the form of the right-hand sides: a vector or a matrix. */
function likeSides(b: RightSide, { columns, sides }: Problem, x: Float64Array): RightSide {
  return b instanceof Float64Array ? x : { rows: columns, columns: sides, values: x };
}

/**
 * Dense least squares  min_x sum_i w_i (b_i - a_i^T x)^2 + ridge ||x||^2  by QR with column pivoting. Where A does
 * not have full column rank, `rank` says so and x is the shortest minimizer (complete orthogonal decomposition); a ridge
 * fills the rank up. The condition number is never squared.
 * Source: Golub & Van Loan 2013, "Matrix computations", sections 5.5.2 and 6.1.
 *
 * @param A of any shape
 * @param b one right-hand side, or a matrix with one in each column, which share the factorization
 * @throws ArgumentError when something does not fit or an option is unknown
 * @throws DataError naming a number that is not finite, a weight that is not >= 0, or when all weights are 0
 */
export function solveLeastSquares<B extends RightSide>(
  A: DenseMatrix,
  b: B,
  options?: LeastSquaresOptions,
): LeastSquaresSolution<B>;
export function solveLeastSquares(
  A: DenseMatrix,
  b: RightSide,
  options: LeastSquaresOptions = {},
): LeastSquaresSolution {
  const problem = weightedProblem("solveLeastSquares", A, b, options);
  const { rows, columns, sides } = problem;
  const { ridge = 0, relativeCutoff } = options;
  const { x, rank } = leastSquares({
    ...(ridge > 0
      ? withRidge(problem, ridge)
      : { a: denseMatrix(problem.A, rows, columns), b: denseMatrix(problem.b, rows, sides) }),
    ...(relativeCutoff === undefined ? {} : { relativeCutoff }),
  });
  return {
    x: likeSides(b, problem, x.values),
    rank,
    residualNorms: residualNormsOf(problem, x.values),
  };
}

/** sum_j s_j / (s_j^2 + ridge) (u_j^T b) v_j over the singular values s_j > relativeCutoff s_1, and their number. */
export function shortestSolution(
  { U, s, V }: ReturnType<typeof singularValueDecomposition>,
  { b, sides }: { readonly b: Float64Array; readonly sides: number },
  { ridge = 0, relativeCutoff = Math.max(U.rows, V.rows) * Number.EPSILON }: LeastSquaresOptions = {},
): { readonly x: Float64Array; readonly rank: number } {
  const [rows, columns] = [U.rows, V.rows];
  const count = s.length;
  let rank = 0;
  while (rank < count && s[rank] > relativeCutoff * s[0]) rank += 1;
  const x = new Float64Array(columns * sides);
  const components = new Float64Array(rank * sides);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < rank; j++)
      for (let c = 0; c < sides; c++) components[j * sides + c] += U.values[i * count + j] * b[i * sides + c];
  for (let j = 0; j < rank; j++) {
    // s / (s^2 + ridge), also where squares overflow or underflow
    const divisor = s[j] + ridge / s[j];
    for (let c = 0; c < sides; c++) components[j * sides + c] /= divisor;
  }
  for (let i = 0; i < columns; i++)
    for (let j = 0; j < rank; j++)
      for (let c = 0; c < sides; c++) x[i * sides + c] += components[j * sides + c] * V.values[i * count + j];
  return { x, rank };
}

/**
 * Dense least squares by singular values: with A = U diag(s) V^T (rows weighted) and s_j > relativeCutoff s_1,
 *
 *     x = sum_j  s_j / (s_j^2 + ridge)  (u_j^T b)  v_j,
 *
 * the shortest minimizer. Several times slower than `solveLeastSquares`; it returns the singular values, and its cutoff
 * says exactly what is dropped.
 *
 * @param A of any shape
 * @param b one right-hand side, or a matrix with one in each column, which share the decomposition
 * @throws ArgumentError when something does not fit or an option is unknown
 * @throws DataError naming a number that is not finite, a weight that is not >= 0, or when all weights are 0
 */
export function solveLeastSquaresBySvd<B extends RightSide>(
  A: DenseMatrix,
  b: B,
  options?: LeastSquaresOptions,
): SvdLeastSquaresSolution<B>;
export function solveLeastSquaresBySvd(
  A: DenseMatrix,
  b: RightSide,
  options: LeastSquaresOptions = {},
): SvdLeastSquaresSolution {
  const problem = weightedProblem("solveLeastSquaresBySvd", A, b, options);
  const decomposition = singularValueDecomposition({
    rows: problem.rows,
    columns: problem.columns,
    values: problem.A,
  });
  const { x, rank } = shortestSolution(decomposition, problem, options);
  return {
    x: likeSides(b, problem, x),
    rank,
    residualNorms: residualNormsOf(problem, x),
    singularValues: decomposition.s,
  };
}
