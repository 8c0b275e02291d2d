import { PgBoss } from "pg-boss";
import { openFolder } from "./embedded.ts";
import { type QueueClient, queueConnection } from "./queue-connection.ts";

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
/** The most connections to a server. */
const CONNECTIONS = 4;
/** How long closing waits for running jobs. */
const PATIENCE_MILLISECONDS = 30_000;

/** How the queues of a process work. */
export interface QueueSettings {
  /** Receives errors of background work, such as a lost connection to the server. */
  readonly onError: (error: Error) => void;
  /** Whether this process sends the jobs of schedules; not by default. */
  readonly schedule?: boolean;
  /** Seconds between checks for jobs whose worker has gone silent. */
  readonly superviseSeconds?: number;
  /** The most connections to a server. */
  readonly connections?: number;
}

/**
 * Starts the queues of jobs in a database: of the embedded Postgres that `location` is a client of, or of the server
 * whose URL it is.
 */
export async function startQueues(
  location: string | QueueClient,
  {
    onError,
    schedule = false,
    superviseSeconds = SUPERVISE_SECONDS,
    connections = CONNECTIONS,
  }: QueueSettings,
): Promise<PgBoss> {
  const options = {
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
    registerInstance: false,
    schedule,
  };
  const queues = new PgBoss(
    typeof location === "string"
      ? { ...options, connectionString: location, max: connections, application_name: "gradus" }
      : { ...options, db: queueConnection(location), backend: "pglite" },
  );
  queues.on("error", onError);
  try {
    return await queues.start();
  } catch (error) {
    await queues.stop({ graceful: false }).catch(() => undefined);
    throw error;
  }
}

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
 * @param onWait called when it takes seconds to see whether a process of another container still has the folder open
 * @throws FolderLockedError when another process has the folder open
 */
export async function openJobDatabase(
  location: string,
  onError: (error: Error) => void,
  onWait?: () => void,
): Promise<JobDatabase> {
  const embedded = !isServerUrl(location);
  const folder = embedded ? await openFolder(location, onWait) : undefined;
  const jobs = await startQueues(folder?.client ?? location, { onError }).catch(async (error: unknown) => {
    await folder?.close();
    throw error;
  });
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
