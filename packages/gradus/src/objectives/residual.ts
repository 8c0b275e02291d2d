import { checkIntegerWithin } from "../check/numbers.ts";
import { csrFromRows } from "../linalg/sparse/build.ts";
import { type DesignMap, designMap } from "./design-map.ts";
import { type DesignMatrix, rowNumbers } from "./design-matrix.ts";
import type { MaybePromise } from "./objective.ts";

/**
 * Nonlinear equations u(x) = 0, u: R^dimension -> R^count, of which ||u(x)||^2 / 2 may be minimized; `residualFromGraph`
 * makes them of a traced function.
 */
export interface Residual {
  readonly dimension: number;
  readonly count: number;
  /** u(x), count numbers. */
  value(x: Float64Array): MaybePromise<Float64Array>;
  /** u'(x), count x dimension, dense or sparse. */
  jacobian(x: Float64Array): MaybePromise<DesignMatrix>;
}

/** Equations that answer at once. */
export interface HostResidual extends Residual {
  value(x: Float64Array): Float64Array;
  jacobian(x: Float64Array): DesignMatrix;
  /** Adds sum_i w_i times the Hessian of u_i to a dimension x dimension matrix; absent where u is affine. */
  addCurvature?(x: Float64Array, w: Float64Array, matrix: Float64Array): void;
}

/** u(x) = A x - b. */
export function linearResidual(A: DesignMatrix, b: ArrayLike<number>): HostResidual {
  const map: DesignMap = designMap(A);
  const offsets = rowNumbers(b, map.rows, "b");
  return {
    dimension: map.columns,
    count: map.rows,
    value(x) {
      const u = new Float64Array(map.rows);
      map.product(x, u);
      for (let i = 0; i < u.length; i++) u[i] -= offsets[i];
      return u;
    },
    jacobian: () => A,
  };
}

/** Rosenbrock's function as two equations: u = (1 - x_1, 10 (x_2 - x_1^2)); ||u||^2 is the function. */
export const rosenbrockResidual: HostResidual = {
  dimension: 2,
  count: 2,
  value: (x) => Float64Array.of(1 - x[0], 10 * (x[1] - x[0] * x[0])),
  jacobian: (x) => ({ rows: 2, columns: 2, values: Float64Array.of(-1, 0, -20 * x[0], 10) }),
  addCurvature(_, w, matrix) {
    matrix[0] -= 20 * w[1];
  },
};

/**
 * The Chebyshev equations: u_1 = (1 - x_1)/2, u_i = x_i - (2 x_{i-1}^2 - 1). Their one root is (1, ..., 1), at the end of
 * a long flat curved valley.
 * Source: Gurbuzbalaban & Overton 2012, "On Nesterov's nonsmooth Chebyshev-Rosenbrock functions".
 *
 * @throws ArgumentError unless dimension is an integer >= 2
 */
export function chebyshevResidual(dimension: number): HostResidual {
  checkIntegerWithin(2, Number.POSITIVE_INFINITY, { dimension });
  return {
    dimension,
    count: dimension,
    value(x) {
      const u = new Float64Array(dimension);
      u[0] = (1 - x[0]) / 2;
      for (let i = 1; i < dimension; i++) u[i] = x[i] - (2 * x[i - 1] * x[i - 1] - 1);
      return u;
    },
    jacobian(x) {
      const rows: [number, number][][] = [[[0, -0.5]]];
      for (let i = 1; i < dimension; i++)
        rows.push([
          [i - 1, -4 * x[i - 1]],
          [i, 1],
        ]);
      return csrFromRows(rows, dimension);
    },
    addCurvature(_, w, matrix) {
      for (let i = 1; i < dimension; i++) matrix[(i - 1) * (dimension + 1)] -= 4 * w[i];
    },
  };
}
