import { checkLength } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { denseMultiplyTransposed } from "../../linalg/dense.ts";
import { checkMatrix, isSparse } from "../../linalg/matrix.ts";
import { csrToDense } from "../../linalg/sparse/csr.ts";
import { dot, norm2 } from "../../linalg/vector.ts";
import type { DesignMatrix } from "../../objectives/design-matrix.ts";
import {
  checkPoint,
  type MaybePromise,
  type Objective,
  type ValueAndGradient,
  whenReady,
} from "../../objectives/objective.ts";
import type { Residual } from "../../objectives/residual.ts";

/** u and its Jacobian at a point: count and count x dimension numbers. */
export interface Linearization {
  readonly u: Float64Array;
  readonly J: Float64Array;
}

/** f = ||u||^2 / 2 of a residual, and the linearization at the points where its gradient was asked for. */
export interface ResidualObjective extends Objective {
  /** u and J at x; computed once for the gradient and for this where x is the same point. u is taken where it is known. */
  linearize(x: Float64Array, u?: Float64Array): MaybePromise<Linearization>;
  /**
   * The largest |J_j^T u| / ||J_j|| over the columns of J, those of zeros aside, for the gradient J^T u at x, one of the
   * points linearized last. The units of x do not matter, and it is not small where a column is short because its parameter
   * hardly changes u. MINPACK's gtol limits it over ||u|| (More 1978, "The Levenberg-Marquardt algorithm").
   */
  measure(gradient: Float64Array, x: Float64Array): number;
}

/** Points of which the lengths of columns are known: more than a line search tries, which may return to an earlier one. */
const REMEMBERED = 32;

/** Sums of squares from here to the inverse are neither lost below the doubles nor beyond them. */
const SAFE_SQUARES = 1e-280;

/** The lengths of the columns of J. */
export function columnLengths(J: Float64Array, columns: number): Float64Array<ArrayBuffer> {
  const lengths = new Float64Array(columns);
  for (let k = 0; k < J.length; k += columns)
    for (let j = 0; j < columns; j++) lengths[j] += J[k + j] * J[k + j];
  for (let j = 0; j < columns; j++) {
    const safe = lengths[j] > SAFE_SQUARES && lengths[j] < 1 / SAFE_SQUARES;
    lengths[j] = safe ? Math.sqrt(lengths[j]) : norm2(J.filter((_, k) => k % columns === j));
  }
  return lengths;
}

/** @throws ArgumentError naming what a residual lacks */
function checkResidual(residual: Residual): void {
  if (typeof residual !== "object" || residual === null)
    throw new ArgumentError(
      `residual must be an object { dimension, count, value, jacobian }, got ${shown(residual)}`,
    );
  for (const name of ["value", "jacobian"] as const)
    if (typeof residual[name] !== "function")
      throw new ArgumentError(
        `residual must have a function ${name}, got ${shown(residual[name])}; residualFromGraph derives it`,
      );
  const { dimension, count } = residual;
  checkPositiveInteger({ dimension, count });
}

/**
 * ||u(x)||^2 / 2 as an objective.
 *
 * @throws ArgumentError when a member of the residual is missing; from a call when the residual or its Jacobian has the
 *   wrong size
 */
export function residualObjective(residual: Residual): ResidualObjective {
  checkResidual(residual);
  const { dimension, count } = residual;
  let last: (Linearization & { readonly x: Float64Array }) | undefined;
  const lengthsAt: { readonly x: Float64Array; readonly lengths: Float64Array }[] = [];

  function entries(matrix: DesignMatrix): Float64Array {
    checkMatrix("jacobian", matrix);
    const { rows, columns } = matrix;
    if (rows !== count || columns !== dimension)
      throw new ArgumentError(`jacobian must be ${count} x ${dimension}, got ${rows} x ${columns}`);
    return isSparse(matrix) ? csrToDense(matrix).values : matrix.values;
  }
  function valueAt(x: Float64Array): MaybePromise<Float64Array> {
    return whenReady(residual.value(x), (u) => {
      checkLength("the residual's value", u, count);
      if (!(u instanceof Float64Array))
        throw new ArgumentError(`the residual's value must be a Float64Array, got ${shown(u)}`);
      return u;
    });
  }
  function linearize(x: Float64Array, known?: Float64Array): MaybePromise<Linearization> {
    if (last?.x.every((xj, j) => xj === x[j])) return last;
    const point = x.slice();
    return whenReady(known ?? valueAt(x), (u) =>
      whenReady(residual.jacobian(x), (matrix) => {
        last = { x: point, u, J: entries(matrix) };
        lengthsAt.unshift({ x: point, lengths: columnLengths(last.J, dimension) });
        if (lengthsAt.length > REMEMBERED) lengthsAt.pop();
        return last;
      }),
    );
  }
  function valueAndGradient(x: Float64Array): MaybePromise<ValueAndGradient> {
    checkPoint(x, dimension);
    return whenReady(linearize(x), ({ u, J }) => ({
      value: dot(u, u) / 2,
      gradient: denseMultiplyTransposed(J, count, dimension, u),
    }));
  }
  return {
    dimension,
    value(x) {
      checkPoint(x, dimension);
      return whenReady(valueAt(x), (u) => dot(u, u) / 2);
    },
    gradient: (x) => whenReady(valueAndGradient(x), ({ gradient }) => gradient),
    valueAndGradient,
    linearize,
    measure(gradient, x) {
      const there = lengthsAt.find((point) => point.x.every((xj, j) => xj === x[j])) ?? lengthsAt[0];
      const { lengths } = there;
      return gradient.reduce((most, gj, j) => Math.max(most, gj === 0 ? 0 : Math.abs(gj) / lengths[j]), 0);
    },
  };
}
