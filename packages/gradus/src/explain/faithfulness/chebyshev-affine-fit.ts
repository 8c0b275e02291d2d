import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
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
 * @throws ArgumentError when there are not as many values as points
 * @throws DataError naming a number that is not finite
 * @throws ConvergenceError when 10,000 pivots do not suffice
 */
export function chebyshevAffineFit(points: DenseMatrix, values: ArrayLike<number>): ChebyshevAffineFit {
  checkFiniteDense("points", points);
  const { rows: n, columns: d } = points;
  checkLength("values", values, n);
  checkFiniteVector("values", values);
  const ranges = Array.from({ length: d }, (_, i) =>
    rangeOf(Float64Array.from({ length: n }, (_, j) => points.values[j * d + i])),
  );
  const x = points.values.map((value, k) => (value - ranges[k % d].middle) / ranges[k % d].radius);
  const range = rangeOf(Float64Array.from(values));
  const y = Float64Array.from(values, (value) => (value - range.middle) / range.radius);
  const m = d + 2;
  // Columns of the dual: sign * (x_j, 1), and 1 for the sum of absolute values. Artificial ones have index -1 - row.
  const basis = Int32Array.from({ length: m }, (_, row) => -1 - row);
  const signs = new Float64Array(m).fill(1);
  const entry = (column: number, sign: number, row: number): number => {
    if (column < 0) return row === -1 - column ? 1 : 0;
    if (row < d) return sign * x[column * d + row];
    return row === d ? sign : 1;
  };
  const basisMatrix = (): DenseMatrix => {
    const B = new Float64Array(m * m);
    for (let row = 0; row < m; row++)
      for (let c = 0; c < m; c++) B[row * m + c] = entry(basis[c], signs[c], row);
    return { rows: m, columns: m, values: B };
  };
  const transposed = ({ values: B }: DenseMatrix): DenseMatrix => ({
    rows: m,
    columns: m,
    values: Float64Array.from(B, (_, k) => B[(k % m) * m + Math.floor(k / m)]),
  });
  const right = new Float64Array(m);
  right[m - 1] = 1;

  /** Improves the basis until no column has a positive reduced cost; the multipliers. */
  function optimize(cost: (column: number, sign: number) => number, tolerance: number): Float64Array {
    let degenerate = 0;
    for (let pivot = 0; pivot < MOST_PIVOTS; pivot++) {
      const B = basisMatrix();
      const factors = luFactorize(B);
      const primal = luSolve(factors, right);
      const multipliers = luSolve(
        luFactorize(transposed(B)),
        Float64Array.from(basis, (column, c) => cost(column, signs[c])),
      );
      let [entering, sign, best] = [-1, 1, tolerance];
      for (let j = 0; j < n; j++) {
        let residual = -multipliers[d];
        for (let i = 0; i < d; i++) residual -= multipliers[i] * x[j * d + i];
        for (const s of [1, -1]) {
          const reduced = cost(j, s) + s * residual - multipliers[d + 1];
          if (reduced > best) [entering, sign, best] = [j, s, reduced];
        }
        if (degenerate > 3 * m && entering >= 0) break;
      }
      if (entering < 0) return multipliers;
      const direction = luSolve(
        factors,
        Float64Array.from({ length: m }, (_, row) => entry(entering, sign, row)),
      );
      let [leaving, ratio] = [-1, Number.POSITIVE_INFINITY];
      for (let c = 0; c < m; c++) {
        // an artificial variable at 0 stays there
        const blocked = basis[c] < 0 && Math.abs(primal[c]) <= 1e-12 && Math.abs(direction[c]) > 1e-9;
        if (direction[c] <= 1e-11 && !blocked) continue;
        const step = blocked ? 0 : Math.max(0, primal[c]) / direction[c];
        const first = leaving >= 0 && step === ratio && (basis[c] < 0 || basis[c] < basis[leaving]);
        if (step < ratio || (first && basis[leaving] >= 0)) [leaving, ratio] = [c, step];
      }
      if (leaving < 0) throw new ConvergenceError("the dual of the Chebyshev fit is unbounded");
      degenerate = ratio <= 1e-14 ? degenerate + 1 : 0;
      basis[leaving] = entering;
      signs[leaving] = sign;
    }
    throw new ConvergenceError(`the Chebyshev fit has not ended after ${MOST_PIVOTS} pivots`);
  }

  optimize((column) => (column < 0 ? -1 : 0), 1e-10);
  if (basis.some((column) => column >= 0)) {
    // Multipliers of artificial variables that stay at 0 are free: a cost of 0 leaves them so.
    const multipliers = optimize((column, sign) => (column < 0 ? 0 : sign * y[column]), 1e-12);
    let maxError = 0;
    for (let j = 0; j < n; j++) {
      let error = y[j] - multipliers[d];
      for (let i = 0; i < d; i++) error -= multipliers[i] * x[j * d + i];
      maxError = Math.max(maxError, range.radius * Math.abs(error));
    }
    const weights = ranges.map(({ radius }, i) => (multipliers[i] * range.radius) / radius);
    const atMiddle = range.middle + range.radius * multipliers[d];
    const intercept = ranges.reduce((rest, { middle }, i) => rest - weights[i] * middle, atMiddle);
    return { weights: Float64Array.from(weights), intercept, maxError };
  }
  throw new ArgumentError("points must have at least one row");
}
