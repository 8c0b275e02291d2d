import { type Argument, InvalidArgumentError, Option } from "commander";
import { didYouMean, either, nearest } from "./suggest.ts";

export const profiles = ["quick", "full"] as const;

/** A parser of whole numbers written in digits, between bounds. */
export function wholeNumber(from: number, to: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}

/** A parser of numbers > 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It must be a number > 0.");
}

/** A parser of numbers from 0 to below 1. */
export function fraction(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= 0 && value < 1) return value;
  throw new InvalidArgumentError("It must be a number in [0, 1).");
}

/** A parser of some names, in any case. */
export function choice<T extends string>(names: readonly T[]): (text: string) => T {
  return (text) => {
    const found = names.find((name) => name.toLowerCase() === text.toLowerCase());
    if (found !== undefined) return found;
    // Where every name is near, the list of them has said it all.
    const hint = nearest(text, names).length < names.length ? didYouMean(text, names) : "";
    throw new InvalidArgumentError(`It must be ${either(names)}.${hint}`);
  };
}

/** An option whose value is one of some names. Shells complete them. */
export function choiceOption(flags: string, description: string, names: readonly string[]): Option {
  return new Option(flags, description).choices(names).argParser(choice(names));
}

/** An argument that is one of some names. Shells complete them. */
export function choiceArgument(argument: Argument, names: readonly string[]): Argument {
  return argument.choices(names).argParser(choice(names));
}
