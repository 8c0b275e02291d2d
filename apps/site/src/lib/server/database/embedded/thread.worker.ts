// Has the embedded database: it does what it is asked, one order after the other.
import { inspect } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import { type PGlite, types } from "@electric-sql/pglite";
import { openPglite } from "./pglite.ts";
import { preparedStatements, type Query } from "./prepared.ts";
import {
  type DatabaseResponse,
  errorFields,
  type Instants,
  jsonTypes,
  type NumberedRequest,
  type SentError,
} from "./protocol.ts";

if (!parentPort) throw new Error("must run in a worker thread");
const port = parentPort;

/** Leaves values of some types as they are. */
const textOf = (kinds: Iterable<number>) =>
  Object.fromEntries([...kinds].map((type) => [type, (text: string) => text] as const));
/** What is parsed on the other side; and, unless dates are wanted, what the query builder reads itself. */
const parsers = {
  dates: textOf(jsonTypes),
  text: textOf([
    ...jsonTypes,
    types.TIMESTAMP,
    types.TIMESTAMPTZ,
    types.INTERVAL,
    types.DATE,
    // Arrays of numerics, and of the four above.
    1231,
    1115,
    1185,
    1187,
    1182,
  ]),
};

function sent(error: unknown): SentError {
  if (!(error instanceof Error))
    return { message: inspect(error, { breakLength: Number.POSITIVE_INFINITY }), fields: {} };
  const own = error as Error & Record<string, unknown>;
  const fields = errorFields.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]] as const]));
  return { message: error.message, fields: Object.fromEntries(fields) };
}

/** What orders are carried out with. */
interface Means {
  readonly client: PGlite;
  readonly query: Query;
  /** How values are read. */
  readonly readers: Readonly<Record<Instants, PGlite["parsers"]>>;
}

async function carryOut(
  { client, query, readers }: Means,
  order: NumberedRequest,
): Promise<Extract<DatabaseResponse, { done: unknown }>["done"]> {
  switch (order.kind) {
    case "query":
      return query(order.text, order.parameters, {
        rowMode: order.rowMode,
        parsers: readers[order.instants],
      });
    case "exec":
      return client.exec(order.text, { parsers: parsers[order.instants] });
    case "dump":
      // Both threads share the bytes of a blob; a file, which this is, could not be sent.
      return new Blob([await client.dumpDataDir("none")]);
    case "close":
      await client.close();
      return undefined;
  }
}

try {
  const client = await openPglite(workerData);
  const query = await preparedStatements(client);
  const readers = {
    dates: { ...client.parsers, ...parsers.dates },
    text: { ...client.parsers, ...parsers.text },
  };
  port.on("message", async (order: NumberedRequest) => {
    const { id } = order;
    try {
      port.postMessage({
        id,
        done: await carryOut({ client, query, readers }, order),
      } satisfies DatabaseResponse);
    } catch (error) {
      port.postMessage({ id, error: sent(error) } satisfies DatabaseResponse);
    }
    if (order.kind === "close") port.close();
  });
  port.postMessage({ id: 0, done: undefined } satisfies DatabaseResponse);
} catch (error) {
  port.postMessage({ id: 0, error: sent(error) } satisfies DatabaseResponse);
  port.close();
}
