import { PgBoss } from "pg-boss";
import { openFolder } from "./embedded.ts";
import { queueConnection } from "./queue-connection.ts";

/** An open database: statements, and the queues of jobs in it. */
export interface JobDatabase {
  /** Runs one statement with `$1` parameters, or several without any, and returns the rows. */
  execute(text: string, values?: readonly unknown[]): Promise<readonly unknown[]>;
  readonly jobs: PgBoss;
  /** True when the data are in a folder, which this process has for itself. */
  readonly embedded: boolean;
  /** Where the data are, for people; without a password. */
  readonly description: string;
  /** Waits for the jobs that this process works on, then closes. */
  close(): Promise<void>;
}

/** How often jobs whose worker has gone silent are looked for. */
const SUPERVISE_SECONDS = 3;
/** A worker that has gone for good is waited for no longer than this when the database is closed. */
const PATIENCE_MILLISECONDS = 30_000;

const bossOptions = {
  superviseIntervalSeconds: SUPERVISE_SECONDS,
  monitorIntervalSeconds: SUPERVISE_SECONDS,
  registerInstance: false,
  schedule: false,
} as const;

/** True for `postgres://...`: anything else is a folder. */
export function isServerUrl(location: string): boolean {
  return /^postgres(ql)?:\/\//.test(location);
}

/** Where a database is, for people: a server without user and password. */
export function describeLocation(location: string): string {
  if (!isServerUrl(location)) return location;
  const url = URL.parse(location);
  return url ? `${url.host}${url.pathname}` : "a Postgres server with an invalid URL";
}

/**
 * Opens a database for jobs: a Postgres server by its URL, or the embedded Postgres of a folder.
 *
 * @param onError told of what goes wrong behind a caller's back, such as a server that is away for a while
 * @throws FolderLockedError when another process has the folder open
 */
export async function openJobDatabase(
  location: string,
  onError: (error: Error) => void,
): Promise<JobDatabase> {
  const embedded = !isServerUrl(location);
  const folder = embedded ? await openFolder(location) : undefined;
  const jobs = new PgBoss(
    folder
      ? { ...bossOptions, db: queueConnection(folder.client), backend: "pglite" }
      : { ...bossOptions, connectionString: location, max: 4, application_name: "gradus" },
  );
  jobs.on("error", onError);
  try {
    await jobs.start();
  } catch (error) {
    await jobs.stop({ graceful: false }).catch(() => undefined);
    await folder?.close();
    throw error;
  }
  const database = jobs.getDb();
  return {
    async execute(text, values) {
      // Several statements give an array of results.
      const { rows = [] }: { rows?: readonly unknown[] } = await database.executeSql(
        text,
        values && [...values],
      );
      return rows;
    },
    jobs,
    embedded,
    description: describeLocation(location),
    async close() {
      await jobs.stop({ graceful: true, timeout: PATIENCE_MILLISECONDS });
      await folder?.close();
    },
  };
}
