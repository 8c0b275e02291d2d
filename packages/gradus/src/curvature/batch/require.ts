import { ArgumentError } from "../../check/errors.ts";

/** @throws ArgumentError naming the option that is not finite */
export function requireFinite(options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options))
    if (!Number.isFinite(value)) throw new ArgumentError(`${name} must be a finite number, got ${value}`);
}

/** @throws ArgumentError naming the option that is not finite and >= 0 */
export function requireVariance(options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options))
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
      throw new ArgumentError(`${name} must be a finite number >= 0, got ${value}`);
}

/** @throws ArgumentError naming the option that is not finite and > 0 */
export function requireRate(options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options))
    if (!(value > 0 && value < Number.POSITIVE_INFINITY))
      throw new ArgumentError(`${name} must be a finite number > 0, got ${value}`);
}

/** @throws ArgumentError unless the size is > 0; it may be infinite, for a batch of all data */
export function requireEffectiveBatch(effectiveBatch: number): void {
  if (!(effectiveBatch > 0)) throw new ArgumentError(`effectiveBatch must be > 0, got ${effectiveBatch}`);
}
