import postgres from "postgres";

/** The lock that all processes share which have the jobs of a database; the server takes it from one that ends. */
const PRESENCE_LOCK = 7_236_433;
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
 * of its own holds a shared advisory lock, and is made anew when it is lost.
 */
export async function showPresence(url: string): Promise<Presence> {
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  const client = postgres(url, {
    ...{ max: 1, max_lifetime: null, fetch_types: false, onnotice: () => {} },
    onclose: lockLater,
  });
  // Nobody takes it alone, so that nobody waits for it.
  const lock = () => client`select pg_try_advisory_lock_shared(${PRESENCE_LOCK}::bigint)`;
  function lockLater(): void {
    clearTimeout(timer);
    if (closed) return;
    timer = setTimeout(() => lock().catch(lockLater), AGAIN);
    timer.unref();
  }
  await lock();
  return {
    async isAlone() {
      // The lower half of the lock's number is its objid.
      const [row] = await client<{ alone: boolean | null }[]>`
        select bool_and(pid = pg_backend_pid()) as alone from pg_locks
        where locktype = 'advisory' and (classid, objid, objsubid) = (0, ${PRESENCE_LOCK}::oid, 1) and granted
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
