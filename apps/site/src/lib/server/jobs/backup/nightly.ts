import { dirname, join } from "node:path";
import { backUpWithRetention, backupTimes } from "@gradus/database/backup";
import type { Database } from "../../database/connect.ts";
import { errorFields, log } from "../../log.ts";

/** The hour of the night, UTC, from which a backup is due: few readers are awake in Europe and America. */
const HOUR = 3;
const LOOK_MILLISECONDS = 600_000;
const DAY = 86_400_000;

/** True when no backup was made since the last night's hour. */
export function isDue(times: readonly Date[], now: Date): boolean {
  const night = Math.floor((now.getTime() - HOUR * 3_600_000) / DAY) * DAY + HOUR * 3_600_000;
  return !times.some((time) => time.getTime() >= night && time.getTime() <= now.getTime());
}

/** Makes the night's backup in `folder` unless it is there. Returns its file. */
export async function backUpIfDue(
  database: Pick<Database, "dump" | "backupEnding">,
  folder: string,
  now: Date,
): Promise<string | undefined> {
  if (!isDue(backupTimes(folder), now)) return undefined;
  return backUpWithRetention(folder, { time: now, ending: database.backupEnding, dump: database.dump });
}

/** Where an environment wants backups; undefined when it wants none. */
export function backupFolder(environment: NodeJS.ProcessEnv): string | undefined {
  const { GRADUS_BACKUP_DIR: chosen, GRADUS_DATABASE_DIR: folder = ".gradus/database" } = environment;
  if (environment.NODE_ENV !== "production") return undefined;
  if (chosen) return chosen;
  // Whoever runs a server of Postgres says where its backups go, or makes them in another way.
  const onServer = environment.DATABASE_URL || environment.DATABASE_URL_FILE;
  return onServer ? undefined : join(dirname(folder), "backups");
}

/** Backups while the site runs. */
export interface Backups {
  /** Makes no more; resolves when the one under way is done. */
  close(): Promise<void>;
}

/** Looks every ten minutes whether the night's backup is due. A failure is logged and tried again at the next look. */
export function startBackups(database: Database, environment: NodeJS.ProcessEnv): Backups {
  const folder = backupFolder(environment);
  let running: Promise<void> = Promise.resolve();
  if (folder === undefined) return { close: async () => {} };
  const look = async () => {
    const begun = performance.now();
    try {
      const file = await backUpIfDue(database, folder, new Date());
      if (file) log({ job: "backup", outcome: "done", ms: Math.round(performance.now() - begun) });
    } catch (error) {
      log({ job: "backup", outcome: "failed", ...errorFields(error) });
    }
  };
  const timer = setInterval(() => {
    running = running.then(look);
  }, LOOK_MILLISECONDS);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}
