import { checkPositiveInteger } from "../../check/numbers.ts";

/**
 * Searches for a maximum of f on [0, ∞) with a fixed number of evaluations: starting at 0, steps double while f
 * increases, then shrink by a factor of 0.8 around the best point.
 * Source: the published code of Farhadkhani et al. 2023.
 *
 * @returns the best point evaluated
 * @throws ArgumentError unless evaluations is an integer >= 1
 */
export function maximizeOnHalfLine(f: (z: number) => number, evaluations: number): number {
  checkPositiveInteger({ evaluations });
  let best = 0;
  let largest = f(0);
  let left = evaluations - 1;
  let step = 1;
  let tried = 0;
  const gains = (z: number): boolean => {
    tried = z;
    left -= 1;
    const value = f(z);
    if (!(value > largest)) return false;
    best = z;
    largest = value;
    return true;
  };
  while (left > 0 && gains(best + step)) step *= 2;
  step *= 0.8;
  while (left > 0) {
    let next = tried < best ? tried + step : tried - step;
    while (next < 0) next = (next + tried) / 2;
    gains(next);
    step *= 0.8;
  }
  return best;
}
