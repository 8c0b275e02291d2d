import { PgBoss } from "pg-boss";
import { openFolder } from "./embedded.ts";
import { queueConnection } from "./queue-connection.ts";

/** An open database: statements, and the queues of jobs in it. */
export interface JobDatabase {
  /** Runs one statement with `$1` parameters, or several without parameters, and returns the rows. */
  execute(text: string, values?: readonly unknown[]): Promise<readonly unknown[]>;
  readonly jobs: PgBoss;
  /** True when the data are in a folder that this process has locked. */
  readonly embedded: boolean;
  /** Where the data are, for messages; without a password. */
  readonly description: string;
  /** Waits for the jobs that this process is running, then closes. */
  close(): Promise<void>;
}

/** Seconds between checks for jobs whose worker has gone silent. */
const SUPERVISE_SECONDS = 3;
/** How long closing waits for running jobs. */
const PATIENCE_MILLISECONDS = 30_000;

const bossOptions = {
  superviseIntervalSeconds: SUPERVISE_SECONDS,
  monitorIntervalSeconds: SUPERVISE_SECONDS,
  registerInstance: false,
  schedule: false,
} as const;

/** True for `postgres://...`; any other location is a folder. */
export function isServerUrl(location: string): boolean {
  return /^postgres(ql)?:\/\//.test(location);
}

/** A location for messages: a server without user and password. */
export function describeLocation(location: string): string {
  if (!isServerUrl(location)) return location;
  const url = URL.parse(location);
  return url ? `${url.host}${url.pathname}` : "a Postgres server with an invalid URL";
}

/**
 * Opens a database for jobs: a Postgres server by its URL, or the embedded Postgres of a folder.
 *
 * @param onError receives errors of background work, such as a lost connection to the server
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
