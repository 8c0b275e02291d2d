import postgres from "postgres";
import { openExistingFolder } from "./embedded.ts";
import { isServerUrl } from "./open.ts";
import { assertReachable } from "./reachable.ts";

/** A database opened to run statements, without jobs. */
export interface StatementDatabase {
  /** Runs one statement with `$1` parameters and returns its rows. */
  query<Row extends object>(text: string, values?: readonly (string | number)[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/**
 * Opens a database for statements, without jobs: a server by its URL, or the embedded Postgres of a folder.
 *
 * @param onWait called when it takes seconds to see whether a process of another container still has the folder open
 * @throws DatabaseMissingError when the folder has no database
 * @throws DatabaseUnreachableError when the server cannot be reached
 * @throws FolderLockedError when another process has the folder open
 */
export async function openStatements(location: string, onWait?: () => void): Promise<StatementDatabase> {
  if (isServerUrl(location)) {
    const client = postgres(location, { max: 1, onnotice: () => {}, connect_timeout: 10 });
    await assertReachable(client, location);
    return {
      async query<Row extends object>(text: string, values: readonly (string | number)[] = []) {
        return client.unsafe<Row[]>(text, [...values]);
      },
      close: () => client.end({ timeout: 5 }),
    };
  }
  const { client, close } = await openExistingFolder(location, onWait);
  return {
    async query<Row extends object>(text: string, values: readonly (string | number)[] = []) {
      return (await client.query<Row>(text, [...values])).rows;
    },
    close,
  };
}
