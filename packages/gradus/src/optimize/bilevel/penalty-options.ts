import { checkNonNegative, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import type { MethodOptions } from "../../iterate/iterate.ts";
import { type StepSchedule, scheduleOf } from "./schedule.ts";

/** What both forms of the penalty method take. */
export interface PenaltyOptions<State> extends MethodOptions<State> {
  /** sigma_k > 0. */
  readonly sigma: StepSchedule;
  /** alpha_k > 0, of x. */
  readonly stepSize: StepSchedule;
  /** gamma_k > 0, of y and z; 1/(L_g + sigma L_f) at most for a deterministic problem. */
  readonly innerStepSize: StepSchedule;
  /** rho > 0: the inner problems have ||y - center||^2 / (2 rho) added; Infinity adds nothing. */
  readonly proxParameter?: number;
  /** b in (0, 1]: how far the centers move to the inner solutions. */
  readonly averaging?: number;
  /** Of the samples, where the problem is stochastic. */
  readonly seed?: number;
  /** Steps from one iterate to the next. */
  readonly stepsPerIterate?: number;
  /** Ends when the stationarity is at most this and the inner residual at most sigma times this; 0: never. */
  readonly tolerance?: number;
}

export const penaltyOptions = [
  "sigma",
  "stepSize",
  "innerStepSize",
  "proxParameter",
  "averaging",
  "seed",
  "stepsPerIterate",
  "tolerance",
  "resume",
  "signal",
] as const;

/**
 * Fills in what is left out; sigma is left to the method.
 *
 * @throws ArgumentError naming an option that is out of range
 */
export function checkPenaltyOptions<State>(options: Omit<PenaltyOptions<State>, "sigma">) {
  const {
    stepSize,
    innerStepSize,
    proxParameter = Number.POSITIVE_INFINITY,
    averaging = 1,
    seed = 0,
    stepsPerIterate = 1,
    tolerance = 0,
  } = options;
  if (proxParameter !== Number.POSITIVE_INFINITY) checkPositive({ proxParameter });
  checkPositiveInteger({ stepsPerIterate });
  checkNonNegative({ tolerance });
  scheduleOf("averaging", averaging, 1);
  return {
    stepSizeAt: scheduleOf("stepSize", stepSize),
    innerStepSizeAt: scheduleOf("innerStepSize", innerStepSize),
    inverseProx: 1 / proxParameter,
    averaging,
    seed,
    stepsPerIterate,
    tolerance,
  };
}
