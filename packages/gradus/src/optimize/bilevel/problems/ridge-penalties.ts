import { checkFiniteVector, checkLength } from "../../../check/arrays.ts";
import { ArgumentError } from "../../../check/errors.ts";
import { checkGivenOptions } from "../../../check/options.ts";
import type { LabeledRows } from "../../../data/dataset.ts";
import { denseMultiply, denseMultiplyTransposed } from "../../../linalg/dense.ts";
import { solvePositiveDefinite } from "../../../linalg/factorize/cholesky.ts";
import { denseMatrix } from "../../../linalg/matrix.ts";
import type { BilevelProblem, BilevelStart } from "../problem.ts";
import { checkRows } from "./check-rows.ts";

export interface RidgePenaltiesOptions {
  /** n x d features and targets on which the coefficients are fitted. */
  readonly train: LabeledRows<Float64Array>;
  /** Rows on which the penalties are judged. */
  readonly validation: LabeledRows<Float64Array>;
}

/** Ridge regression whose penalties are chosen by gradient. */
export interface RidgePenaltiesProblem {
  readonly problem: BilevelProblem;
  /** Penalties of 1, coefficients of 0. */
  readonly start: BilevelStart;
  /** e^x, a penalty for each feature. */
  penalties(x: Float64Array): Float64Array;
  /** The coefficients that these penalties give: the lower level's only solution. */
  coefficients(x: Float64Array): Float64Array;
}

/** X^T X / n, X^T y / n and y^T y / (2n). */
function moments({ x, y }: LabeledRows<Float64Array>) {
  const { rows, columns: d, values } = x;
  const gram = new Float64Array(d * d);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < d; j++)
      for (let k = 0; k < d; k++) gram[j * d + k] += (values[i * d + j] * values[i * d + k]) / rows;
  const cross = denseMultiplyTransposed(values, rows, d, y).map((value) => value / rows);
  return { gram, cross, half: y.reduce((sum, value) => sum + value * value, 0) / (2 * rows) };
}

/**
 * A penalty e^{x_j} for every feature of a ridge regression, chosen by the loss on validation rows:
 *
 *     min_x ||X_v w - y_v||^2 / (2 m)   where   w minimizes  ||X w - y||^2 / (2 n) + sum_j e^{x_j} w_j^2 / 2.
 *
 * Center the targets and features first: there is no intercept.
 *
 * @throws ArgumentError when sizes do not fit; DataError when a number is not finite
 */
export function ridgePenalties(options: RidgePenaltiesOptions): RidgePenaltiesProblem {
  checkGivenOptions("ridgePenalties", options, ["train", "validation"]);
  const { train, validation } = options;
  for (const [name, rows] of [
    ["train", train],
    ["validation", validation],
  ] as const) {
    checkRows(name, rows);
    checkFiniteVector(`${name}.y`, rows.y);
  }
  const { columns: d } = train.x;
  if (validation.x.columns !== d)
    throw new ArgumentError(`validation.x must have ${d} columns, got ${validation.x.columns}`);
  const [fit, judge] = [moments(train), moments(validation)];
  const slope = ({ gram, cross }: typeof fit, w: Float64Array, out: Float64Array) => {
    denseMultiply(gram, d, d, w, out);
    for (let j = 0; j < d; j++) out[j] -= cross[j];
    return out;
  };
  const scratch = new Float64Array(d);
  const value = (of: typeof fit, w: Float64Array) => {
    denseMultiply(of.gram, d, d, w, scratch);
    return of.half + w.reduce((sum, wj, j) => sum + wj * (scratch[j] / 2 - of.cross[j]), 0);
  };
  function penalties(x: Float64Array): Float64Array<ArrayBuffer> {
    checkLength("x", x, d);
    checkFiniteVector("x", x);
    return x.map(Math.exp);
  }
  return {
    problem: {
      dimensionX: d,
      dimensionY: d,
      upper: {
        value: (_, w) => value(judge, w),
        gradientX: (_x, _w, out) => out.fill(0),
        gradientY: (_, w, out) => slope(judge, w, out),
      },
      lower: {
        value: (x, w) => value(fit, w) + w.reduce((sum, wj, j) => sum + (Math.exp(x[j]) * wj * wj) / 2, 0),
        gradientX(x, w, out) {
          for (let j = 0; j < d; j++) out[j] = (Math.exp(x[j]) * w[j] * w[j]) / 2;
          return out;
        },
        gradientY(x, w, out) {
          slope(fit, w, out);
          for (let j = 0; j < d; j++) out[j] += Math.exp(x[j]) * w[j];
          return out;
        },
      },
      upperProducts: {
        yy: (_x, _w, v) => denseMultiply(judge.gram, d, d, v),
        xy: () => new Float64Array(d),
      },
      lowerProducts: {
        yy: (x, _, v) => denseMultiply(fit.gram, d, d, v).map((value, j) => value + Math.exp(x[j]) * v[j]),
        xy: (x, w, v) => v.map((vj, j) => Math.exp(x[j]) * w[j] * vj),
      },
    },
    start: { x0: new Float64Array(d), y0: new Float64Array(d) },
    penalties,
    coefficients(x) {
      checkLength("x", x, d);
      checkFiniteVector("x", x);
      const system = fit.gram.slice();
      for (let j = 0; j < d; j++) system[j * (d + 1)] += Math.exp(x[j]);
      return solvePositiveDefinite(denseMatrix(system, d, d), fit.cross);
    },
  };
}
