import { ArgumentError, DataError } from "../check/errors.ts";

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
export function checkRows(name: string, { x, n, d }: Rows): void {
  if (!Number.isInteger(n) || !Number.isInteger(d) || n < 1 || d < 1)
    throw new ArgumentError(`${name} must have at least one row and one column, got ${n} x ${d}`);
  if (x.length !== n * d)
    throw new ArgumentError(`${name} must have ${n} x ${d} = ${n * d} numbers, got ${x.length}`);
  const wrong = x.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new DataError(
      `${name} must be finite, got ${x[wrong]} in row ${Math.floor(wrong / d)}, column ${wrong % d}`,
    );
}
