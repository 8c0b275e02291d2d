/**
 * The rows of a statement in SQL: the embedded database gives them as `rows`, the server's driver as an array.
 *
 * @throws Error when the result has no rows
 */
export function rowsOf<Row extends object>(result: unknown): readonly Row[] {
  if (Array.isArray(result)) return result;
  if (typeof result === "object" && result !== null && "rows" in result && Array.isArray(result.rows))
    return result.rows;
  throw new Error("the statement returned no rows");
}
