import { areFinite } from "../../check/arrays.ts";
import { ConvergenceError } from "../../check/errors.ts";
import type { LinearOperator } from "../operator/contract.ts";
import { type LinearSystemOptions, residualThreshold } from "./linear-system.ts";

/** Sizes of b and x0 whose squares a method can compare with each other. */
const [SMALLEST, LARGEST] = [2 ** -300, 2 ** 300];

/**
 * The power of two by which a method divides b and x0 and multiplies its solution, so that squares neither overflow nor
 * underflow: 1 for b and x0 of moderate size.
 */
export function systemScale(b: Float64Array, x0: Float64Array | undefined): number {
  let largest = 0;
  for (const vector of [b, x0 ?? b])
    for (let i = 0; i < vector.length; i++) largest = Math.max(largest, Math.abs(vector[i]));
  let scale = 1;
  // what is not finite is refused by the method
  if (!(largest > LARGEST && largest < Number.POSITIVE_INFINITY) && !(largest > 0 && largest < SMALLEST))
    return scale;
  while (largest / scale >= 2) scale *= 2;
  while (largest / scale < 1) scale /= 2;
  return scale;
}

/** A vector, or a limit, in units of the scale. */
export const inUnits = (vector: Float64Array, scale: number) =>
  scale === 1 ? vector : vector.map((value) => value / scale);

/** A system in units of its scale. */
interface SystemInUnits {
  readonly scale: number;
  readonly right: Float64Array;
  readonly x0: Float64Array | undefined;
  /** The residual norm at which a method ends. */
  readonly threshold: number;
}

/**
 * Checks a system and its options, and divides b, x0 and the absolute tolerance by the scale.
 *
 * @throws ArgumentError, DataError naming what does not fit
 */
export function systemInUnits<State>(
  A: LinearOperator,
  b: Float64Array,
  options: LinearSystemOptions<State>,
): SystemInUnits {
  const scale = systemScale(b, options.x0);
  const right = inUnits(b, scale);
  const x0 = options.x0 && inUnits(options.x0, scale);
  const absoluteTolerance = options.absoluteTolerance && options.absoluteTolerance / scale;
  return { scale, right, x0, threshold: residualThreshold(A, right, { ...options, x0, absoluteTolerance }) };
}

/**
 * Checks that x, in units of the scale, is within the range of doubles; with a scale of at most 1 it is where A x is.
 *
 * @throws ConvergenceError
 */
export function checkRepresentable(x: Float64Array, scale: number, iteration: number): void {
  if (scale > 1) checkInRange(x, scale, iteration);
}

/**
 * Checks that x, in units of the scale, is within the range of doubles.
 *
 * @throws ConvergenceError
 */
export function checkInRange(x: Float64Array, scale: number, iteration: number): void {
  if (!areFinite(inUnits(x, 1 / scale)))
    throw new ConvergenceError(
      `x exceeds the largest double, 1.8e308, at iteration ${iteration}: solve for b in a larger unit`,
    );
}
