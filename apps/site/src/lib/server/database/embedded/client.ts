import type { Results } from "@electric-sql/pglite";
import { startWorker } from "../../worker.ts";
import {
  type DatabaseRequest,
  type DatabaseResponse,
  type Instants,
  jsonTypes,
  type NumberedRequest,
  type RowMode,
  type SentError,
} from "./protocol.ts";

/** The queries that a database was sent. */
export interface DatabaseWork {
  /** Statements sent since it was opened. */
  readonly statements: number;
  /** Seconds that the embedded database's thread was busy. */
  readonly seconds?: number;
}

/** Statements on the embedded database. */
export interface Statements {
  /** One statement with parameters `$1`, `$2`, ... */
  query<T>(
    text: string,
    parameters?: readonly unknown[],
    options?: { readonly rowMode?: RowMode; readonly instants?: Instants },
  ): Promise<Results<T>>;
  /** Several statements without parameters. */
  exec(text: string, options?: { readonly instants?: Instants }): Promise<readonly Results[]>;
}

/** Postgres in a thread of this process: other work goes on while it answers. */
export interface EmbeddedClient extends Statements {
  /** Runs statements as one transaction; others wait for its end. It is undone when `run` rejects. */
  transaction<T>(run: (statements: Statements) => Promise<T>): Promise<T>;
  /** All data, as they are at one moment, as an archive that is not packed. */
  dumpDataDir(compression: "none"): Promise<Blob>;
  close(): Promise<void>;
  /** Resolves to the reason when the thread ends without having been closed; it then answers no more queries. */
  readonly died: Promise<string>;
  work(): DatabaseWork;
}

/** The embedded database refused a statement; it has what Postgres says, `code` among it. */
class EmbeddedDatabaseError extends Error {
  override name = "EmbeddedDatabaseError";
}

function received({ message, fields }: SentError): EmbeddedDatabaseError {
  return Object.assign(new EmbeddedDatabaseError(message), fields);
}

/** Postgres' code of a connection that it ended: nothing more can be asked. */
const STOPPED = { message: "the embedded database has stopped", fields: { code: "57P01" } };

/** Parses the columns that are JSON. */
function withJson<T>(result: Results<T>, rowMode: RowMode): Results<T> {
  result.fields.forEach(({ name, dataTypeID }, i) => {
    if (!jsonTypes.has(dataTypeID)) return;
    const key = rowMode === "array" ? i : name;
    for (const row of result.rows as Record<string | number, unknown>[]) {
      const value = row[key];
      if (typeof value === "string") row[key] = JSON.parse(value);
    }
  });
  return result;
}

interface Waiting {
  resolve(done: unknown): void;
  reject(error: Error): void;
}

/**
 * Opens the Postgres of a folder in a thread of its own.
 *
 * @throws EmbeddedDatabaseError when it cannot be opened
 */
export async function openThread(folder: string): Promise<EmbeddedClient> {
  const worker = startWorker("#lib/server/database/embedded/thread.worker.ts", folder);
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let asked = 0;
  let stopped: SentError | undefined;
  let closing = false;
  let tellDeath = (_reason: string) => {};
  const died = new Promise<string>((resolve) => {
    tellDeath = resolve;
  });

  function stop(reason: SentError): void {
    if (!stopped && !closing) tellDeath(reason.message);
    stopped ??= reason;
    for (const { reject } of waiting.values()) reject(received(stopped));
    waiting.clear();
  }
  worker.on("message", (answer: DatabaseResponse) => {
    const request = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ("error" in answer) request?.reject(received(answer.error));
    else request?.resolve(answer.done);
  });
  worker.on("error", (error) => stop({ ...STOPPED, message: `${STOPPED.message}: ${error.message}` }));
  const gone = new Promise<void>((resolve) => {
    worker.on("exit", () => {
      stop(STOPPED);
      resolve();
    });
  });

  function answerOf<T>(id: number): Promise<T> {
    return new Promise((resolve, reject) => {
      if (stopped) reject(received(stopped));
      else waiting.set(id, { resolve: resolve as Waiting["resolve"], reject });
    });
  }

  function send<T>(order: DatabaseRequest): Promise<T> {
    const id = ++last;
    const answer = answerOf<T>(id);
    try {
      worker.postMessage({ ...order, id } satisfies NumberedRequest);
    } catch (error) {
      // A value that no thread can be sent.
      const request = waiting.get(id);
      waiting.delete(id);
      request?.reject(error instanceof Error ? error : new Error(String(error)));
    }
    return answer;
  }

  const statements: Statements = {
    async query<T>(
      text: string,
      parameters: readonly unknown[] = [],
      {
        rowMode = "object",
        instants = "text",
      }: { readonly rowMode?: RowMode; readonly instants?: Instants } = {},
    ) {
      asked += 1;
      return withJson(
        await send<Results<T>>({ kind: "query", text, parameters, rowMode, instants }),
        rowMode,
      );
    },
    async exec(text, { instants = "text" } = {}) {
      asked += 1;
      const results = await send<readonly Results[]>({ kind: "exec", text, instants });
      return results.map((result) => withJson(result, "object"));
    },
  };

  /** Ends with the transaction under way. */
  let transaction: Promise<void> | undefined;

  async function between<T>(run: () => Promise<T>): Promise<T> {
    while (transaction) await transaction;
    if (closing) throw received(STOPPED);
    return run();
  }

  /** The statements of a transaction, until it has ended. */
  function inside(isOver: () => boolean): Statements {
    const alive = () => {
      if (isOver()) throw new EmbeddedDatabaseError("the transaction has ended");
    };
    return {
      async query<T>(...request: Parameters<Statements["query"]>) {
        alive();
        return statements.query<T>(...request);
      },
      async exec(...request) {
        alive();
        return statements.exec(...request);
      },
    };
  }

  // The thread says when the database is open.
  await answerOf(0);
  return {
    query: (...request) => between(() => statements.query(...request)),
    exec: (...request) => between(() => statements.exec(...request)),
    transaction: (run) =>
      between(async () => {
        let over = false;
        let end = () => {};
        transaction = new Promise((resolve) => {
          end = resolve;
        });
        try {
          await statements.exec("begin");
          const result = await run(inside(() => over));
          over = true;
          await statements.exec("commit");
          return result;
        } catch (error) {
          over = true;
          // A database that has stopped has undone it.
          await statements.exec("rollback").catch(() => undefined);
          throw error;
        } finally {
          transaction = undefined;
          end();
        }
      }),
    dumpDataDir: () => between(() => send<Blob>({ kind: "dump" })),
    close: () =>
      between(async () => {
        closing = true;
        try {
          if (!stopped) await send({ kind: "close" });
        } finally {
          await gone;
        }
      }),
    died,
    work: () => ({ statements: asked, seconds: worker.performance.eventLoopUtilization().active / 1000 }),
  };
}
