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

/** Where the functions of a process are compared with each other, as shares of its window. */
const COMPARED = [0.21, 0.52, 0.83];
/** The step of the comparison, of the window, and how far a slope may be off. */
const COMPARED_STEP = 1e-4;
const COMPARED_TOLERANCE = 0.02;

/**
 * Checks that the functions of a process belong together: the moments follow its equation, and so do short steps back.
 *
 * @throws ArgumentError naming the first that does not fit the rate, the drift and the diffusion, and where
 */
function checkConsistent(process: ForwardProcess): void {
  const { startTime, endTime } = process;
  const window = endTime - startTime;
  const h = COMPARED_STEP * window;
  for (const share of COMPARED) {
    const t = startTime + share * window;
    const [rate, drift, diffusion] = [process.rate(t), process.drift(t), process.diffusion(t)];
    const [shift, variance] = [process.shift(t), process.variance(t)];
    const slope = (f: (time: number) => number) => (f(t + h) - f(t - h)) / (2 * h);
    const back = process.reverseStep(t + h, t - h);
    const spread = Math.sqrt(variance);
    /** What is compared, how fast it changes, how fast it should, and what is large for it. */
    const comparisons: readonly [what: string, given: number, expected: number, unit: number][] = [
      ["log scale(t) must have the slope rate(t)", slope((time) => Math.log(process.scale(time))), rate, 1],
      [
        "shift(t) must have the slope rate(t) shift(t) + drift(t)",
        slope((time) => process.shift(time)),
        rate * shift + drift,
        Math.abs(shift) + spread,
      ],
      [
        "variance(t) must have the slope 2 rate(t) variance(t) + diffusion(t)",
        slope((time) => process.variance(time)),
        2 * rate * variance + diffusion,
        variance,
      ],
      [
        "the log of reverseStep's factor must be -rate(t) times the step",
        Math.log(back.factor) / (2 * h),
        -rate,
        1,
      ],
      ["reverseStep's shift must be -drift(t) times the step", back.shift / (2 * h), -drift, spread],
      ["reverseStep's score must be diffusion(t) times the step", back.score / (2 * h), diffusion, variance],
      [
        "reverseStep's squared deviation must be diffusion(t) times the step",
        back.deviation ** 2 / (2 * h),
        diffusion,
        variance,
      ],
    ];
    for (const [what, given, expected, unit] of comparisons)
      if (
        !(
          Math.abs(given - expected) <=
          COMPARED_TOLERANCE * (Math.abs(given) + Math.abs(expected) + unit / window)
        )
      )
        throw new ArgumentError(
          `process: ${what}; at time ${Number(t.toPrecision(4))} it changes at ${given.toPrecision(4)}, expected ${expected.toPrecision(4)}`,
        );
  }
}

/**
 * Checks the contract of a process: its functions at both ends of its window, and within it that they belong together.
 *
 * @throws ArgumentError when an argument is no forward process, naming the member that it lacks, that gives no usable number
 *   or that does not fit the others
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
  checkConsistent(process);
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
