import { ArgumentError } from "../../check/errors.ts";

/** @throws ArgumentError naming the option that is not in [0, 1) */
export function requireFractions(options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options))
    if (!(value >= 0 && value < 1)) throw new ArgumentError(`${name} must be in [0, 1), got ${value}`);
}

/** @throws ArgumentError naming the option that is not finite and >= 0 */
export function requireNonNegative(options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options))
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
      throw new ArgumentError(`${name} must be a finite number >= 0, got ${value}`);
}
