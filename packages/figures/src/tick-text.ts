import { formatDigits } from "@gradus/papers";

/** `formatFigure` shows this many. */
const USUAL_DIGITS = 4;
/** Ticks have no more. */
const MOST_DIGITS = 12;

/** Significant digits that tell numbers `step` apart from each other: four, or more where an axis covers a short interval. */
export function tickDigits(largest: number, step: number): number {
  // one more, which stands beside an exponent
  const digits = Math.floor(Math.log10(largest)) - Math.floor(Math.log10(step)) + 2;
  return digits - 1 > USUAL_DIGITS && Number.isFinite(digits) ? Math.min(digits, MOST_DIGITS) : USUAL_DIGITS;
}

/** The labels of a linear axis of about `count` ticks, which differ from each other. */
export function tickText([low, high]: readonly [number, number], count: number): (value: number) => string {
  // Plot may make twice as many ticks
  const digits = tickDigits(Math.max(Math.abs(low), Math.abs(high)), (high - low) / (2 * count));
  return (value) => formatDigits(value, digits);
}
