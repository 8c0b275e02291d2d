import { BlasArgumentError } from "./errors.ts";

/** @throws BlasArgumentError naming an argument that the function does not have, or that is null, or no flag where it must be */
export function checkOptions(options: object, known: readonly string[]): void {
  if (!options)
    throw new BlasArgumentError(`the argument must be an object with ${known[0]}, got ${options}`);
  for (const name in options) {
    if (!known.includes(name))
      throw new BlasArgumentError(`there is no option ${name}; its options are ${known.join(", ")}`);
    const value: unknown = options[name as keyof typeof options];
    if (value === null) throw new BlasArgumentError(`${name} must not be null`);
    // BLAS takes letters for these, all of which would count as true
    if (value !== undefined && /^trans|^unitD|^below/.test(name)) checkFlag(name, value);
  }
}

/** @throws BlasArgumentError unless an argument is true or false: any text would count as true */
export function checkFlag(name: string, value: unknown): void {
  if (typeof value !== "boolean")
    throw new BlasArgumentError(`${name} must be true or false, got ${JSON.stringify(value)}`);
}

/** @throws BlasArgumentError unless an argument is a number, be it NaN: WebAssembly would take "2" for 2 */
export function checkNumber(name: string, value: unknown): void {
  if (typeof value !== "number")
    throw new BlasArgumentError(`${name} must be a number, got ${JSON.stringify(value)}`);
}

export const TRIANGLES = ["lower", "upper"] as const;

/** @throws BlasArgumentError unless an argument is one of two texts */
export function checkEither(name: string, value: string, choices: readonly [string, string]): void {
  if (!choices.includes(value))
    throw new BlasArgumentError(`${name} must be "${choices.join('" or "')}", got ${value}`);
}
