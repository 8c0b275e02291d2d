import { shown } from "../../check/describe.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkFunction } from "../../check/options.ts";
import { type MaybePromise, whenReady } from "../../objectives/objective.ts";

/**
 * What the methods of this module minimize: a function R^dimension -> R of which values are known, many points at a time.
 * Every objective of `gradus/objectives` is one. A value that is NaN or +Infinity says that the function is not defined
 * there; its point has no weight.
 */
export interface BatchObjective {
  readonly dimension: number;
  /**
   * The values at many points, given row by row: count x dimension numbers, not to be modified and valid until the answer
   * is given. `step` is the iteration that asks, from which an objective on random data may choose its batch.
   */
  values?(points: Float64Array, step: number): MaybePromise<Float64Array>;
  /** The value at one point, where there is no `values`. */
  value?(x: Float64Array): MaybePromise<number>;
  /** The gradient, for gradient drift and Langevin dynamics; without it they take central differences. */
  gradient?(x: Float64Array): MaybePromise<Float64Array>;
}

/**
 * The objective of a function that takes an array of points and answers with as many values, at once or later.
 *
 * @param f points of `dimension` numbers each, to values
 * @throws ArgumentError unless dimension is an integer >= 1 and f a function; from the methods, when there are not as many
 * values as points
 */
export function objectiveFromFunction(
  dimension: number,
  f: (points: readonly Float64Array[], step: number) => MaybePromise<ArrayLike<number>>,
): BatchObjective & Required<Pick<BatchObjective, "values">> {
  checkPositiveInteger({ dimension });
  checkFunction({ f });
  return {
    dimension,
    values(points, step) {
      const rows = Array.from({ length: points.length / dimension }, (_, i) =>
        points.slice(i * dimension, (i + 1) * dimension),
      );
      return whenReady(f(rows, step), (values) =>
        values instanceof Float64Array ? values : Float64Array.from(values),
      );
    },
  };
}

/** The values at count points; checked for their number and for -Infinity. */
export type Evaluate = (points: Float64Array, step: number) => MaybePromise<Float64Array>;

/** A point as an error shows it: its first six coordinates. */
export function shownPoint(points: Float64Array, at: number, dimension: number): string {
  const shownNumbers = Array.from(points.subarray(at, at + Math.min(dimension, 6)), (x) =>
    String(Number(x.toPrecision(6))),
  );
  return `[${shownNumbers.join(", ")}${dimension > 6 ? ", ..." : ""}]`;
}

/**
 * What asks an objective for values.
 *
 * @throws ArgumentError when the objective has neither `values` nor `value`, or its dimension is not an integer >= 1; from
 * the function, when there are not as many values as points
 * @throws DataError from the function, when a value is -Infinity
 */
export function evaluator(objective: BatchObjective): Evaluate {
  if (typeof objective !== "object" || objective === null)
    throw new ArgumentError(
      `objective must be an object with dimension, and value or values, got ${shown(objective)}`,
    );
  const { dimension } = objective;
  checkPositiveInteger({ dimension });
  if (objective.values === undefined && objective.value === undefined)
    throw new ArgumentError(`objective must have a function values or value, got ${shown(objective)}`);

  function checked(points: Float64Array, values: Float64Array): Float64Array {
    const count = points.length / dimension;
    if (!(values instanceof Float64Array) || values.length !== count)
      throw new ArgumentError(
        `objective.values must return a Float64Array of ${count} numbers for ${count} points, got ${shown(values)}`,
      );
    for (let i = 0; i < count; i++)
      if (values[i] === Number.NEGATIVE_INFINITY)
        throw new DataError(
          `the objective must be bounded below, got -Infinity at ${shownPoint(points, i * dimension, dimension)}`,
        );
    return values;
  }

  function oneByOne(points: Float64Array): MaybePromise<Float64Array> {
    const results = Array.from({ length: points.length / dimension }, (_, i) =>
      objective.value?.(points.slice(i * dimension, (i + 1) * dimension)),
    );
    return results.some((result) => result instanceof Promise)
      ? Promise.all(results).then((values) => Float64Array.from(values, Number))
      : Float64Array.from(results, Number);
  }

  return (points, step) => {
    const result = objective.values ? objective.values(points, step) : oneByOne(points);
    return result instanceof Promise
      ? result.then((values) => checked(points, values))
      : checked(points, result);
  };
}

/** Gradients at many points, and how many evaluations they take. */
export interface GradientSource {
  /** count x dimension numbers. */
  at(points: Float64Array, step: number): MaybePromise<Float64Array>;
  /** Values asked for at a point: 2 dimension for central differences, 0 for an objective's own gradient. */
  readonly evaluationsPerPoint: number;
}

/** The gradients of the objective's own function, or central differences [E(x + h e_j) - E(x - h e_j)] / (2h). */
export function gradientSource(
  objective: BatchObjective,
  evaluate: Evaluate,
  differenceStep: number,
): GradientSource {
  const { dimension } = objective;
  if (objective.gradient) {
    const gather = (rows: readonly Float64Array[]) => {
      const all = new Float64Array(rows.length * dimension);
      rows.forEach((row, i) => {
        all.set(row, i * dimension);
      });
      return all;
    };
    return {
      evaluationsPerPoint: 0,
      at(points) {
        const rows: Float64Array[] = [];
        const waiting: Promise<Float64Array>[] = [];
        for (let at = 0; at < points.length; at += dimension) {
          const row = objective.gradient?.(points.slice(at, at + dimension));
          if (row instanceof Promise) waiting.push(row);
          else if (row) rows.push(row);
        }
        return waiting.length > 0 ? Promise.all(waiting).then(gather) : gather(rows);
      },
    };
  }
  return {
    evaluationsPerPoint: 2 * dimension,
    at(points, step) {
      const shifted = new Float64Array(points.length * 2 * dimension);
      let at = 0;
      for (let from = 0; from < points.length; from += dimension)
        for (let j = 0; j < dimension; j++)
          for (const sign of [1, -1]) {
            for (let k = 0; k < dimension; k++) shifted[at + k] = points[from + k];
            shifted[at + j] += sign * differenceStep;
            at += dimension;
          }
      return whenReady(evaluate(shifted, step), (values) =>
        Float64Array.from(points, (_, k) => (values[2 * k] - values[2 * k + 1]) / (2 * differenceStep)),
      );
    },
  };
}
