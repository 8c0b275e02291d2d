import { randomInt } from "node:crypto";
import postgres from "postgres";

/** The first half of the locks by which processes that have the jobs of a database know each other. */
const PRESENCE_LOCK = 7_236_433;
/** The second half is a number of the process below this. */
const NUMBERS = 2 ** 31;
/** Milliseconds until a lock is taken anew that went with its connection. */
const AGAIN = 1000;

/** That this process has the jobs of a database on a server, as others see it. */
export interface Presence {
  /** Whether no other process has them. */
  isAlone(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Shows other processes that this one has the jobs of a database, until it closes or ends in whatever way: a connection
 * of its own holds an advisory lock with the process's number, and is made anew when it is lost. The number tells processes
 * apart where a pooler has them share a connection.
 */
export async function showPresence(url: string): Promise<Presence> {
  const own = randomInt(NUMBERS);
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  const client = postgres(url, {
    ...{ max: 1, max_lifetime: null, fetch_types: false, onnotice: () => {} },
    onclose: lockLater,
  });
  const lock = () => client`select pg_try_advisory_lock_shared(${PRESENCE_LOCK}::int, ${own}::int)`;
  function lockLater(): void {
    clearTimeout(timer);
    if (closed) return;
    timer = setTimeout(() => lock().catch(lockLater), AGAIN);
    timer.unref();
  }
  await lock();
  return {
    async isAlone() {
      const [row] = await client<{ alone: boolean | null }[]>`
        select bool_and(objid = ${own}::oid) as alone from pg_locks
        where locktype = 'advisory' and (classid, objsubid) = (${PRESENCE_LOCK}::oid, 2) and granted
          and database = (select oid from pg_database where datname = current_database())`;
      return row?.alone === true;
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await client.end({ timeout: 5 });
    },
  };
}
