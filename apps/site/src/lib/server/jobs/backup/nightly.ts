import { dirname, join } from "node:path";
import { backUpWithRetention, backupTimes } from "@gradus/database/backup";
import type { Database } from "../../database/connect.ts";
import type { Job } from "../../job.ts";

/** The hour of the night, UTC, from which a backup is due: few readers are awake in Europe and America. */
const HOUR = 3;
const DAY = 86_400_000;

/** True when no backup was made since the last night's hour. */
export function isDue(times: readonly Date[], now: Date): boolean {
  const night = Math.floor((now.getTime() - HOUR * 3_600_000) / DAY) * DAY + HOUR * 3_600_000;
  return !times.some((time) => time.getTime() >= night && time.getTime() <= now.getTime());
}

/** Whether the last night's backup is missing in `folder`. */
export function isMissing(folder: string, now: Date): boolean {
  return isDue(backupTimes(folder), now);
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

/** The job that makes a backup in `folder`, every night and whenever it is asked for. */
export function backupJob(
  database: Pick<Database, "dump" | "backupEnding">,
  folder: string,
  now: () => Date = () => new Date(),
): Job {
  return {
    name: "backup",
    schedule: `0 ${HOUR} * * *`,
    async run() {
      await backUpWithRetention(folder, {
        time: now(),
        ending: database.backupEnding,
        dump: database.dump,
      });
    },
  };
}
