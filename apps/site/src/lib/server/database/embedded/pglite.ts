import { PGlite } from "@electric-sql/pglite";
import { citext } from "@electric-sql/pglite/contrib/citext";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";
import { vector } from "@electric-sql/pglite-pgvector";
import { searchSettings } from "../search-settings.ts";

/** What the migrations create of Postgres' own extensions. */
const extensions = { citext, pg_trgm, unaccent, vector };

/** Postgres in this thread with what the site needs, its data in `folder` (in memory when it is undefined). */
export async function openPglite(folder?: string): Promise<PGlite> {
  const client = await (folder === undefined
    ? PGlite.create({ extensions })
    : PGlite.create(folder, { extensions }));
  for (const [name, value] of Object.entries(searchSettings))
    await client.query("select set_config($1, $2, false)", [name, String(value)]);
  return client;
}
