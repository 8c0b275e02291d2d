import { ArgumentError } from "../../check/errors.ts";
import { denseMultiplyTransposed } from "../../linalg/dense.ts";
import { dot } from "../../linalg/vector.ts";
import { checkPoint, type HostObjective } from "../objective.ts";
import type { HostResidual } from "../residual.ts";

/** A least-squares problem of the literature with what is known of it. */
export interface LeastSquaresTestProblem {
  readonly name: string;
  /** u: R^n -> R^m and its Jacobian. The curvature of u is not given: Gauss-Newton methods need none. */
  readonly residual: Omit<HostResidual, "addCurvature">;
  /** f(x) = sum_i u_i(x)^2, with its gradient. */
  readonly objective: HostObjective;
  /** The standard starting point. */
  readonly start: Float64Array;
  /** The least value of f. */
  readonly minimum: number;
  /** Values of other local minima, or infima at infinity, at which a method may rightly end. */
  readonly otherMinima: readonly number[];
}

/** How a problem is written down. */
export interface ProblemFormula {
  readonly name: string;
  readonly start: ArrayLike<number>;
  /** m. */
  readonly count: number;
  readonly minimum: number;
  readonly otherMinima?: readonly number[];
  /** Writes u, m numbers, and where J is given the Jacobian: m x n numbers, row-major, zero at first. */
  evaluate(x: Float64Array, u: Float64Array, J: Float64Array | undefined): void;
}

/** @throws ArgumentError unless the dimension is an integer from `least` on and a multiple of `factor` */
export function checkTestDimension(dimension: number, least: number, factor = 1): void {
  if (!Number.isInteger(dimension) || dimension < least || dimension % factor !== 0)
    throw new ArgumentError(
      `dimension must be an integer of at least ${least}${factor > 1 ? ` and a multiple of ${factor}` : ""}, got ${dimension}`,
    );
}

/** The problem of a formula. */
export function testProblem({
  name,
  start,
  count,
  minimum,
  otherMinima = [],
  evaluate,
}: ProblemFormula): LeastSquaresTestProblem {
  const dimension = start.length;
  function residuals(x: Float64Array): Float64Array<ArrayBuffer> {
    checkPoint(x, dimension);
    const u = new Float64Array(count);
    evaluate(x, u, undefined);
    return u;
  }
  function both(x: Float64Array): { readonly u: Float64Array; readonly J: Float64Array } {
    checkPoint(x, dimension);
    const [u, J] = [new Float64Array(count), new Float64Array(count * dimension)];
    evaluate(x, u, J);
    return { u, J };
  }
  function valueAndGradient(x: Float64Array) {
    const { u, J } = both(x);
    return { value: dot(u, u), gradient: denseMultiplyTransposed(J, count, dimension, u).map((g) => 2 * g) };
  }
  return {
    name,
    residual: {
      dimension,
      count,
      value: residuals,
      jacobian: (x) => ({ rows: count, columns: dimension, values: both(x).J }),
    },
    objective: {
      dimension,
      value(x) {
        const u = residuals(x);
        return dot(u, u);
      },
      gradient: (x) => valueAndGradient(x).gradient,
      valueAndGradient,
    },
    start: Float64Array.from(start),
    minimum,
    otherMinima,
  };
}
