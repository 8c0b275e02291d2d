import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkFinite, checkNonNegative, checkPositive } from "../../check/numbers.ts";
import { checkFunction, checkOneOf } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";

/** One time for all points, or one for each. */
export type Times = number | Float64Array;

/** A function of times and points, n x d to n x d: a score, or an estimate of the clean points. */
export type PointFunction = (times: Times, points: DenseMatrix) => DenseMatrix | Promise<DenseMatrix>;

/** A `PointFunction` that answers at once. */
export type ImmediatePointFunction = (times: Times, points: DenseMatrix) => DenseMatrix;

/**
 * A step backward in time with the score held, y <- factor y + shift + score s(t, y) + deviation Z; the terms without Z
 * solve the reverse-time equation exactly.
 */
export interface ReverseStep {
  readonly factor: number;
  readonly shift: number;
  readonly score: number;
  readonly deviation: number;
}

/**
 * A forward process with independent coordinates and affine drift, which turns data into noise:
 *
 *     dY = (rate(t) Y + drift(t)) dt + sqrt(diffusion(t)) dW,     Y_t | Y_0 ~ N(scale(t) Y_0 + shift(t), variance(t) I).
 *
 * Y is the point itself, or its logarithm for multiplicative noise (`space: "log"`).
 */
export interface ForwardProcess {
  readonly name: string;
  /** Whether Y is the point or its logarithm, coordinate by coordinate. */
  readonly space: "ambient" | "log";
  /** The window of times in which scores are learned and samples made: 0 < startTime < endTime. */
  readonly startTime: number;
  readonly endTime: number;
  rate(t: number): number;
  drift(t: number): number;
  diffusion(t: number): number;
  scale(t: number): number;
  shift(t: number): number;
  variance(t: number): number;
  /** The step from time `from` back to `to` < `from`. */
  reverseStep(from: number, to: number): ReverseStep;
}

/**
 * Checks the contract of a process, its functions at both ends of its window.
 *
 * @throws ArgumentError when an argument is no forward process, naming the member that it lacks or that gives no usable number
 */
export function checkProcess(process: ForwardProcess): void {
  if (typeof process !== "object" || process === null || typeof process.reverseStep !== "function")
    throw new ArgumentError(
      `process must be a forward process, such as variancePreservingProcess(), got ${shown(process)}`,
    );
  const { startTime, endTime, space } = process;
  checkOneOf(["ambient", "log"], { "process.space": space });
  checkTimeWindow(startTime, endTime, "process.");
  for (const name of ["rate", "drift", "diffusion", "scale", "shift", "variance"] as const)
    checkFunction({ [`process.${name}`]: process[name] });
  for (const t of [startTime, endTime]) {
    checkFinite({ "process.rate(t)": process.rate(t), "process.drift(t)": process.drift(t) });
    checkFinite({ "process.shift(t)": process.shift(t) });
    checkNonNegative({ "process.diffusion(t)": process.diffusion(t) });
    checkPositive({ "process.scale(t)": process.scale(t), "process.variance(t)": process.variance(t) });
  }
  const step = process.reverseStep(endTime, endTime - (endTime - startTime) / 1000);
  if (typeof step !== "object" || step === null)
    throw new ArgumentError(
      `process.reverseStep must return { factor, shift, score, deviation }, got ${shown(step)}`,
    );
  const { factor, shift, score, deviation } = step;
  checkFinite({ "reverseStep's factor": factor, "reverseStep's shift": shift, "reverseStep's score": score });
  checkNonNegative({ "reverseStep's deviation": deviation });
}

const isTime = (t: unknown) => typeof t === "number" && t > 0 && t < Number.POSITIVE_INFINITY;

/** @throws ArgumentError unless 0 < startTime < endTime, both finite */
export function checkTimeWindow(startTime: number, endTime: number, of = ""): void {
  if (!(isTime(startTime) && isTime(endTime) && startTime < endTime))
    throw new ArgumentError(
      `${of}startTime and ${of}endTime must satisfy 0 < startTime < endTime < Infinity, got ${shown(startTime)} and ${shown(endTime)}`,
    );
}

/**
 * Checks that times are in the process's window, to rounding.
 *
 * @throws ArgumentError naming the first that is not, or when an array does not have one for each point
 */
export function checkTimes(name: string, times: Times, process: ForwardProcess, points: number): void {
  const { startTime, endTime } = process;
  const slack = 1e-12 * endTime;
  const fits = (t: unknown) => typeof t === "number" && t >= startTime - slack && t <= endTime + slack;
  if (typeof times === "number") {
    if (!fits(times)) throw new ArgumentError(`${name} must be in [${startTime}, ${endTime}], got ${times}`);
    return;
  }
  if (!(times instanceof Float64Array) || times.length !== points)
    throw new ArgumentError(
      `${name} must be a number or a Float64Array of ${points} numbers, one for each point, got ${shown(times)}`,
    );
  const i = times.findIndex((t) => !fits(t));
  if (i >= 0)
    throw new ArgumentError(`${name} must be in [${startTime}, ${endTime}], got ${times[i]} at index ${i}`);
}

/** The time of point i. */
export const timeOf = (times: Times, i: number): number => (typeof times === "number" ? times : times[i]);
