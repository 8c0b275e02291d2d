import { ArgumentError } from "../../check/errors.ts";
import { gaussLegendre } from "../../statistics/quadrature.ts";

/** A number, or a smooth function of time. */
export type TimeFunction = number | ((t: number) => number);

/** Nodes on the whole of [0, t]: exact for polynomials of degree 63. */
const ORDER = 32;
const MOST_KNOWN = 4096;

/** The value at a time. */
export function valueAtTime(f: TimeFunction, t: number): number {
  return typeof f === "function" ? f(t) : f;
}

/**
 * The integral of a function from 0 to t, which remembers times.
 *
 * @param fits what a value must satisfy, in words and as a test
 * @throws ArgumentError naming the function and the time, where a value does not
 */
export function integralOf(
  name: string,
  f: TimeFunction,
  fits: readonly [wanted: string, test: (value: number) => boolean] = ["a finite number", Number.isFinite],
): (t: number) => number {
  const [wanted, test] = fits;
  const checked = (value: number, where: string) => {
    if (typeof value !== "number" || !test(value))
      throw new ArgumentError(`${name} must be ${wanted}${where}, got ${value}`);
    return value;
  };
  if (typeof f !== "function") {
    const value = checked(f, "");
    return (t) => value * t;
  }
  const { nodes, weights } = gaussLegendre(ORDER);
  const known = new Map<number, number>();
  return (t) => {
    const before = known.get(t);
    if (before !== undefined) return before;
    let sum = 0;
    for (let k = 0; k < ORDER; k++) {
      const at = (t / 2) * (1 + nodes[k]);
      sum += weights[k] * checked(f(at), ` at time ${at}`);
    }
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(t, (t / 2) * sum);
    return (t / 2) * sum;
  };
}

/** What a speed or a volatility must be. */
export const POSITIVE = [
  "a positive number",
  (value: number) => value > 0 && value < Number.POSITIVE_INFINITY,
] as const;
