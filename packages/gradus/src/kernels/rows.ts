import { checkFiniteMatrix, checkLength } from "../check/arrays.ts";
import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";

/** Points as rows: what a data set is, without its labels. */
export interface Rows {
  /** n x d, row-major. */
  readonly x: Float64Array;
  readonly n: number;
  readonly d: number;
}

/**
 * @throws ArgumentError when there is no row or the sizes do not fit
 * @throws DataError naming row and column of a number that is not finite
 */
export function checkRows(name: string, rows: Rows): void {
  if (typeof rows !== "object" || rows === null)
    throw new ArgumentError(`${name} must be { x, n, d }, got ${shown(rows)}`);
  const { x, n, d } = rows;
  if (!Number.isInteger(n) || !Number.isInteger(d) || n < 1 || d < 1)
    throw new ArgumentError(`${name} must have at least one row and one column, got ${n} x ${d}`);
  checkLength(`${name}.x`, x, n * d);
  checkFiniteMatrix(name, x, d);
}
