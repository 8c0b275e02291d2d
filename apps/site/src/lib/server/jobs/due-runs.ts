import { sql } from "drizzle-orm";
import type { Database } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";

/** Who hears of the looks. */
interface Listener {
  /** A run of this job may begin. */
  due(name: string): void;
  failed(error: unknown): void;
}

/** Seconds between looks. */
const LOOK_SECONDS = 2;

/**
 * Looks for runs that may begin: those whose time has come, and those that other processes asked for. With one statement
 * for all jobs; where each worker looked by itself, an idle site on the embedded database took twice the processor time.
 *
 * @returns ends the looks; nobody hears of one in progress
 */
export function watchDueRuns({ orm }: Pick<Database, "orm">, { due, failed }: Listener): () => void {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function look(): Promise<void> {
    try {
      const result = await orm.execute(sql`
        select distinct name from pgboss.job where state < 'active' and not blocked and start_after <= now()`);
      if (!closed) for (const { name } of rowsOf<{ name: string }>(result)) due(name);
    } catch (error) {
      if (!closed) failed(error);
    }
    lookLater();
  }

  function lookLater(): void {
    if (closed) return;
    timer = setTimeout(() => void look(), LOOK_SECONDS * 1000);
    timer.unref();
  }

  lookLater();
  return () => {
    closed = true;
    clearTimeout(timer);
  };
}
