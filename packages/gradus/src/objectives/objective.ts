import { firstNonFinite } from "../check/arrays.ts";
import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkPositiveInteger } from "../check/numbers.ts";
import type { DenseMatrix } from "../linalg/matrix.ts";
import type { HessianModel } from "./hessian-model.ts";

/** A result at once (host code) or later (a compiled graph). */
export type MaybePromise<T> = T | Promise<T>;

/** The value at a point and the gradient there, d numbers. */
export interface ValueAndGradient {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** Additions and multiplications. */
export interface HessianFlops {
  /** Of H(x). */
  readonly matrix: number;
  /** Of H(x) v. */
  readonly product: number;
}

/**
 * A function R^dimension -> R to be minimized, with what is known of its derivatives. Every call gets a point of
 * `dimension` numbers, leaves it as it is, and returns arrays of its own. A value may be infinite or NaN where the
 * function is: methods reject such a point where they try it, and refuse it at the start.
 */
export interface Objective {
  readonly dimension: number;
  value(x: Float64Array): MaybePromise<number>;
  gradient(x: Float64Array): MaybePromise<Float64Array>;
  valueAndGradient(x: Float64Array): MaybePromise<ValueAndGradient>;
  /** H(x) v. */
  hessianVectorProduct?(x: Float64Array, v: Float64Array): MaybePromise<Float64Array>;
  /** H(x), dimension x dimension. */
  hessian?(x: Float64Array): MaybePromise<DenseMatrix>;
  /** An estimate of the diagonal of H(x), by which conjugate gradients are preconditioned. */
  diagonalEstimate?(x: Float64Array): MaybePromise<Float64Array>;
  /** What H(x) and a product with it cost, where that is known: methods choose between them. */
  readonly hessianFlops?: HessianFlops;
  /** Cheaper or better-behaved matrices in place of H(x), by name. */
  readonly approximations?: Readonly<Record<string, (x: Float64Array) => MaybePromise<HessianModel>>>;
  /** The values at many points, given row by row: count x dimension numbers. */
  values?(points: Float64Array): MaybePromise<Float64Array>;
}

/** An objective that answers at once. */
export interface HostObjective extends Objective {
  value(x: Float64Array): number;
  gradient(x: Float64Array): Float64Array;
  valueAndGradient(x: Float64Array): ValueAndGradient;
  hessianVectorProduct?(x: Float64Array, v: Float64Array): Float64Array;
  hessian?(x: Float64Array): DenseMatrix;
  diagonalEstimate?(x: Float64Array): Float64Array;
  readonly approximations?: Readonly<Record<string, (x: Float64Array) => HessianModel>>;
  values?(points: Float64Array): Float64Array;
}

/** A host objective with both forms of its Hessian. */
export interface SmoothObjective extends HostObjective {
  hessianVectorProduct(x: Float64Array, v: Float64Array): Float64Array;
  hessian(x: Float64Array): DenseMatrix;
}

/** Continues with a result: at once where it is already there. */
export function whenReady<T, R>(
  result: MaybePromise<T>,
  next: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return result instanceof Promise ? result.then(next) : next(result);
}

/**
 * Checks a point or a direction.
 *
 * @throws ArgumentError naming the length, or the place of a number that is not finite
 */
export function checkPoint(x: Float64Array, dimension: number, name = "x"): void {
  if (x.length !== dimension)
    throw new ArgumentError(`${name} must have ${dimension} numbers, got ${x.length}`);
  const j = firstNonFinite(x);
  if (j >= 0) throw new ArgumentError(`${name} must be finite, got ${x[j]} at index ${j}`);
}

/**
 * Checks that an objective has what methods of descent call.
 *
 * @throws ArgumentError naming the function that is missing, also where there is no objective
 */
export function checkObjective(objective: Objective): void {
  for (const name of ["value", "gradient", "valueAndGradient"] as const) {
    const member = objective?.[name];
    if (typeof member !== "function")
      throw new ArgumentError(
        `objective must have a function ${name}, got ${shown(member)}; objectiveFromGraph derives it, and minimizeByValues needs values alone`,
      );
  }
  checkPositiveInteger({ dimension: objective.dimension });
}
