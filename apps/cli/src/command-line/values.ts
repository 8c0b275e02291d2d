import { parseArgs } from "node:util";
import type { Profile } from "@gradus/papers";
import { UsageError } from "../errors.ts";
import { didYouMean, either } from "./suggest.ts";

/** An option of a command, and its line of help. */
export interface OptionSpecification {
  /** Present when the option takes a value: how help shows it. */
  readonly value?: string;
  readonly repeated?: boolean;
  readonly short?: string;
  readonly help: string;
}

export type OptionSpecifications = Readonly<Record<string, OptionSpecification>>;

export interface ParsedOptions {
  readonly positionals: readonly string[];
  /** True for options without a value; the values given, in order, for the others. */
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads the arguments of a command.
 *
 * @throws UsageError on an unknown option (with the nearest), a missing or superfluous value, or a repeated option
 */
export function parseOptions(
  command: string,
  args: readonly string[],
  specifications: OptionSpecifications,
): ParsedOptions {
  const options = Object.fromEntries(
    Object.entries(specifications).map(([name, { value, short }]) => [
      name,
      {
        type: value ? ("string" as const) : ("boolean" as const),
        multiple: true,
        ...(short ? { short } : {}),
      },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positionals: string[] = [];
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    if (!Object.hasOwn(specifications, name)) {
      const known = Object.keys(specifications).map((option) => `--${option}`);
      const hint = didYouMean(rawName, known);
      throw new UsageError(`${command} has no option ${rawName}.${hint || ` It has ${known.join(", ")}.`}`);
    }
    const specification = specifications[name];
    if (!specification.value) {
      if (value !== undefined) throw new UsageError(`${rawName} takes no value, got "${value}"`);
      flags.add(name);
      continue;
    }
    if (value === undefined || value === "" || (!token.inlineValue && value.startsWith("--")))
      throw new UsageError(`${rawName} wants a value: ${rawName} ${specification.value}`);
    const given = values.get(name) ?? [];
    if (given.length > 0 && !specification.repeated) throw new UsageError(`${rawName} is given twice`);
    values.set(name, [...given, value]);
  }
  return { positionals, flags, values };
}

const MOST_THREADS = 1024;

export const profiles: readonly Profile[] = ["quick", "full"];

/** @throws UsageError when the text is not a profile */
export function parseProfile(text: string): Profile {
  const profile = profiles.find((name) => name === text);
  if (profile) return profile;
  throw new UsageError(
    `no profile is called "${text}".${didYouMean(text, profiles)} It is ${either(profiles)}.`,
  );
}

/** @throws UsageError when the text is not a whole number from 0 */
export function parseSeed(text: string): number {
  const seed = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(seed)) return seed;
  throw new UsageError(`--seed wants a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, got "${text}"`);
}

/** @throws UsageError when the text is not a whole number from 1 */
export function parseThreads(text: string): number {
  const threads = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (threads >= 1 && threads <= MOST_THREADS) return threads;
  throw new UsageError(`--threads wants a whole number from 1 to ${MOST_THREADS}, got "${text}"`);
}
