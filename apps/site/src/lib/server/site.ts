import { papers as registry } from "@gradus/papers";
import { clock } from "./clock.ts";
import { connect, type Database, type Orm, openEmbedded } from "./database/connect.ts";
import { migrate } from "./database/migrate.ts";
import { startBackups } from "./jobs/backup/nightly.ts";
import { type Maintenance, startMaintenance } from "./jobs/maintenance.ts";
import { log } from "./log.ts";
import { readMeasurements, shippedMeasurements } from "./papers/measurements/file.ts";
import { importMeasurements } from "./papers/measurements/import.ts";
import { loadSeed } from "./papers/seed/seed.ts";
import { syncRegistry } from "./papers/sync-registry.ts";
import { openEncoder } from "./search/embedding/encoder/open.ts";
import { type ActiveModel, modelReader } from "./search/embedding/store.ts";
import { storeTopics } from "./search/topics/store.ts";
import { assertSecret, secretSetting } from "./secrets.ts";

/** What requests are answered from. */
export interface Site {
  readonly database: Database;
  now(): Date;
  /** What maps queries to vectors, once it is fitted. */
  model(): Promise<ActiveModel | undefined>;
  /** What makes new and changed papers found. */
  readonly maintenance: Maintenance;
  close(): Promise<void>;
}

/** The official measurements: those that come with the site, or those in the folder that an operator names. */
async function storeMeasurements(
  orm: Orm,
  { GRADUS_MEASUREMENTS: folder }: NodeJS.ProcessEnv,
): Promise<void> {
  const measured = folder ? await readMeasurements(folder) : shippedMeasurements();
  const { skipped } = await importMeasurements(orm, measured);
  for (const reason of skipped) console.warn(`gradus: skipped a measurement: ${reason}`);
}

async function open(environment: NodeJS.ProcessEnv): Promise<Site> {
  assertSecret(environment);
  const now = clock(environment);
  const { GRADUS_DATABASE_DIR: folder = ".gradus/database", GRADUS_EMBED_MODEL: encoderFolder } = environment;
  const url = secretSetting(environment, "DATABASE_URL");
  const encoder = encoderFolder ? await openEncoder(encoderFolder) : undefined;
  const database = url ? await connect(url) : await openEmbedded(folder);
  try {
    if (database.notice) console.log(`gradus: ${database.notice}`);
    // Whoever keeps the site running starts it anew, and the database recovers.
    database.died?.then((reason) => {
      log({ level: "error", message: reason });
      process.exit(1);
    });
    await migrate(database.orm);
    const written = await loadSeed(database.orm);
    await syncRegistry(database.orm);
    await storeMeasurements(database.orm, environment);
    await storeTopics(database.orm);
    const maintenance = await startMaintenance(database, now, encoder);
    if (written > 0)
      console.log(
        `gradus: loaded ${written} seed papers (${registry.length} runnable), database ${database.description}`,
      );
    const backups = startBackups(database, environment);
    const readModel = modelReader(encoder);
    return {
      database,
      now,
      model: () => readModel(database.orm),
      maintenance,
      async close() {
        await maintenance.close();
        await encoder?.close();
        await backups.close();
        await database.close();
      },
    };
  } catch (error) {
    await encoder?.close();
    await database.close();
    throw error;
  }
}

/** Development servers load this module anew when it changes; the database must not be opened twice. */
const holder = globalThis as typeof globalThis & { gradusSite?: Promise<Site> };

/** The site, opened at the first call. */
export function site(): Promise<Site> {
  holder.gradusSite ??= open(process.env);
  return holder.gradusSite;
}

/** Closes the database; the next call of `site` opens it again. */
export async function closeSite(): Promise<void> {
  const opened = holder.gradusSite;
  holder.gradusSite = undefined;
  await (await opened)?.close();
}
