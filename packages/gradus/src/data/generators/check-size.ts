import { ArgumentError } from "../../check/errors.ts";

/** @throws ArgumentError unless it is an integer >= least */
export function checkSize(name: string, value: number, least = 1): void {
  if (!Number.isInteger(value) || value < least)
    throw new ArgumentError(`${name} must be an integer >= ${least}, got ${value}`);
}

/** @throws ArgumentError unless it is finite and >= 0 */
export function checkDeviation(name: string, value: number): void {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`${name} must be finite and >= 0, got ${value}`);
}
