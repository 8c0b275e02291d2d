import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegative, checkPositive, checkPositiveInteger, checkWithin } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { HostObjective, MaybePromise, Objective } from "../../objectives/objective.ts";
import { type Search, searchAlong, type Trial } from "./along-line.ts";
import type { SearchResult, SearchStart } from "./contract.ts";

export interface ArmijoOptions {
  /** The first step tried. */
  readonly initialStep?: number;
  /** No step above this is tried: `initialStep` is at most this. */
  readonly maximalStep?: number;
  /** The share c of the decrease that the slope promises. */
  readonly sufficientDecrease?: number;
  /** What a step is multiplied by when it is rejected. */
  readonly shrink?: number;
  /** No step below this is tried. */
  readonly minimalStep?: number;
  readonly maxTrials?: number;
  /** How much more than the condition allows a value may be, as a share of |phi(0)|: for rounding. */
  readonly valueTolerance?: number;
}

/** The names of the options of Armijo's backtracking. */
export const armijoOptions = [
  "initialStep",
  "maximalStep",
  "sufficientDecrease",
  "shrink",
  "minimalStep",
  "maxTrials",
  "valueTolerance",
] as const satisfies readonly (keyof ArmijoOptions)[];

/** @throws ArgumentError naming the option, what it got and what it wanted */
export function checkArmijo({
  initialStep = 1,
  maximalStep = Number.POSITIVE_INFINITY,
  sufficientDecrease = 1e-4,
  shrink = 0.5,
  minimalStep = 0,
  maxTrials = 100,
  valueTolerance = 0,
}: ArmijoOptions): Required<ArmijoOptions> {
  checkWithin("(0, 1)", { sufficientDecrease, shrink });
  checkPositive({ initialStep });
  if (!(maximalStep >= initialStep))
    throw new ArgumentError(`maximalStep must be at least initialStep ${initialStep}, got ${maximalStep}`);
  checkNonNegative({ minimalStep, valueTolerance });
  checkPositiveInteger({ maxTrials });
  return { initialStep, maximalStep, sufficientDecrease, shrink, minimalStep, maxTrials, valueTolerance };
}

/** Armijo's backtracking as a coroutine on the real line, for methods whose merit function is not an `Objective`. */
export function* armijoTrials(start: Trial, options: Required<ArmijoOptions>): Search {
  const { initialStep, sufficientDecrease, shrink, minimalStep, maxTrials, valueTolerance } = options;
  const highest = start.value + valueTolerance * Math.abs(start.value);
  let t = initialStep;
  for (let trial = 0; trial < maxTrials && t >= minimalStep; trial++) {
    const { value } = yield t;
    if (Number.isFinite(value) && value <= highest + sufficientDecrease * t * start.slope) return "accept";
    t *= shrink;
  }
  return { failure: `no step from ${initialStep} down to ${t / shrink} decreases the value sufficiently` };
}

/**
 * Backtracking: the first of initialStep, shrink initialStep, shrink^2 initialStep, ... with
 * f(x + t d) <= f(x) + c t g^T d (Armijo, 1966; Nocedal and Wright, 2006, Algorithm 3.1). Trials where f is not finite
 * are rejected. One value per trial, no gradients.
 *
 * @returns the step or the failure, at once when the objective answers at once
 * @throws ArgumentError naming an option that is unknown or out of range, or a vector of the wrong length
 */
export function armijo(objective: HostObjective, start: SearchStart, options?: ArmijoOptions): SearchResult;
export function armijo(
  objective: Objective,
  start: SearchStart,
  options?: ArmijoOptions,
): MaybePromise<SearchResult>;
export function armijo(
  objective: Objective,
  start: SearchStart,
  options: ArmijoOptions = {},
): MaybePromise<SearchResult> {
  checkOptions("armijo", options, armijoOptions);
  const checked = checkArmijo(options);
  return searchAlong(objective, start, { begin: (phi) => armijoTrials(phi, checked), slopes: false });
}
