import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { transposed } from "../../linalg/dense-product.ts";
import { luFactorize, luSolve } from "../../linalg/factorize/lu.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";

/** g(x) = weights . x + intercept. */
export interface ChebyshevAffineFit {
  readonly weights: Float64Array;
  readonly intercept: number;
  /** max_j |f(x_j) - g(x_j)|, the least that an affine function can have. */
  readonly maxError: number;
}

const MOST_PIVOTS = 10_000;

/** The middle of the range of numbers, and half its length; 1 where they are all equal. */
function rangeOf(numbers: Float64Array): { readonly middle: number; readonly radius: number } {
  let [least, most] = [numbers[0], numbers[0]];
  for (const value of numbers) [least, most] = [Math.min(least, value), Math.max(most, value)];
  const length = most - least;
  // halves first where the length overflows
  const middle = length < Number.POSITIVE_INFINITY ? least + length / 2 : least / 2 + most / 2;
  return { middle, radius: most / 2 - least / 2 || 1 };
}

/** Points and values relative to the middle and half the length of their ranges. */
interface ScaledProblem {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly n: number;
  readonly d: number;
}

/** A basis of the dual, overwritten by pivots: d + 2 columns, each with its sign. Artificial ones have index -1 - row. */
interface DualBasis {
  readonly columns: Int32Array;
  readonly signs: Float64Array;
}

/** A column of the dual's constraints: sign (x_j, 1), and 1 for the sum of absolute values. */
function constraintColumn({ x, d }: ScaledProblem, column: number, sign: number): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: d + 2 }, (_, row) => {
    if (column < 0) return row === -1 - column ? 1 : 0;
    if (row < d) return sign * x[column * d + row];
    return row === d ? sign : 1;
  });
}

/** B, whose columns are the basic ones. */
function basisMatrix(problem: ScaledProblem, { columns, signs }: DualBasis): DenseMatrix {
  const m = columns.length;
  const rows = new Float64Array(m * m);
  for (let c = 0; c < m; c++) rows.set(constraintColumn(problem, columns[c], signs[c]), c * m);
  return { rows: m, columns: m, values: transposed(rows, m, m) };
}

/** The place in the basis that a direction drives to 0 first, and how far it goes; place -1 where it ends nowhere. */
function leaving({ columns }: DualBasis, primal: Float64Array, direction: Float64Array) {
  let [place, ratio] = [-1, Number.POSITIVE_INFINITY];
  for (let c = 0; c < columns.length; c++) {
    const artificial = columns[c] < 0;
    // an artificial variable at 0 stays there
    const blocked = artificial && Math.abs(primal[c]) <= 1e-12 && Math.abs(direction[c]) > 1e-9;
    if (direction[c] <= 1e-11 && !blocked) continue;
    const step = blocked ? 0 : Math.max(0, primal[c]) / direction[c];
    const earlier = place >= 0 && step === ratio && (artificial || columns[c] < columns[place]);
    if (step < ratio || (earlier && columns[place] >= 0)) [place, ratio] = [c, step];
  }
  return { place, ratio };
}

/** y_j - w . x_j - b. */
function residualAt({ x, y, d }: ScaledProblem, multipliers: Float64Array, j: number): number {
  let residual = y[j] - multipliers[d];
  for (let i = 0; i < d; i++) residual -= multipliers[i] * x[j * d + i];
  return residual;
}

type Cost = (column: number, sign: number) => number;

/**
 * The column that enters: of the largest reduced cost, or the first that has a positive one; column -1 where the basis is
 * optimal.
 */
function entering(
  { x, n, d }: ScaledProblem,
  multipliers: Float64Array,
  cost: Cost,
  { tolerance, first }: { readonly tolerance: number; readonly first: boolean },
): { readonly column: number; readonly sign: number } {
  let [column, sign, best] = [-1, 1, tolerance];
  for (let j = 0; j < n; j++) {
    let priced = -multipliers[d];
    for (let i = 0; i < d; i++) priced -= multipliers[i] * x[j * d + i];
    for (const s of [1, -1]) {
      const reduced = cost(j, s) + s * priced - multipliers[d + 1];
      if (reduced > best) [column, sign, best] = [j, s, reduced];
    }
    if (first && column >= 0) break;
  }
  return { column, sign };
}

/** Pivots until no column has a positive reduced cost; the multipliers w, b and the error. */
function optimize(
  problem: ScaledProblem,
  basis: DualBasis,
  cost: Cost,
  tolerance: number,
): Float64Array<ArrayBuffer> {
  const m = problem.d + 2;
  const right = new Float64Array(m);
  right[m - 1] = 1;
  let degenerate = 0;
  for (let pivot = 0; pivot < MOST_PIVOTS; pivot++) {
    const B = basisMatrix(problem, basis);
    const factors = luFactorize(B);
    const primal = luSolve(factors, right);
    const costs = Float64Array.from(basis.columns, (column, c) => cost(column, basis.signs[c]));
    const multipliers = luSolve(luFactorize({ ...B, values: transposed(B.values, m, m) }), costs);
    const { column, sign } = entering(problem, multipliers, cost, { tolerance, first: degenerate > 3 * m });
    if (column < 0) return multipliers;
    const { place, ratio } = leaving(
      basis,
      primal,
      luSolve(factors, constraintColumn(problem, column, sign)),
    );
    if (place < 0) throw new ConvergenceError("the dual of the Chebyshev fit is unbounded");
    degenerate = ratio <= 1e-14 ? degenerate + 1 : 0;
    basis.columns[place] = column;
    basis.signs[place] = sign;
  }
  throw new ConvergenceError(`the Chebyshev fit has not ended after ${MOST_PIVOTS} pivots`);
}

/**
 * The affine function of least maximal error,  min over w, b of  max_j |y_j - w . x_j - b|,  by the revised simplex method
 * on the dual linear program
 *
 *     max sum_j y_j u_j   s.t.  sum_j u_j x_j = 0,  sum_j u_j = 0,  sum_j |u_j| = 1,
 *
 * whose multipliers are w, b and the error. A pivot takes in the point of largest error, of several equal ones the first;
 * after many degenerate pivots the first that errs (Bland's rule), so that it ends. Points and values are taken relative to
 * the middle and the length of their ranges, so that their units and offsets do not matter.
 * Source: Stiefel 1959; Chvatal 1983, "Linear programming".
 *
 * @param points n x d
 * @param values y, n numbers
 * @throws ArgumentError when there are no points, or not as many values
 * @throws DataError naming a number that is not finite
 * @throws ConvergenceError when 10,000 pivots do not suffice
 */
export function chebyshevAffineFit(points: DenseMatrix, values: ArrayLike<number>): ChebyshevAffineFit {
  checkFiniteDense("points", points);
  const { rows: n, columns: d } = points;
  if (n === 0) throw new ArgumentError("points must have at least one row");
  checkLength("values", values, n);
  checkFiniteVector("values", values);
  const ranges = Array.from({ length: d }, (_, i) =>
    rangeOf(Float64Array.from({ length: n }, (_, j) => points.values[j * d + i])),
  );
  const range = rangeOf(Float64Array.from(values));
  const problem = {
    x: points.values.map((value, k) => (value - ranges[k % d].middle) / ranges[k % d].radius),
    y: Float64Array.from(values, (value) => (value - range.middle) / range.radius),
    n,
    d,
  };
  const basis = {
    columns: Int32Array.from({ length: d + 2 }, (_, row) => -1 - row),
    signs: new Float64Array(d + 2).fill(1),
  };
  optimize(problem, basis, (column) => (column < 0 ? -1 : 0), 1e-10);
  // Multipliers of artificial variables that stay at 0 are free: a cost of 0 leaves them so.
  const cost: Cost = (column, sign) => (column < 0 ? 0 : sign * problem.y[column]);
  const multipliers = optimize(problem, basis, cost, 1e-12);
  let maxError = 0;
  for (let j = 0; j < n; j++)
    maxError = Math.max(maxError, range.radius * Math.abs(residualAt(problem, multipliers, j)));
  const weights = ranges.map(({ radius }, i) => (multipliers[i] * range.radius) / radius);
  const atMiddle = range.middle + range.radius * multipliers[d];
  const intercept = ranges.reduce((rest, { middle }, i) => rest - weights[i] * middle, atMiddle);
  return { weights: Float64Array.from(weights), intercept, maxError };
}
