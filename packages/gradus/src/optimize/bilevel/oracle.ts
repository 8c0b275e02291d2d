import { areFinite } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import type { MaybePromise } from "../../objectives/objective.ts";
import { type BilevelLevel, type BilevelProblem, pointText } from "./problem.ts";

/** A partial gradient, written into `out` or an array of its own. */
export type PartialGradient = (
  x: Float64Array,
  y: Float64Array,
  out: Float64Array,
  sample?: number,
) => MaybePromise<Float64Array>;

/** The gradients of both levels, checked and counted. */
export interface Oracle {
  readonly upperX: PartialGradient;
  readonly upperY: PartialGradient;
  readonly lowerX: PartialGradient;
  readonly lowerY: PartialGradient;
  /** Gradients so far. */
  calls: number;
  /** Products with second derivatives so far. */
  products: number;
}

/**
 * Checks what a user's function returned.
 *
 * @throws ArgumentError for a wrong length; ConvergenceError naming what is not finite, where, and the point
 */
export function checkDerivative(
  name: string,
  values: Float64Array,
  length: number,
  x: Float64Array,
  y: Float64Array,
): Float64Array {
  if (!(values instanceof Float64Array) || values.length !== length)
    throw new ArgumentError(`${name} must be a Float64Array of ${length} numbers, got ${shown(values)}`);
  if (areFinite(values)) return values;
  const i = values.findIndex((value) => !Number.isFinite(value));
  throw new ConvergenceError(
    `${name} is ${values[i]} at index ${i}, at x = ${pointText(x)}, y = ${pointText(y)}`,
  );
}

/** Wraps the gradients of a problem; counting goes on from `calls` and `products`. */
export function countedOracle(problem: BilevelProblem, calls = 0, products = 0): Oracle {
  const partial = (level: BilevelLevel, of: "upper" | "lower", variable: "x" | "y"): PartialGradient => {
    const name = `the gradient of the ${of} level in ${variable}`;
    const length = variable === "x" ? problem.dimensionX : problem.dimensionY;
    const inX = variable === "x";
    return (x, y, out, sample) => {
      oracle.calls += 1;
      const values = inX ? level.gradientX(x, y, out, sample) : level.gradientY(x, y, out, sample);
      return values instanceof Promise
        ? values.then((later) => checkDerivative(name, later, length, x, y))
        : checkDerivative(name, values, length, x, y);
    };
  };
  const oracle: Oracle = {
    upperX: partial(problem.upper, "upper", "x"),
    upperY: partial(problem.upper, "upper", "y"),
    lowerX: partial(problem.lower, "lower", "x"),
    lowerY: partial(problem.lower, "lower", "y"),
    calls,
    products,
  };
  return oracle;
}

const FAR = 1e8;

/**
 * @param unit how large the variable is at first, or a first step: 1 and below count as 1
 * @throws ConvergenceError when a lower-level variable has run away
 */
export function checkBounded(name: string, y: Float64Array, unit = 1): void {
  const most = FAR * Math.max(1, unit);
  let square = 0;
  for (let i = 0; i < y.length; i++) square += y[i] * y[i];
  if (!(square <= most * most))
    throw new ConvergenceError(
      `${name} has norm ${Math.sqrt(square).toPrecision(4)}: the lower level has no minimizer, or a step size is too large`,
    );
}
