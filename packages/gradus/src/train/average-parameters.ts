import { checkNonNegative, checkWithin } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { exponentialLessOne, minus, over, switched, times } from "./schedules/arithmetic.ts";
import { type Schedule, scheduleOf } from "./schedules/schedule.ts";

/**
 * A running average of the parameters: the weight w(t) of the parameters after step t = 1, 2, ... in
 * average = (1 - w) average + w parameters, where the average starts at the initial parameters.
 */
export type ParameterAveraging = Schedule;

export interface ExponentialAveragingOptions {
  /** The share of the old average that each step keeps. */
  readonly decay?: number;
  /** Leave the initial parameters out: the average of the parameters after steps 1 to t, with weights decay^(t - i). */
  readonly biasCorrection?: boolean;
}

/**
 * The exponential moving average of the parameters: w(t) = 1 - decay or, with bias correction,
 * (1 - decay) / (1 - decay^t), which is the average of Kingma and Ba (2015, section 7.2) without storing the
 * uncorrected one.
 *
 * @throws ArgumentError unless decay is in [0, 1)
 */
export function exponentialAveraging(options: ExponentialAveragingOptions = {}): ParameterAveraging {
  checkOptions("exponentialAveraging", options, ["decay", "biasCorrection"]);
  const { decay = 0.999, biasCorrection = true } = options;
  checkWithin("[0, 1)", { decay });
  if (!biasCorrection || decay === 0) return scheduleOf(() => 1 - decay);
  // 1 - decay^t = -expm1(t log decay), which does not cancel while t is small.
  return scheduleOf((t) => over(decay - 1, exponentialLessOne(times(t, Math.log(decay)))));
}

/**
 * The plain average of the parameters after steps start + 1 to t (Ruppert, 1988; Polyak and Juditsky, 1992):
 * w(t) = 1 / (t - start); up to then the parameters themselves.
 *
 * @throws ArgumentError unless start is finite and >= 0
 */
export function polyakAveraging(options: { readonly start?: number } = {}): ParameterAveraging {
  checkOptions("polyakAveraging", options, ["start"]);
  const { start = 0 } = options;
  checkNonNegative({ start });
  return scheduleOf((t) => {
    const steps = minus(t, start);
    return switched(steps, 1, 1, over(1, steps));
  });
}
