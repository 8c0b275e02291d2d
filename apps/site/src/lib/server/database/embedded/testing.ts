// The data of a new database, made once for all tests: making them takes most of the time of opening one in memory.
import { existsSync, mkdirSync, openAsBlob, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";

const folder = fileURLToPath(new URL("../../../../../../../build/testing/", import.meta.url));
const manifest = new URL("../package.json", import.meta.resolve("@electric-sql/pglite"));

/** The data folder of a database as PGlite makes it, as an archive. */
export async function emptyData(): Promise<Blob> {
  const { version }: { readonly version: string } = JSON.parse(readFileSync(manifest, "utf8"));
  const file = join(folder, `empty-database-${version}.tar`);
  if (!existsSync(file)) {
    const client = await PGlite.create();
    const data = await client.dumpDataDir("none");
    await client.close();
    mkdirSync(folder, { recursive: true });
    // Put in place whole: another process may look for it.
    const own = `${file}.${process.pid}`;
    writeFileSync(own, new Uint8Array(await data.arrayBuffer()));
    renameSync(own, file);
  }
  return openAsBlob(file);
}
