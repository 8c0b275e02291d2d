import { shown } from "./describe.ts";
import { ArgumentError } from "./errors.ts";

/** Values keyed by argument name, so that an error message can name the wrong one. */
export type Named = Readonly<Record<string, unknown>>;

/** @throws ArgumentError naming the first value that does not fit, and what is wanted */
export function checkEach(values: Named, wanted: string, fits: (value: unknown) => boolean): void {
  // Object.entries would allocate, and some of the methods that call this take only microseconds.
  for (const name in values)
    if (!fits(values[name])) throw new ArgumentError(`${name} must be ${wanted}, got ${shown(values[name])}`);
}

function each(values: Named, wanted: string, fits: (value: number) => boolean): void {
  checkEach(values, wanted, (value) => typeof value === "number" && fits(value));
}

/** @throws ArgumentError naming the first value that is not a finite number */
export function checkFinite(values: Named): void {
  each(values, "a finite number", Number.isFinite);
}

/** @throws ArgumentError naming the first value that is not a finite number > 0 */
export function checkPositive(values: Named): void {
  each(values, "a positive number", (value) => value > 0 && Number.isFinite(value));
}

/** @throws ArgumentError naming the first value that is not a finite number >= 0 */
export function checkNonNegative(values: Named): void {
  each(values, "a non-negative number", (value) => value >= 0 && Number.isFinite(value));
}

/** @throws ArgumentError naming the first value that is not a number >= 0; Infinity passes and means no limit */
export function checkLimit(values: Named): void {
  each(values, "a non-negative number or Infinity", (value) => value >= 0);
}

/** @throws ArgumentError naming the first value that is not a finite number >= `least` */
export function checkAtLeast(least: number, values: Named): void {
  each(values, `a number of at least ${least}`, (value) => value >= least && Number.isFinite(value));
}

/** An interval in mathematical notation: `"[0, 1)"` includes 0 and excludes 1. */
export type Interval = `${"[" | "("}${number}, ${number}${"]" | ")"}`;

/** @throws ArgumentError naming the first value outside the interval */
export function checkWithin(interval: Interval, values: Named): void {
  const [low, high] = interval.slice(1, -1).split(", ").map(Number);
  const closedBelow = interval.startsWith("[");
  const closedAbove = interval.endsWith("]");
  each(
    values,
    `in ${interval}`,
    (value) => (closedBelow ? value >= low : value > low) && (closedAbove ? value <= high : value < high),
  );
}

/** @throws ArgumentError naming the first value that is not an integer >= 1 */
export function checkPositiveInteger(values: Named): void {
  each(values, "a positive integer", (value) => Number.isSafeInteger(value) && value >= 1);
}

/** @throws ArgumentError naming the first value that is not an integer >= 0 */
export function checkNonNegativeInteger(values: Named): void {
  each(values, "a non-negative integer", (value) => Number.isSafeInteger(value) && value >= 0);
}

/** @throws ArgumentError naming the first value that is not an integer from `least` to `most` */
export function checkIntegerWithin(least: number, most: number, values: Named): void {
  const wanted = most === Number.POSITIVE_INFINITY ? `an integer of at least ${least}` : undefined;
  each(
    values,
    wanted ?? `an integer from ${least} to ${most}`,
    (value) => Number.isSafeInteger(value) && value >= least && value <= most,
  );
}
