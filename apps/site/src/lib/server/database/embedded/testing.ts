// The data of new databases, made once for all tests: making them takes most of the time of opening one in memory.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  openAsBlob,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { migrations } from "@gradus/database/migrations";
import { drizzle } from "drizzle-orm/pglite";
import { alone } from "../../../../../../../scripts/lock.mjs";
import { migrate } from "../migrate.ts";
import { openPglite } from "./pglite.ts";

const folder = fileURLToPath(new URL("../../../../../../../build/testing/", import.meta.url));
const manifest = new URL("../package.json", import.meta.resolve("@electric-sql/pglite"));

/** What an archive is made from. */
type Source = Pick<PGlite, "dumpDataDir" | "close">;

/**
 * The archive of a name, made where there is none from these sources; the one from earlier sources goes. One process
 * makes it and others wait: a blob of a file that is replaced cannot be read any more.
 */
export async function kept(name: string, sources: string, open: () => Promise<Source>): Promise<Blob> {
  const own = `${name}-${createHash("sha256").update(sources).digest("hex").slice(0, 16)}.tar`;
  const file = join(folder, own);
  const make = async () => {
    if (existsSync(file)) return;
    const client = await open();
    const data = await client.dumpDataDir("none");
    await client.close();
    mkdirSync(folder, { recursive: true });
    // Put in place whole: another process may look for it.
    const whole = join(folder, `.${process.pid}-${own}`);
    writeFileSync(whole, new Uint8Array(await data.arrayBuffer()));
    renameSync(whole, file);
    for (const other of readdirSync(folder))
      if (other.startsWith(`${name}-`) && other !== own) rmSync(join(folder, other), { force: true });
  };
  if (!existsSync(file)) await alone(name, make);
  return openAsBlob(file);
}

/** The data folder of a database as PGlite makes it, as an archive. */
export function emptyData(): Promise<Blob> {
  return kept("empty-database", readFileSync(manifest, "utf8"), () => PGlite.create());
}

/** The data folder of a database whose schema is up to date, as an archive. */
export function migratedData(): Promise<Blob> {
  return kept("migrated-database", readFileSync(manifest, "utf8") + JSON.stringify(migrations), async () => {
    const client = await openPglite(await emptyData());
    await migrate(drizzle(client));
    return client;
  });
}
