// What requests cost a server: its own counters before and after.
import postgres from "postgres";
import type { TestServer } from "../../apps/site/tests/server.ts";

/** What one request costs on average. */
export interface Costs {
  /** Statements sent to the database; to a server, without those that begin and end transactions. */
  readonly statements: number;
  /** Processor time of the site's process: the embedded database is in it, a server is not. */
  readonly processor: number;
  /** Time that the embedded database was busy, or that a server's connections ran statements. */
  readonly database: number;
}

/** The site's own figures, by name. */
export async function figuresOf({ origin }: TestServer): Promise<(name: string) => number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return (name) => Number(new RegExp(`^gradus_${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
}

/** Seconds that a server's connections to a database have run statements. */
async function activeSeconds(url: string): Promise<number> {
  const client = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const [{ seconds }] = await client<{ seconds: number }[]>`
      select active_time / 1000 as seconds from pg_stat_database where datname = current_database()`;
    return seconds;
  } finally {
    await client.end();
  }
}

/** Milliseconds after which a server's connections have told what they did. */
const TOLD = 1500;

async function counters(server: TestServer, url: string | undefined): Promise<Costs> {
  if (url) await new Promise((resolve) => setTimeout(resolve, TOLD));
  const figure = await figuresOf(server);
  return {
    statements: figure("database_statements_total"),
    processor: figure("cpu_seconds_total"),
    database: url ? await activeSeconds(url) : figure("database_seconds_total"),
  };
}

/** Runs requests; tells what each cost, in milliseconds. `url` is that of the database, when it is a server. */
export async function costing<Result extends { readonly requests: number }>(
  server: TestServer,
  url: string | undefined,
  run: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly costs: Costs }> {
  const before = await counters(server, url);
  const result = await run();
  const after = await counters(server, url);
  const each = (kind: keyof Costs) => (after[kind] - before[kind]) / result.requests;
  return {
    result,
    costs: {
      statements: each("statements"),
      processor: 1000 * each("processor"),
      database: 1000 * each("database"),
    },
  };
}
