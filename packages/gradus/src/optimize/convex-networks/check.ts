import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkBoolean } from "../../check/options.ts";

/** @throws ArgumentError unless a value is an object */
export function checkObject(name: string, value: unknown, fields: string): void {
  if (typeof value !== "object" || value === null)
    throw new ArgumentError(`${name} must be an object ${fields}, got ${shown(value)}`);
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
