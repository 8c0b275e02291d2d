import { checkLength } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkBoolean } from "../../check/options.ts";
import type { ActivationPatterns } from "./patterns.ts";

/** @throws ArgumentError unless a value is an object */
export function checkObject(name: string, value: unknown, fields: string): void {
  if (typeof value !== "object" || value === null)
    throw new ArgumentError(`${name} must be an object ${fields}, got ${shown(value)}`);
}

/** @throws ArgumentError unless these are the patterns of so many rows */
export function checkPatterns(patterns: ActivationPatterns, rows: number): void {
  checkObject("patterns", patterns, "{ rows, count, masks, directions, complete }");
  if (patterns.rows !== rows)
    throw new ArgumentError(
      `patterns must be of ${rows} rows, as many as the design has, got ${shown(patterns.rows)}`,
    );
  checkPositiveInteger({ "patterns.count": patterns.count });
  const { masks } = patterns;
  checkLength("patterns.masks", masks, patterns.count * rows);
  for (let at = 0; at < masks.length; at++)
    if (masks[at] !== 0 && masks[at] !== 1)
      throw new ArgumentError(`patterns.masks must be 0 or 1, got ${shown(masks[at])} at index ${at}`);
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
