import { ArgumentError } from "../check/errors.ts";
import { checkIntegerWithin } from "../check/numbers.ts";
import { checkPoint, type HostObjective } from "./objective.ts";

/** A test function by formulas that read a point in place, `dimension` numbers from `at`. */
export interface PointFunction {
  value(points: Float64Array, at: number): number;
  /** Writes the gradient. */
  gradient(x: Float64Array, out: Float64Array): void;
}

/** @throws ArgumentError unless it is an integer >= `least` */
export function checkDimension(dimension: number, least: number): void {
  checkIntegerWithin(least, Number.POSITIVE_INFINITY, { dimension });
}

/**
 * How many points there are.
 *
 * @throws ArgumentError unless the numbers are whole points
 */
export function checkPoints(points: Float64Array, dimension: number): number {
  if (points.length % dimension !== 0)
    throw new ArgumentError(`points must have a multiple of ${dimension} numbers, got ${points.length}`);
  return points.length / dimension;
}

/** The objective of a test function, with values of many points at once. */
export function pointObjective(
  dimension: number,
  f: PointFunction,
): Required<Pick<HostObjective, "values">> & HostObjective {
  function value(x: Float64Array): number {
    checkPoint(x, dimension);
    return f.value(x, 0);
  }
  function gradient(x: Float64Array): Float64Array<ArrayBuffer> {
    checkPoint(x, dimension);
    const out = new Float64Array(dimension);
    f.gradient(x, out);
    return out;
  }
  return {
    dimension,
    value,
    gradient,
    valueAndGradient: (x) => ({ value: value(x), gradient: gradient(x) }),
    values(points) {
      const values = new Float64Array(checkPoints(points, dimension));
      for (let i = 0; i < values.length; i++) values[i] = f.value(points, i * dimension);
      return values;
    },
  };
}
