import type { PGlite } from "@electric-sql/pglite";
import { fromPglite } from "pg-boss";

/**
 * The embedded database as pg-boss uses it. Its own adapter sends a block of statements with `begin` and `commit` in
 * it as is; if one fails, the only connection is left in an aborted transaction, and other statements fail until the
 * adapter rolls back. Here a block runs as a PGlite transaction, during which other statements wait.
 */
export function queueConnection(client: PGlite): ReturnType<typeof fromPglite> {
  const adapter = fromPglite(client);
  return Object.assign(adapter, {
    executeSql: executeBlocksApart(client, adapter.executeSql.bind(adapter)),
  });
}

type Execute = ReturnType<typeof fromPglite>["executeSql"];

function executeBlocksApart(client: PGlite, execute: Execute): Execute {
  return async (text, values) => {
    if (values?.length || !/^\s*begin\b/i.test(text)) return execute(text, values);
    const results = await client.transaction((transaction) => transaction.exec(text));
    return { rows: results.flatMap(({ rows }) => rows) };
  };
}
