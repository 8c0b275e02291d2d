import { alternatives, shown } from "./describe.ts";
import { ArgumentError } from "./errors.ts";
import type { Named } from "./numbers.ts";

/**
 * Checks that each value is one of the choices.
 *
 * @throws ArgumentError naming the first value that is not, and the choices
 */
export function checkOneOf(choices: readonly (string | number)[], values: Named): void {
  for (const [name, value] of Object.entries(values))
    if (!choices.some((choice) => choice === value))
      throw new ArgumentError(`${name} must be ${alternatives(choices)}, got ${shown(value)}`);
}

/**
 * Checks that options are an object that has no other fields than the known ones; `undefined` passes.
 *
 * @param of what takes the options, as a user calls it
 * @throws ArgumentError naming the unknown option and the known ones
 */
export function checkOptions(of: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new ArgumentError(`the options of ${of} must be an object, got ${shown(options)}`);
  for (const name in options)
    if (!known.includes(name))
      throw new ArgumentError(`${of} has no option ${shown(name)}; its options are ${known.join(", ")}`);
}

/** @throws ArgumentError naming the first value that is neither true nor false */
export function checkBoolean(values: Named): void {
  for (const [name, value] of Object.entries(values))
    if (typeof value !== "boolean")
      throw new ArgumentError(`${name} must be true or false, got ${shown(value)}`);
}

/** @throws ArgumentError naming the first value that is not a function */
export function checkFunction(values: Named): void {
  for (const [name, value] of Object.entries(values))
    if (typeof value !== "function")
      throw new ArgumentError(`${name} must be a function, got ${shown(value)}`);
}
