import type { ModelInputOptions } from "gradus/models";
import { UsageError } from "../errors.ts";

/** The words with which the command line says how rows go into a model. */
export interface InputWords {
  /** Such as `sr=16000`. */
  readonly constant?: readonly string[];
  /** Such as `x=1`. */
  readonly batchAxis?: readonly string[];
}

/** Numbers by name. @throws UsageError for a word of another form, or a name that is given twice */
function numbersByName(option: string, words: readonly string[], example: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const word of words) {
    const [, name, text = ""] = /^(.+)=([^=]+)$/.exec(word) ?? [];
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (name === undefined || !Number.isFinite(value))
      throw new UsageError(`${option} must be an input and a number, such as ${example}, got "${word}"`);
    if (Object.hasOwn(found, name)) throw new UsageError(`${option} ${name} is given twice`);
    found[name] = value;
  }
  return found;
}

/** @throws UsageError naming a word that is not NAME=NUMBER */
export function inputOptions({ constant = [], batchAxis = [] }: InputWords): ModelInputOptions {
  return {
    constants: numbersByName("--constant", constant, "sr=16000"),
    batchAxes: numbersByName("--batch-axis", batchAxis, "x=1"),
  };
}
