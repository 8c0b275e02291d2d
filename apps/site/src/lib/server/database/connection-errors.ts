/**
 * Failures of the connection or of what the database runs on, not of the statement: by the system, by the driver, by
 * Postgres (SQLSTATE), of whose class 53 a full disk, too little memory and too many connections pass.
 */
const CONNECTION_FAILURE = new RegExp(
  "^(?:ECONN(?:REFUSED|RESET|ABORTED)|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|E(?:HOST|NET)UNREACH|ENOENT" +
    "|CONNECT(?:ION)?_(?:CLOSED|ENDED|DESTROYED|TIMEOUT)|08\\d{3}|57P0[1-3]|53[123]00)$",
);

/** The database did not answer in time. */
export class DatabaseTimeoutError extends Error {
  override name = "DatabaseSilentError";
}

/** True when the database could not be reached or had no room: a later try may succeed. */
export function isConnectionError(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth++) {
    if (cause instanceof DatabaseTimeoutError) return true;
    if ("code" in cause && typeof cause.code === "string" && CONNECTION_FAILURE.test(cause.code)) return true;
    if (cause instanceof AggregateError && cause.errors.some(isConnectionError)) return true;
  }
  return false;
}
