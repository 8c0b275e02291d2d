import { startQueues } from "@gradus/database";
import { sql } from "drizzle-orm";
import type { Database } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import type { Job } from "../job.ts";
import { errorFields, type LogFields, log } from "../log.ts";
import { watchDueRuns } from "./due-runs.ts";
import { JobError } from "./job-error.ts";
import { type Presence, showPresence } from "./presence.ts";
import { unwrittenRuns } from "./unwritten-runs.ts";

/** The jobs of the site while it runs. */
export interface Jobs {
  /** Their names. */
  readonly names: readonly string[];
  /** Requests a run, after this many seconds at the earliest; a run that waits already serves, and begins no later. */
  request(name: string, seconds?: number): Promise<void>;
  /** Stops the runs under way, which are tried again later, and starts no more. */
  close(): Promise<void>;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** One run waits, one runs. */
const POLICY = "stately";
const queueSettings = {
  // Failed runs are tried again after about 1, 2, 4, ... minutes.
  retryLimit: 6,
  retryDelay: MINUTE,
  retryBackoff: true,
  retryDelayMax: HOUR,
  expireInSeconds: 6 * HOUR,
  // A backup holds the embedded database for a while, and with it the signs of life.
  heartbeatSeconds: 5 * MINUTE,
  // How long runs are remembered.
  deleteAfterSeconds: 14 * DAY,
  retentionSeconds: 14 * DAY,
} as const;

/** When schedules are due, and that what was missed is made up for once. */
const TIMING = { tz: "UTC", missed: "once" } as const;

/** Seconds between a worker's own looks, should it not have been told of a run. */
const WORKER_LOOK_SECONDS = 5 * MINUTE;
/** Seconds between looks for runs whose process has gone silent. */
const SUPERVISE_SECONDS = 60;
/** Connections to a server beside those that answer requests. */
const CONNECTIONS = 2;
/** How long closing waits for runs that were told to stop. */
const STOP_MILLISECONDS = 10_000;
/** An unreachable database fails every poll: it is logged once in this many milliseconds. */
const ERRORS_APART = 60_000;

function summary({ error, code, message }: LogFields): string {
  return [error, code, message].filter((part) => part !== undefined).join(": ");
}

/** Logs errors of the queue, not more than one a minute. */
function errorLog(): (error: unknown) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (error) => {
    const now = performance.now();
    if (now - last < ERRORS_APART) return;
    last = now;
    log({ job: "queue", outcome: "failed", ...errorFields(error) });
  };
}

/**
 * Runs that were under way, by job, where no other process can have them: one that has ended left them. Only one process
 * has an embedded database; others on a server show themselves. Their runs are listed first: whoever began one and is
 * there still is seen after that.
 */
async function abandonedRuns(
  { orm }: Database,
  presence: Presence | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const result = await orm.execute(sql`
    select name, array_agg(id::text) as ids from pgboss.job where state = 'active' group by name`);
  const rows = rowsOf<{ name: string; ids: readonly string[] }>(result);
  if (rows.length === 0 || (presence && !(await presence.isAlone()))) return new Map();
  return new Map(rows.map(({ name, ids }) => [name, ids]));
}

/** Has the run of a job begin now that waits for a later time: of two that wait, the queue keeps the first. */
async function bringForward({ orm }: Database, name: string): Promise<void> {
  await orm.execute(sql`
    update pgboss.job set start_after = now()
    where name = ${name}::text and state = 'created' and start_after > now()`);
}

/**
 * Has abandoned runs of a job tried again: at once the first time, as their process ended for another reason, and later
 * with the pauses of failures, as a run may be what ends its process.
 */
async function tryAgain(
  { orm }: Database,
  queues: Queues,
  { name, ids }: { readonly name: string; readonly ids: readonly string[] },
): Promise<void> {
  await queues.fail(name, [...ids], { message: "the process ended" });
  await orm.execute(sql`
    update pgboss.job set start_after = now()
    where name = ${name}::text and state = 'retry' and retry_count = 0 and id = any(${`{${ids.join()}}`}::text::uuid[])`);
}

/** Whether a job's queue was kept by an earlier start with the settings that it has now. */
function isKept(queue: object | undefined): boolean {
  const kept = new Map<string, unknown>(Object.entries(queue ?? {}));
  return Object.entries({ policy: POLICY, ...queueSettings }).every(
    ([name, value]) => kept.get(name) === value,
  );
}

/**
 * Has schedules and queues looked at that a clock which was ahead has noted as looked at; otherwise none would be due, and no
 * run that ended with its process be tried again, until then.
 */
async function forgetLooksAhead({ orm }: Pick<Database, "orm">): Promise<void> {
  const ahead = sql`now() + interval '1 minute'`;
  await orm.execute(sql`update pgboss.version set cron_on = now() where cron_on > ${ahead}`);
  await orm.execute(sql`
    update pgboss.queue set monitor_on = null, monitor_claim_on = null, maintain_on = null
    where greatest(monitor_on, monitor_claim_on, maintain_on) > ${ahead}`);
}

type Queues = Awaited<ReturnType<typeof startQueues>>;
type Queue = Awaited<ReturnType<Queues["getQueues"]>>[number];
type Schedule = Awaited<ReturnType<Queues["getSchedules"]>>[number];

/** Whether a schedule that an earlier start kept is the one that is wanted now. */
function isScheduled({ cron, timezone, options }: Schedule, wanted: string): boolean {
  return cron === wanted && timezone === TIMING.tz && options?.missed === TIMING.missed;
}

/** What earlier starts left; to write all of it again would take a quarter of a start. */
interface Left {
  readonly kept: readonly Queue[];
  readonly schedules: readonly Schedule[];
  readonly abandoned: ReadonlyMap<string, readonly string[]>;
}

/**
 * Starts the jobs: each runs when it is due or asked for, in one process of all that have the database, never twice at
 * once. A run that fails, or whose process ends, is tried again; what failed for good is kept.
 */
export async function startJobs(database: Database, jobs: readonly Job[]): Promise<Jobs> {
  const logError = errorLog();
  const unwritten = unwrittenRuns({
    fail: (name, run) => queues.fail(name, [run], { message: "its end could not be written" }),
    request: (name) => queues.send(name),
  });
  const onError = (error: unknown) => {
    logError(error);
    unwritten.writeSoon();
  };
  const queues = await startQueues(database.queue, {
    onError,
    schedule: true,
    superviseSeconds: SUPERVISE_SECONDS,
    connections: CONNECTIONS,
  });
  await forgetLooksAhead(database);
  let presence: Presence | undefined;
  const stop = new AbortController();
  const workers = new Map<string, string>();

  async function run(
    job: Job,
    { id, attempt }: { readonly id: string; readonly attempt: number },
    signal: AbortSignal,
  ) {
    const begun = performance.now();
    const line = (fields: LogFields) =>
      log({ job: job.name, id, attempt, ms: Math.round(performance.now() - begun), ...fields });
    try {
      await job.run(AbortSignal.any([stop.signal, signal]));
      line({ outcome: "done" });
    } catch (error) {
      const fields = errorFields(error);
      line(stop.signal.aborted ? { outcome: "interrupted" } : { outcome: "failed", ...fields });
      throw new JobError(stop.signal.aborted ? "interrupted" : summary(fields));
    }
  }

  async function open(job: Job, { kept, schedules, abandoned }: Left): Promise<void> {
    const { name, schedule } = job;
    if (!isKept(kept.find((queue) => queue.name === name))) {
      await queues.createQueue(name, { policy: POLICY, ...queueSettings });
      await queues.updateQueue(name, queueSettings);
    }
    const ids = abandoned.get(name);
    if (ids) await tryAgain(database, queues, { name, ids });
    if (schedule && !schedules.some((one) => one.name === name && isScheduled(one, schedule)))
      await queues.schedule(name, schedule, null, TIMING);
    const worker = await queues.work(
      name,
      { pollingIntervalSeconds: WORKER_LOOK_SECONDS },
      async ([taken]) => {
        const { id, retryCount } = taken;
        unwritten.began(name);
        try {
          await run(job, { id, attempt: retryCount + 1 }, taken.signal);
        } finally {
          unwritten.ended(name, { id, retryCount });
        }
      },
    );
    workers.set(name, worker);
  }

  try {
    const scheduled = new Set(jobs.flatMap(({ name, schedule }) => (schedule ? [name] : [])));
    if (typeof database.queue === "string") presence = await showPresence(database.queue);
    const left = {
      kept: await queues.getQueues(),
      schedules: await queues.getSchedules(),
      abandoned: await abandonedRuns(database, presence),
    };
    for (const { name } of left.schedules) if (!scheduled.has(name)) await queues.unschedule(name);
    for (const job of jobs) await open(job, left);
  } catch (error) {
    unwritten.close();
    await queues.stop({ graceful: false });
    await presence?.close();
    throw error;
  }
  const wake = (name: string) => {
    const worker = workers.get(name);
    if (worker) queues.notifyWorker(worker);
  };
  const stopWatching = watchDueRuns(database, { due: wake, failed: onError });
  return {
    names: jobs.map(({ name }) => name),
    async request(name, seconds = 0) {
      try {
        const sent = await queues.send(name, null, seconds > 0 ? { startAfter: seconds } : {});
        if (sent === null && seconds === 0) await bringForward(database, name);
      } catch (error) {
        unwritten.missed(name);
        throw error;
      }
      if (seconds === 0) wake(name);
    },
    async close() {
      stop.abort();
      unwritten.close();
      stopWatching();
      await queues.stop({ graceful: true, timeout: STOP_MILLISECONDS });
      await presence?.close();
    },
  };
}
