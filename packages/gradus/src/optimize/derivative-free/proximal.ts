import { ArgumentError, DataError } from "../../check/errors.ts";
import { checkFinite, checkPositive } from "../../check/numbers.ts";
import { checkFunction } from "../../check/options.ts";

/** A function of one variable. */
export type Univariate = (y: number) => number;

const GOLDEN = (3 - Math.sqrt(5)) / 2;
/** Doublings of the bracket: from 1 they go beyond 10^90. */
const MOST_DOUBLINGS = 300;
const MOST_ITERATIONS = 200;

/** Three points, the middle one the lowest. */
interface Bracket {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Goes downhill from x with doubled steps until the function rises. */
function bracketed(f: Univariate, x: number, step: number): Bracket {
  const value = f(x);
  const right = f(x + step);
  if (right >= value && f(x - step) >= value) return { low: x - step, middle: x, high: x + step };
  let direction = right < value ? step : -step;
  let [previous, current] = [x, x + direction];
  let lowest = f(current);
  for (let k = 0; k < MOST_DOUBLINGS; k++) {
    direction *= 2;
    const next = current + direction;
    const ahead = f(next);
    if (ahead >= lowest)
      return { low: Math.min(previous, next), middle: current, high: Math.max(previous, next) };
    [previous, current, lowest] = [current, next, ahead];
  }
  throw new DataError(
    `f(y) + (y - x)^2 / (2 stepSize) must be bounded below, got ${lowest} at y = ${current}`,
  );
}

/** Brent's minimizer without derivatives: parabolas where they help, golden sections else (Brent 1973, chapter 5). */
function brent(f: Univariate, { low, middle, high }: Bracket): number {
  let [a, b] = [low, high];
  let [x, w, v] = [middle, middle, middle];
  let fx = f(x);
  let [fw, fv] = [fx, fx];
  let [last, beforeLast] = [0, 0];
  for (let k = 0; k < MOST_ITERATIONS; k++) {
    const center = (a + b) / 2;
    const tolerance = 1e-11 * Math.abs(x) + 1e-14;
    if (Math.abs(x - center) <= 2 * tolerance - (b - a) / 2) break;
    const r = (x - w) * (fx - fv);
    const q = (x - v) * (fx - fw);
    const numerator = (x - v) * q - (x - w) * r;
    const denominator = 2 * (q - r);
    let step = denominator === 0 ? Number.NaN : -numerator / denominator;
    const parabolic =
      Math.abs(step) < Math.abs(beforeLast) / 2 && x + step > a + tolerance && x + step < b - tolerance;
    beforeLast = last;
    if (!parabolic) {
      beforeLast = x < center ? b - x : a - x;
      step = GOLDEN * beforeLast;
    }
    last = step;
    const u = x + (Math.abs(step) >= tolerance ? step : Math.sign(step) * tolerance);
    const fu = f(u);
    if (fu <= fx) {
      if (u < x) b = x;
      else a = x;
      [v, fv, w, fw, x, fx] = [w, fw, x, fx, u, fu];
      continue;
    }
    if (u < x) a = u;
    else b = u;
    if (fu <= fw || w === x) [v, fv, w, fw] = [w, fw, u, fu];
    else if (fu <= fv || v === x || v === w) [v, fv] = [u, fu];
  }
  return x;
}

/**
 * The proximal point argmin_y f(y) + (y - x)^2 / (2 tau) of a function of one variable, by bracketing and Brent's method:
 * to about 1e-8 where f is smooth, since only values are used, and closer at a kink; never closer than 1e-14 in the units
 * of x. That sum must be unimodal, as it is for convex f.
 *
 * @param stepSize tau > 0
 * @throws ArgumentError unless f is a function, x finite and stepSize > 0
 * @throws DataError when f is NaN on the way or the sum is unbounded below
 */
export function proximal(f: Univariate, x: number, stepSize: number): number {
  checkFunction({ f });
  checkFinite({ x });
  checkPositive({ stepSize });
  const raised: Univariate = (y) => {
    const value = f(y);
    if (typeof value !== "number") throw new ArgumentError(`f must return a number, got ${typeof value}`);
    if (Number.isNaN(value)) throw new DataError(`f must not be NaN, got it at y = ${y}`);
    return value + ((y - x) * (y - x)) / (2 * stepSize);
  };
  return brent(raised, bracketed(raised, x, Math.max(1e-3, Math.abs(x)) / 8));
}
