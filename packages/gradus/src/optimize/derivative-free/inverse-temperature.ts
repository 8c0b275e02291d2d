import { ArgumentError } from "../../check/errors.ts";
import { checkAtLeast, checkPositive, checkWithin } from "../../check/numbers.ts";
import { checkGivenOptions, checkOptions } from "../../check/options.ts";
import { portableExp, portableLog } from "../../random/elementary.ts";
import { type Weighing, weigh } from "./consensus-point.ts";

/**
 * alpha >= 0, the same in every step (Infinity leaves the best particle alone), or a rule that gives it by the number of
 * steps made and the values of the particles to be weighed. Rules must depend on nothing else, so that runs resume.
 */
export type InverseTemperature = number | ((step: number, values: Float64Array) => number);

/**
 * alpha_k = min(start factor^k, most): CBXpy's rule, with its factor and limit.
 *
 * @throws ArgumentError unless start > 0, factor >= 1, most >= start, or for an unknown option
 */
export function growingInverseTemperature(options: {
  readonly start: number;
  readonly factor?: number;
  readonly most?: number;
}): (step: number) => number {
  checkGivenOptions("growingInverseTemperature", options, ["start", "factor", "most"]);
  const { start, factor = 1.05, most = 1e5 } = options;
  checkPositive({ start, most });
  checkAtLeast(1, { factor });
  if (most < start) throw new ArgumentError(`most must be at least start, ${start}, got ${most}`);
  const logarithms = { start: portableLog(start), factor: portableLog(factor) };
  return (step) =>
    step === 0 ? start : Math.min(most, portableExp(logarithms.start + step * logarithms.factor));
}

/**
 * alpha of a step.
 *
 * @throws ArgumentError when a rule gives a number that is negative or NaN
 */
export function inverseTemperatureAt(rule: InverseTemperature, step: number, values: Float64Array): number {
  const alpha = typeof rule === "number" ? rule : rule(step, values);
  if (!(alpha >= 0))
    throw new ArgumentError(
      `inverseTemperature must be a non-negative number or Infinity, got ${alpha} at step ${step}`,
    );
  return alpha;
}

/** Halvings of the interval of ln alpha: its length 23 shrinks below 1e-6. */
const HALVINGS = 25;

/**
 * The alpha at which the effective sample size (sum w)^2 / sum w^2 is the given fraction of the particles, found by
 * bisection of ln alpha; `least` (1e-5) or `most` (1e5) where no alpha between them does. Both are in units of 1/E: values that
 * differ by less than 1e-5 or more than 1e5 need others. The size falls as alpha grows.
 *
 * @throws ArgumentError unless fraction is in (0, 1), 0 < least < most, or for an unknown option
 */
export function effectiveSampleSizeRule(
  options: { readonly fraction?: number; readonly least?: number; readonly most?: number } = {},
): (step: number, values: Float64Array) => number {
  checkOptions("effectiveSampleSizeRule", options, ["fraction", "least", "most"]);
  const { fraction = 0.5, least = 1e-5, most = 1e5 } = options;
  checkWithin("(0, 1)", { fraction });
  checkPositive({ least, most });
  if (most <= least) throw new ArgumentError(`most must be larger than least, ${least}, got ${most}`);
  let weights = new Float64Array(0);
  const weighing: Weighing = { total: 0, squares: 0, least: 0, best: 0, dropped: 0 };
  return (_, values) => {
    if (weights.length !== values.length) weights = new Float64Array(values.length);
    const wanted = fraction * values.length;
    const sizeAt = (alpha: number): number => {
      weigh(values, alpha, weights, weighing);
      return (weighing.total * weighing.total) / weighing.squares;
    };
    if (!(sizeAt(least) > wanted)) return least;
    if (sizeAt(most) >= wanted) return most;
    let low = portableLog(least);
    let high = portableLog(most);
    for (let k = 0; k < HALVINGS; k++) {
      const middle = (low + high) / 2;
      if (sizeAt(portableExp(middle)) > wanted) low = middle;
      else high = middle;
    }
    return portableExp((low + high) / 2);
  };
}
