import type { ModelInputOptions } from "gradus/models";
import { UsageError } from "../errors.ts";

/** The words with which the command line says how rows go into a model. */
export interface InputWords {
  /** Such as `sr=16000` or `sizes=1,3,32,32`. */
  readonly constant?: readonly string[];
  /** Such as `x=1`. */
  readonly batchAxis?: readonly string[];
}

const isNumber = (text: string) => text.trim() !== "" && Number.isFinite(Number(text));

/** Lists of numbers by name. @throws UsageError for a word of another form, or a name that is given twice */
function listsByName(option: string, words: readonly string[], wanted: string): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  for (const word of words) {
    const [, name, text = ""] = /^(.+)=([^=]+)$/.exec(word) ?? [];
    const parts = text.split(",");
    if (name === undefined || !parts.every(isNumber))
      throw new UsageError(`${option} must be an input and ${wanted}, got "${word}"`);
    if (Object.hasOwn(found, name)) throw new UsageError(`${option} ${name} is given twice`);
    found[name] = parts.map(Number);
  }
  return found;
}

/** @throws UsageError naming a word of another form */
export function inputOptions({ constant = [], batchAxis = [] }: InputWords): ModelInputOptions {
  const constants = listsByName(
    "--constant",
    constant,
    "a number, such as sr=16000, or several, as sizes=1,3,32,32",
  );
  const axes = listsByName("--batch-axis", batchAxis, "a number, such as x=1");
  for (const [name, { length }] of Object.entries(axes))
    if (length > 1) throw new UsageError(`--batch-axis ${name} must be one number, got ${length}`);
  return {
    constants: Object.fromEntries(
      Object.entries(constants).map(([name, list]) => [name, list.length === 1 ? list[0] : list]),
    ),
    batchAxes: Object.fromEntries(Object.entries(axes).map(([name, [axis]]) => [name, axis])),
  };
}
