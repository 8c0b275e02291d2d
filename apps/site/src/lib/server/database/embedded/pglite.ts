import { PGlite, types } from "@electric-sql/pglite";
import { citext } from "@electric-sql/pglite/contrib/citext";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";
import { vector } from "@electric-sql/pglite-pgvector";
import { searchSettings } from "../search-settings.ts";

/** What the migrations create of Postgres' own extensions. */
const extensions = { citext, pg_trgm, unaccent, vector };

/** Bytes as hexadecimal text: PGlite's own way, digit by digit, takes ten times as long for a model of the search. */
const bytesAsText = {
  parsers: { [types.BYTEA]: (text: string) => new Uint8Array(Buffer.from(text.slice(2), "hex")) },
  serializers: {
    [types.BYTEA](bytes: unknown) {
      if (!(bytes instanceof Uint8Array))
        throw new TypeError(`bytes must be a Uint8Array, got ${typeof bytes}`);
      return `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
    },
  },
};
const options = { extensions, ...bytesAsText };

/** Postgres in this thread with what the site needs: its data in a folder, or those of an archive in memory. */
export async function openPglite(data: string | Blob): Promise<PGlite> {
  const place = typeof data === "string" ? { dataDir: data } : { loadDataDir: data };
  const client = await PGlite.create({ ...options, ...place });
  for (const [name, value] of Object.entries(searchSettings))
    await client.query("select set_config($1, $2, false)", [name, String(value)]);
  return client;
}
