import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositive } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { BilevelFigures } from "./contract.ts";
import { type StepSchedule, scheduleOf } from "./schedule.ts";

/** A penalty parameter that is halved after every step whose stationarity is below it. */
export interface HalvingSigma {
  /** sigma of the first step, > 0. */
  readonly start: number;
  /**
   * sigma is never smaller than this, > 0. Without it the tolerance, or 1e-8 where that is 0: below it G has lost half of
   * its digits.
   */
  readonly least?: number;
}

/** How the penalty parameter of the next step follows from the last one. */
export interface SigmaRule {
  /** sigma of a step, from the figures of the step before. */
  next(iteration: number, last: Pick<BilevelFigures, "sigma" | "stationarity">): number;
  /** Whether a stationary point for this sigma ends the run: one that can still be halved does not. */
  isFinal(sigma: number): boolean;
}

const SMALLEST = 1e-8;

/**
 * The rule of a schedule of sigma.
 *
 * @throws ArgumentError when sigma is out of range, `least` exceeds `start`, or sigma halves in a stochastic problem
 */
export function sigmaRule(
  sigma: StepSchedule | HalvingSigma,
  { tolerance, stochastic }: { readonly tolerance: number; readonly stochastic: boolean },
): SigmaRule {
  if (typeof sigma !== "object" || sigma === null) {
    const sigmaAt = scheduleOf("sigma", sigma);
    return { next: sigmaAt, isFinal: () => true };
  }
  checkOptions("sigma", sigma, ["start", "least"]);
  const { start, least = Math.min(start, tolerance || SMALLEST) } = sigma;
  checkPositive({ "sigma.start": start, "sigma.least": least });
  if (least > start)
    throw new ArgumentError(`sigma.least must be at most sigma.start, ${start}, got ${least}`);
  if (stochastic)
    throw new ArgumentError(
      `sigma must be a number or a function of the iteration for a stochastic problem, whose residuals are noisy, got ${shown(sigma)}`,
    );
  return {
    next(_, last) {
      if (Number.isNaN(last.sigma)) return start;
      return last.stationarity < last.sigma ? Math.max(last.sigma / 2, least) : last.sigma;
    },
    isFinal: (at) => at <= least,
  };
}
