import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegativeInteger } from "../../check/numbers.ts";
import { checkBoolean, checkSignal } from "../../check/options.ts";
import type { MethodOptions } from "../../iterate/iterate.ts";

/** @throws ArgumentError unless a value is an object */
export function checkObject(name: string, value: unknown, fields: string): void {
  if (typeof value !== "object" || value === null)
    throw new ArgumentError(`${name} must be an object ${fields}, got ${shown(value)}`);
}

/**
 * Checks what every method takes beside its own options.
 *
 * @param fields the fields of its state
 * @throws ArgumentError when `signal` is no AbortSignal, or `resume` has no number of iterations or lacks a field
 */
export function checkMethodOptions(
  { resume, signal }: MethodOptions<unknown>,
  fields: readonly string[],
): void {
  checkSignal({ signal });
  if (resume === undefined) return;
  checkObject("resume", resume, "{ iteration, state }");
  checkNonNegativeInteger({ "resume.iteration": resume.iteration });
  const { state } = resume;
  if (typeof state !== "object" || state === null || !fields.every((field) => field in state))
    throw new ArgumentError(`resume.state must be an object { ${fields.join(", ")} }, got ${shown(state)}`);
}

/** @throws ArgumentError unless there is one true or false for each column */
export function checkPerturbed(perturbed: readonly boolean[], columns: number, of: string): void {
  if (!Array.isArray(perturbed))
    throw new ArgumentError(`perturbed must be an array of true and false, got ${shown(perturbed)}`);
  if (perturbed.length !== columns)
    throw new ArgumentError(
      `perturbed must have ${columns} entries, one a column of ${of}, got ${perturbed.length}`,
    );
  checkBoolean(Object.fromEntries(perturbed.map((value, j) => [`perturbed[${j}]`, value])));
}
