import { BlasArgumentError } from "./errors.ts";

/** @throws BlasArgumentError naming an argument that the function does not have, or that is null */
export function checkOptions(options: object, known: readonly string[]): void {
  for (const name in options) {
    if (!known.includes(name))
      throw new BlasArgumentError(`there is no option ${name}; its options are ${known.join(", ")}`);
    if (options[name as keyof typeof options] === null)
      throw new BlasArgumentError(`${name} must not be null`);
  }
}

export const TRIANGLES = ["lower", "upper"] as const;

/** @throws BlasArgumentError unless an argument is one of two texts */
export function checkEither(name: string, value: string, choices: readonly [string, string]): void {
  if (!choices.includes(value))
    throw new BlasArgumentError(`${name} must be "${choices.join('" or "')}", got ${value}`);
}
