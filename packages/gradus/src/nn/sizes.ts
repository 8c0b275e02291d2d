import { ArgumentError } from "../check/errors.ts";

/** @throws ArgumentError naming the first that is not a whole number >= 1 */
export function requireSizes(sizes: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(sizes))
    if (!Number.isInteger(value) || value < 1)
      throw new ArgumentError(`${name} must be a whole number >= 1, got ${value}`);
}
