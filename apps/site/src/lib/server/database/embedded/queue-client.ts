import type { Results } from "@electric-sql/pglite";
import type { QueueClient } from "@gradus/database";
import type { EmbeddedClient } from "./client.ts";

/** The embedded database of a thread as the queue of jobs uses it. */
export function queueClient(client: EmbeddedClient): QueueClient {
  const dates = { instants: "dates" } as const;
  const rows = (results: readonly Results[]) => results.map((result) => ({ rows: result.rows }));
  return {
    query: (text, values) => client.query(text, values, dates),
    exec: async (text) => rows(await client.exec(text, dates)),
    transaction: (run) =>
      client.transaction((statements) =>
        run({ exec: async (text) => rows(await statements.exec(text, dates)) }),
      ),
  };
}
