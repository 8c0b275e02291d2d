import type { Sql } from "postgres";
import { describeLocation } from "./open.ts";

/** A server cannot be reached or refuses the connection; the message contains no password. */
export class DatabaseUnreachableError extends Error {
  override name = "DatabaseUnreachableError";
}

/** Why a connection failed. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}

/**
 * Makes the first connection to the server at `url`; a client whose server does not answer is closed.
 *
 * @throws DatabaseUnreachableError when the server cannot be reached or refuses the connection
 */
export async function assertReachable(client: Sql, url: string): Promise<void> {
  try {
    await client`select 1`;
  } catch (cause) {
    await client.end({ timeout: 0 });
    throw new DatabaseUnreachableError(
      `cannot reach the database ${describeLocation(url)}: ${reasonOf(cause)}`,
      { cause },
    );
  }
}
