import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkNonNegativeInteger } from "../check/numbers.ts";
import { checkSignal } from "../check/options.ts";

/**
 * The fields of a method's state, by name alone or with the length of an array; undefined is any value. `point.x` is the
 * field x of the field `point`.
 */
export type StateFields = readonly string[] | Readonly<Record<string, number | undefined>>;

/**
 * Checks what every method takes beside its own options.
 *
 * @param fields the fields of its state
 * @throws ArgumentError when `signal` is no AbortSignal, or `resume` has no number of iterations, lacks a field of the
 * state or has an array of another length, or was written as JSON without `serializeCheckpoint`
 */
export function checkMethodOptions(
  { resume, signal }: { readonly resume?: unknown; readonly signal?: unknown },
  fields: StateFields = [],
): void {
  checkSignal({ signal });
  if (resume === undefined) return;
  const { iteration, state } = Object(resume);
  checkNonNegativeInteger({ "resume.iteration": iteration });
  for (const [key, field] of Object.entries(fields)) {
    const [name, length] = typeof field === "string" ? [field] : [key, field];
    const value = name.split(".").reduce((part, at) => Object(part)[at], state);
    const found = Object(value).length;
    // JSON writes a typed array as an object with the keys 0, 1, ...
    const spoilt = found === undefined && typeof Object(value)[0] === "number";
    if (value === undefined || spoilt || (length !== undefined && found !== length))
      throw new ArgumentError(
        `resume.state.${name} must be ${length === undefined ? "there" : `of length ${length}`} as serializeCheckpoint keeps it, got ${shown(value)}`,
      );
  }
}
