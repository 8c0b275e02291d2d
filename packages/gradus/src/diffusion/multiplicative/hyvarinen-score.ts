import { ArgumentError } from "../../check/errors.ts";
import { checkFinite, checkPositive } from "../../check/numbers.ts";
import { checkTimes, type ForwardProcess } from "../processes/contract.ts";

/** @throws ArgumentError unless the process is multiplicative and the time in its window */
function checkMultiplicative(process: ForwardProcess, t: number): void {
  if (process.space !== "log")
    throw new ArgumentError(`process must have multiplicative noise, got the ${process.name} process`);
  checkTimes("t", t, process, 1);
}

/**
 * The Hyvarinen score h = x d log p(x | x_0) / dx of a multiplicative process given the clean point, for one coordinate:
 *
 *     h = -1 - (log x - scale log x_0 - shift) / variance.
 *
 * Source: Hyvarinen 2007, "Some extensions of score matching", section 3; the law is log-normal.
 *
 * @throws ArgumentError unless x and clean are positive and t is in the window of a multiplicative process
 */
export function conditionalHyvarinenScore(
  process: ForwardProcess,
  { x, clean, t }: { readonly x: number; readonly clean: number; readonly t: number },
): number {
  checkMultiplicative(process, t);
  checkPositive({ x, clean });
  const { scale, shift, variance } = process;
  return -1 - (Math.log(x) - scale(t) * Math.log(clean) - shift(t)) / variance(t);
}

/**
 * Tweedie's estimate of the clean point under multiplicative noise, exp(E[log X_0 | X_t = x]) for one coordinate:
 *
 *     exp( (log x - shift + variance (h + 1)) / scale ).
 *
 * @throws ArgumentError unless x is positive, h finite, and t in the window of a multiplicative process
 */
export function multiplicativeTweedie(
  process: ForwardProcess,
  { x, h, t }: { readonly x: number; readonly h: number; readonly t: number },
): number {
  checkMultiplicative(process, t);
  checkPositive({ x });
  checkFinite({ h });
  const { scale, shift, variance } = process;
  return Math.exp((Math.log(x) - shift(t) + variance(t) * (h + 1)) / scale(t));
}
