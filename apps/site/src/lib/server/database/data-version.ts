import { sql } from "drizzle-orm";
import type { Orm } from "./connect.ts";
import { DatabaseTimeoutError } from "./connection-errors.ts";
import { rowsOf } from "./rows.ts";
import { isEmbedded } from "./settings.ts";

/** A server that has not answered so small a question by then is taken for unreachable. */
const PATIENCE_MILLISECONDS = 2_000;
/** The embedded database does one thing at a time, and a backup takes seconds. */
const PATIENCE_EMBEDDED = 60_000;

/** Rejects when `promise` takes longer than `patience` milliseconds. */
async function withTimeout<T>(promise: Promise<T>, patience: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DatabaseTimeoutError(`no answer within ${patience} ms`)), patience);
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Shares one run of `ask` among all callers that wait for it to begin. Nobody is given the result of a run that had
 * begun before the call: what such a run saw may be older than what the caller knows of.
 */
export function coalesceCalls<T>(ask: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const start = (): Promise<T> => {
    const run = ask();
    running = run;
    const done = () => {
      if (running === run) running = undefined;
    };
    run.then(done, done);
    return run;
  };
  return () => {
    if (!running) return start();
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return start();
      });
    return next;
  };
}

/**
 * Asks for the version of what pages show: two equal answers mean that no change of it was committed between them. It
 * counts the transactions that wrote papers and what belongs to them, by triggers, so no writer has to remember to
 * count; sessions, mail and jobs do not change it.
 */
export function dataVersion(orm: Orm): () => Promise<string> {
  const patience = isEmbedded(orm) ? PATIENCE_EMBEDDED : PATIENCE_MILLISECONDS;
  return coalesceCalls(async () => {
    const result: unknown = await withTimeout(
      Promise.resolve(
        orm.execute(sql`select coalesce(sum(changes), 0)::text as version from content_versions`),
      ),
      patience,
    );
    const [{ version }] = rowsOf<{ version: string }>(result);
    return version;
  });
}
