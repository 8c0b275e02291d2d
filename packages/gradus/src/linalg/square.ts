import { ArgumentError } from "../check/errors.ts";

/**
 * @returns the order of a matrix or operator
 * @throws ArgumentError unless it is square
 */
export function checkSquare({ rows, columns }: { rows: number; columns: number }, name = "A"): number {
  if (rows !== columns) throw new ArgumentError(`${name} must be square, got ${rows} x ${columns}`);
  return rows;
}
