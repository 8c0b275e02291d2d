import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegative, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkBoolean, checkOptions } from "../../check/options.ts";
import type { HostObjective, MaybePromise, Objective } from "../../objectives/objective.ts";
import { type Search, searchAlong, type Trial } from "./along-line.ts";
import type { SearchResult, SearchStart } from "./contract.ts";
import { type Sample, safeguardedCubic } from "./cubic.ts";

export interface StrongWolfeOptions {
  /** The first step tried; 1 suits Newton's directions. */
  readonly initialStep?: number;
  /** c1: the share of the decrease that the slope promises. */
  readonly sufficientDecrease?: number;
  /** c2: the share of the slope that may be left; 0.1 suits conjugate gradients. */
  readonly curvature?: number;
  /** The longest step tried, 1e10 by default. */
  readonly maximalStep?: number;
  /** Whether to take the longest step where the value still falls there, as methods with bounds do. */
  readonly acceptMaximalStep?: boolean;
  readonly maxTrials?: number;
  /** How much more than the condition allows a value may be, as a share of |phi(0)|: for rounding. */
  readonly valueTolerance?: number;
}

function check({
  initialStep = 1,
  sufficientDecrease = 1e-4,
  curvature = 0.9,
  maximalStep = 1e10,
  acceptMaximalStep = false,
  maxTrials = 40,
  valueTolerance = 0,
}: StrongWolfeOptions): Required<StrongWolfeOptions> {
  if (!(sufficientDecrease > 0 && sufficientDecrease < curvature && curvature < 1))
    throw new ArgumentError(
      `sufficientDecrease and curvature must be 0 < sufficientDecrease < curvature < 1, got ${sufficientDecrease} and ${curvature}`,
    );
  checkPositive({ initialStep, maximalStep });
  checkBoolean({ acceptMaximalStep });
  if (!(initialStep <= maximalStep))
    throw new ArgumentError(`initialStep must be at most maximalStep, got ${initialStep} and ${maximalStep}`);
  checkPositiveInteger({ maxTrials });
  checkNonNegative({ valueTolerance });
  return {
    initialStep,
    sufficientDecrease,
    curvature,
    maximalStep,
    acceptMaximalStep,
    maxTrials,
    valueTolerance,
  };
}

/** Moré and Thuente (1994) lengthen steps by at most this. */
const GROWTH = 4;

/** And want two trials to shorten an interval to this share. */
const SHORTENING = 0.66;

/** Values that differ by less, as a share of their size, are compared by their slopes: these have more digits there. */
const ROUNDING = 4 * Number.EPSILON;

/** Whether the value at `b` is above that at `a` by more than rounding. */
function rises(a: Sample, b: Sample): boolean {
  return b.value - a.value > ROUNDING * Math.max(Math.abs(a.value), Math.abs(b.value));
}

/** Algorithms 3.5 (up to the bracket) and 3.6 (inside it). */
function* wolfeSteps(start: Trial, options: Required<StrongWolfeOptions>): Search {
  const { initialStep, sufficientDecrease, curvature, maximalStep, maxTrials, valueTolerance } = options;
  const highest = start.value + valueTolerance * Math.abs(start.value);
  const flat = -curvature * start.slope;
  const tooHigh = ({ stepSize, value }: Sample) =>
    !(Number.isFinite(value) && value <= highest + sufficientDecrease * stepSize * start.slope);
  let trials = 0;

  let before: Sample = { stepSize: 0, ...start };
  let low: Sample | undefined;
  let high: Sample | undefined;
  let t = initialStep;
  while (!low || !high) {
    if (trials++ >= maxTrials) return { failure: `no bracket within ${maxTrials} trials, up to step ${t}` };
    const here: Sample = { stepSize: t, ...(yield t) };
    if (tooHigh(here) || (before.stepSize > 0 && here.value >= before.value)) [low, high] = [before, here];
    else if (Math.abs(here.slope) <= flat) return "accept";
    else if (here.slope >= 0) [low, high] = [here, before];
    else if (t >= maximalStep)
      return options.acceptMaximalStep
        ? "accept"
        : { failure: `the value still falls at the longest step, ${maximalStep}`, unbounded: true };
    before = here;
    t = Math.min(GROWTH * t, maximalStep);
  }

  const lengths = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  while (trials++ < maxTrials) {
    const length = Math.abs(high.stepSize - low.stepSize);
    // Interpolation that has not shortened the interval enough in two trials gives way to bisection.
    const slow = length > SHORTENING * lengths[0];
    lengths.push(length);
    lengths.shift();
    t = slow ? (low.stepSize + high.stepSize) / 2 : safeguardedCubic(low, high);
    if (t === low.stepSize || t === high.stepSize) break;
    const here: Sample = { stepSize: t, ...(yield t) };
    if (tooHigh(here) || rises(low, here)) high = here;
    else {
      if (Math.abs(here.slope) <= flat) return "accept";
      if (here.slope * (high.stepSize - low.stepSize) >= 0) high = low;
      low = here;
    }
  }
  return {
    failure: `no step between ${low.stepSize} and ${high.stepSize} meets the conditions, after ${trials - 1} trials`,
  };
}

/**
 * A step with the strong Wolfe conditions f(x + t d) <= f(x) + c1 t g^T d and |phi'(t)| <= c2 |g^T d|: longer steps
 * until an interval must hold one, then safeguarded cubic interpolation inside it (Nocedal and Wright, 2006,
 * Algorithms 3.5 and 3.6). Trials where f is not finite count as too long. One value and one gradient per trial; the
 * result has the gradient.
 *
 * @returns the step or the failure, at once when the objective answers at once
 * @throws ArgumentError naming an option that is unknown or out of range, or a vector of the wrong length
 */
export function strongWolfe(
  objective: HostObjective,
  start: SearchStart,
  options?: StrongWolfeOptions,
): SearchResult;
export function strongWolfe(
  objective: Objective,
  start: SearchStart,
  options?: StrongWolfeOptions,
): MaybePromise<SearchResult>;
export function strongWolfe(
  objective: Objective,
  start: SearchStart,
  options: StrongWolfeOptions = {},
): MaybePromise<SearchResult> {
  checkOptions("strongWolfe", options, [
    "initialStep",
    "sufficientDecrease",
    "curvature",
    "maximalStep",
    "acceptMaximalStep",
    "maxTrials",
    "valueTolerance",
  ]);
  const checked = check(options);
  return searchAlong(objective, start, { begin: (phi) => wolfeSteps(phi, checked), slopes: true });
}
