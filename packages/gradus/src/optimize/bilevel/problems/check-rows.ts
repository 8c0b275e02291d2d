import { checkLength } from "../../../check/arrays.ts";
import { shown } from "../../../check/describe.ts";
import { ArgumentError } from "../../../check/errors.ts";
import type { LabeledRows } from "../../../data/dataset.ts";
import { checkFiniteDense } from "../../../linalg/matrix.ts";

/**
 * Checks that there are rows, and a label or target for each.
 *
 * @throws ArgumentError when they are missing or sizes do not fit; DataError for a feature that is not finite
 */
export function checkRows(name: string, rows: LabeledRows): void {
  if (typeof rows !== "object" || rows === null)
    throw new ArgumentError(`${name} must be rows { x, y }, got ${shown(rows)}`);
  checkFiniteDense(`${name}.x`, rows.x);
  checkLength(`${name}.y`, rows.y, rows.x.rows);
}
