import { fromPglite } from "pg-boss";

type Connection = ReturnType<typeof fromPglite>;
type Execute = Connection["executeSql"];
/** The rows of one statement, as pg-boss takes them. */
type QueueResult = Awaited<ReturnType<Execute>>;

/** What the queue needs from an embedded database, and PGlite has. Instants must come as dates. */
export interface QueueClient {
  query(text: string, values?: unknown[]): Promise<QueueResult>;
  exec(text: string): Promise<QueueResult[]>;
  transaction<T>(run: (statements: Pick<QueueClient, "exec">) => Promise<T>): Promise<T>;
}

/**
 * The embedded database as pg-boss uses it. Its own adapter sends a block of statements with `begin` and `commit` in
 * it as is; if one fails, the only connection is left in an aborted transaction, and other statements fail until the
 * adapter rolls back. Here a block runs as a PGlite transaction, during which other statements wait.
 */
export function queueConnection(client: QueueClient): Connection {
  const adapter = fromPglite(client);
  return Object.assign(adapter, {
    executeSql: executeBlocksApart(client, adapter.executeSql.bind(adapter)),
  });
}

function executeBlocksApart(client: QueueClient, execute: Execute): Execute {
  return async (text, values) => {
    if (values?.length || !/^\s*begin\b/i.test(text)) return execute(text, values);
    const results = await client.transaction((transaction) => transaction.exec(text));
    return { rows: results.flatMap(({ rows }) => rows) };
  };
}
