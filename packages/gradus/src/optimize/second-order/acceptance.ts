import { checkOneOf } from "../../check/options.ts";

/**
 * How a trial step is judged: by the decrease of the function, by the gradient at its end, or by the decrease where
 * rounding does not hide it and by the gradient where it does.
 */
export type Acceptance = "function" | "gradient" | "hybrid";

const acceptances: readonly string[] = ["function", "gradient", "hybrid"];
/** Differences of values up to this many roundings of the value tell nothing. */
const ROUNDINGS = 16;

/** @throws ArgumentError unless it is one of the three */
export function checkAcceptance(acceptance: Acceptance): void {
  checkOneOf(acceptances, { acceptance });
}

/** What the tests read. */
export interface Trial {
  readonly value: number;
  readonly trialValue: number;
  /** g(x+)^T (x - x+). */
  readonly slope: number;
  /** ||g(x+)||_*. */
  readonly trialGradientNorm: number;
  readonly lambda: number;
}

/** Equation (2): f(x) - f(x+) >= ||g+||_*^2 / (8 lambda). */
function functionTest({ value, trialValue, trialGradientNorm, lambda }: Trial): boolean {
  return value - trialValue >= (trialGradientNorm * trialGradientNorm) / (8 * lambda);
}

/** Equation (3): g+^T (x - x+) >= ||g+||_*^2 / (factor lambda), where the theory has the factor 2. */
export function gradientTest({ slope, trialGradientNorm, lambda }: Trial, factor: number): boolean {
  return slope >= (trialGradientNorm * trialGradientNorm) / (factor * lambda);
}

/**
 * Judges a trial step. `hybrid` relies on the gradient, with the factor 4, where the two values differ by no more
 * than 16 roundings and the noise given.
 *
 * @param valueNoise absolute noise of the values
 */
export function accepts(acceptance: Acceptance, trial: Trial, valueNoise: number): boolean {
  if (acceptance === "gradient") return gradientTest(trial, 2);
  if (functionTest(trial)) return true;
  if (acceptance === "function") return false;
  const hidden = ROUNDINGS * Number.EPSILON * Math.abs(trial.value) + valueNoise;
  return Math.abs(trial.value - trial.trialValue) <= hidden && gradientTest(trial, 4);
}
