import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Database, openEmbedded } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { engines } from "../database/testing.ts";
import { failedRuns } from "./failed-runs.ts";
import { jobStates } from "./job-states.ts";
import { type Jobs, startJobs } from "./start.ts";

interface Kept {
  readonly state: string;
  readonly output: string;
  readonly retries: number;
}

/** The runs that the queue remembers of a job, oldest first. */
async function kept({ orm }: Database, name: string): Promise<readonly Kept[]> {
  const result = await orm.execute(sql`
    select state::text as state, coalesce(output::text, '') as output, retry_count as retries
    from pgboss.job where name = ${name} order by created_on`);
  return rowsOf<Kept>(result);
}

const lines: string[] = [];
beforeAll(() => {
  vi.spyOn(process.stdout, "write").mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
});
afterAll(() => vi.restoreAllMocks());

describe.each(engines)("on %s", (engine, open) => {
  const onServer = test.skipIf(engine === "PGlite");
  let database: Database;
  let jobs: Jobs | undefined;
  beforeAll(async () => {
    database = await open();
  });
  afterEach(async () => {
    await jobs?.close();
    jobs = undefined;
    await database.orm.execute(sql`delete from pgboss.job`);
  });
  afterAll(() => database?.close());

  test("a requested run happens once, is logged and remembered", async () => {
    const run = vi.fn(async () => {});
    jobs = await startJobs(database, [{ name: "requested", run }]);
    await jobs.request("requested");
    await expect.poll(() => kept(database, "requested")).toMatchObject([{ state: "completed" }]);
    expect(run).toHaveBeenCalledTimes(1);
    const line = lines.map((text) => JSON.parse(text)).find(({ job }) => job === "requested");
    expect(line).toMatchObject({
      attempt: 1,
      outcome: "done",
      id: expect.any(String),
      ms: expect.any(Number),
    });
    const [state] = await jobStates(database.orm, ["requested"]);
    expect(state).toMatchObject({ failed: undefined, waiting: 0, succeeded: expect.any(Date) });
  });

  test("of requests during a run one waits, and its run begins after the first has ended", async () => {
    const ends: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const run = async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => ends.push(resolve));
      running -= 1;
    };
    jobs = await startJobs(database, [{ name: "busy", run }]);
    await jobs.request("busy");
    await expect.poll(() => ends.length).toBe(1);
    for (let i = 0; i < 3; i++) await jobs.request("busy");
    expect(await kept(database, "busy")).toHaveLength(2);
    ends[0]();
    // The worker looks by itself: another request could come after the waiting run has begun, and would wait in turn.
    await expect.poll(() => ends.length).toBe(2);
    ends[1]();
    await expect
      .poll(async () => (await kept(database, "busy")).map(({ state }) => state))
      .toEqual(["completed", "completed"]);
    expect(most).toBe(1);
  });

  test("a run that waits for a later time begins at once when it is asked for", async () => {
    const run = vi.fn(async () => {});
    jobs = await startJobs(database, [{ name: "later", run }]);
    await jobs.request("later", 600);
    await jobs.request("later", 300);
    expect(await kept(database, "later")).toMatchObject([{ state: "created" }]);
    await jobs.request("later");
    await expect.poll(() => kept(database, "later")).toMatchObject([{ state: "completed" }]);
    expect(run).toHaveBeenCalledTimes(1);
  });

  test("a run begins when its time comes, without another request", async () => {
    const run = vi.fn(async () => {});
    jobs = await startJobs(database, [{ name: "due", run }]);
    await jobs.request("due", 600);
    expect(await kept(database, "due")).toMatchObject([{ state: "created" }]);
    await database.orm.execute(sql`update pgboss.job set start_after = now() where name = 'due'`);
    await expect.poll(() => kept(database, "due")).toMatchObject([{ state: "completed" }]);
    expect(run).toHaveBeenCalledTimes(1);
  });

  test("a failure is kept without what people wrote, and the run is tried again", async () => {
    let tries = 0;
    const run = async () => {
      tries += 1;
      if (tries === 1) throw new Error("could not reach reader@example.org");
    };
    jobs = await startJobs(database, [{ name: "failing", run }]);
    await jobs.request("failing");
    await expect.poll(() => kept(database, "failing")).toMatchObject([{ state: "retry" }]);
    const [{ output }] = await kept(database, "failing");
    expect(output).toContain("could not reach (address)");
    expect(output).not.toContain("reader@example.org");
    expect((await jobStates(database.orm, ["failing"]))[0]).toMatchObject({ failed: expect.any(Date) });
    // The minute until the next try.
    await database.orm.execute(sql`update pgboss.job set start_after = now() where name = 'failing'`);
    await jobs.request("failing");
    await expect
      .poll(async () => (await kept(database, "failing"))[0])
      .toMatchObject({ state: "completed", retries: 1 });
  });

  test("a run has failed when it did, not when it began, also while it waits and is tried again", async () => {
    jobs = await startJobs(database, [
      {
        name: "slow",
        async run() {
          throw new Error("broken");
        },
      },
    ]);
    await jobs.request("slow");
    await expect.poll(() => kept(database, "slow")).toMatchObject([{ state: "retry" }]);
    const hourAgo = sql`started_on = now() - interval '1 hour'`;
    await database.orm.execute(sql`update pgboss.job set ${hourAgo} where name = 'slow'`);
    const [failure] = await failedRuns(database.orm, ["slow"], 1);
    expect(Date.now() - failure.at.getTime()).toBeLessThan(30 * 60_000);
    for (const state of ["retry", "active"]) {
      await database.orm.execute(
        sql`update pgboss.job set state = ${state}::pgboss.job_state, retry_count = 1 where name = 'slow'`,
      );
      expect((await jobStates(database.orm, ["slow"]))[0].failed).toEqual(failure.at);
    }
  });

  test("a job is not about to be tried again once another run has succeeded", async () => {
    const run = vi.fn(async () => {
      if (run.mock.calls.length === 1) throw new Error("broken");
    });
    jobs = await startJobs(database, [{ name: "mended", run }]);
    await jobs.request("mended");
    await expect.poll(() => kept(database, "mended")).toMatchObject([{ state: "retry" }]);
    expect((await jobStates(database.orm, ["mended"]))[0]).toMatchObject({ next: expect.any(Date) });
    await jobs.request("mended");
    await expect
      .poll(() => kept(database, "mended"))
      .toMatchObject([{ state: "retry" }, { state: "completed" }]);
    expect((await jobStates(database.orm, ["mended"]))[0]).toMatchObject({ next: undefined });
  });

  test("a run whose end could not be written, and a request that could not, happen once there is room", async () => {
    const run = vi.fn(async () => {
      if (run.mock.calls.length > 1) return;
      await database.orm.execute(sql`
        create function pgboss.full_disk() returns trigger language plpgsql as
          $$ begin raise exception 'no space left on device' using errcode = '53100'; end $$`);
      await database.orm.execute(sql`
        create trigger full_disk before insert or update or delete on pgboss.job
        for each row execute function pgboss.full_disk()`);
    });
    const other = vi.fn(async () => {});
    jobs = await startJobs(database, [
      { name: "unwritten", run },
      { name: "missed", run: other },
    ]);
    const errors = () => lines.map((text) => JSON.parse(text)).filter(({ job }) => job === "queue");
    const before = errors().length;
    try {
      await jobs.request("unwritten");
      await expect.poll(() => errors().length).toBeGreaterThan(before);
      await expect(jobs.request("missed")).rejects.toThrow();
      expect(await kept(database, "unwritten")).toMatchObject([{ state: "active" }]);
    } finally {
      await database.orm.execute(sql`drop function if exists pgboss.full_disk cascade`);
    }
    await expect
      .poll(() => kept(database, "unwritten"), { timeout: 60_000 })
      .toMatchObject([{ state: "retry", output: expect.stringContaining("could not be written") }]);
    await expect.poll(() => other.mock.calls.length, { timeout: 60_000 }).toBe(1);
  }, 150_000);

  test("closing stops a run, which is tried again", async () => {
    let begun = () => {};
    const running = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const run = (signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        begun();
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    const own = await startJobs(database, [{ name: "long", run }]);
    await own.request("long");
    await running;
    await own.close();
    expect(await kept(database, "long")).toMatchObject([{ state: "retry" }]);
    const line = lines.map((text) => JSON.parse(text)).find(({ job }) => job === "long");
    expect(line).toMatchObject({ outcome: "interrupted" });
  });

  onServer(
    "a run whose process was killed is tried again, one of a process that is there is not (skipped on PGlite: one process has it)",
    async () => {
      const script = fileURLToPath(new URL("./testing/endless-run.ts", import.meta.url));
      const child = spawn(process.execPath, [script, String(database.queue)], { stdio: "ignore" });
      const exited = once(child, "exit");
      const afterStart = async () => {
        const own = await startJobs(database, [{ name: "killed", run: async () => {} }]);
        await own.close();
        return kept(database, "killed");
      };
      try {
        await expect
          .poll(() => kept(database, "killed"), { timeout: 60_000 })
          .toMatchObject([{ state: "active" }]);
        expect(await afterStart()).toMatchObject([{ state: "active" }]);
      } finally {
        child.kill("SIGKILL");
        await exited;
      }
      await expect.poll(async () => (await afterStart())[0]?.state, { timeout: 60_000 }).not.toBe("active");
      jobs = await startJobs(database, [{ name: "killed", run: async () => {} }]);
      await expect
        .poll(() => kept(database, "killed"), { timeout: 20_000 })
        .toMatchObject([{ state: "completed", retries: 1 }]);
    },
    150_000,
  );

  test("a later start writes what has changed of queues and schedules, and nothing else", async () => {
    const written = async () =>
      rowsOf<{ queue: string; schedule: string; retries: number; cron: string }>(
        await database.orm.execute(sql`
          select q.updated_on::text as queue, s.updated_on::text as schedule, retry_limit as retries, cron
          from pgboss.queue q join pgboss.schedule s using (name) where name = 'kept'`),
      )[0];
    const start = async (schedule: string) => {
      jobs = await startJobs(database, [{ name: "kept", schedule, run: async () => {} }]);
      await jobs.close();
      jobs = undefined;
      return written();
    };
    const first = await start("0 3 1 1 *");
    expect(first).toMatchObject({ retries: 6, cron: "0 3 1 1 *" });
    expect(await start("0 3 1 1 *")).toEqual(first);
    expect(await start("0 4 1 1 *")).toMatchObject({ queue: first.queue, cron: "0 4 1 1 *" });
    await database.orm.execute(sql`update pgboss.queue set retry_limit = 1 where name = 'kept'`);
    expect(await start("0 4 1 1 *")).toMatchObject({ retries: 6 });
  });

  test("a schedule that is wanted no more is gone, and one missed while stopped is made up for", async () => {
    const run = vi.fn(async () => {});
    jobs = await startJobs(database, [
      { name: "nightly", schedule: "0 3 * * *", run },
      { name: "hourly", schedule: "0 * * * *", run },
    ]);
    const schedules = async () =>
      rowsOf<{ name: string }>(
        await database.orm.execute(sql`select name from pgboss.schedule order by name`),
      ).map(({ name }) => name);
    expect(await schedules()).toEqual(["hourly", "nightly"]);
    await jobs.close();
    jobs = await startJobs(database, [{ name: "hourly", schedule: "0 * * * *", run }]);
    expect(await schedules()).toEqual(["hourly"]);
  });

  test("schedules that were last looked at by a clock that was ahead are looked at again", async () => {
    const start = () => startJobs(database, [{ name: "hourly", schedule: "0 * * * *", run: async () => {} }]);
    jobs = await start();
    await jobs.close();
    await database.orm.execute(sql`update pgboss.version set cron_on = now() + interval '3 days'`);
    await database.orm.execute(sql`update pgboss.queue set monitor_claim_on = now() + interval '3 days'`);
    jobs = await start();
    const [row] = rowsOf(
      await database.orm.execute(sql`select cron_on <= now() as past from pgboss.version`),
    );
    expect(row).toEqual({ past: true });
    const queues = rowsOf(
      await database.orm.execute(sql`
        select coalesce(monitor_claim_on, now()) < now() + interval '1 day' as due from pgboss.queue`),
    );
    expect(queues.length).toBeGreaterThan(0);
    for (const queue of queues) expect(queue).toEqual({ due: true });
  });
});

test("the embedded database: a run whose process was killed is tried again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gradus-jobs-"));
  let database = await openEmbedded(join(folder, "database"));
  try {
    const first = await startJobs(database, [{ name: "killed", run: async () => {} }]);
    await first.request("killed", 3600);
    await first.close();
    // As a process leaves it that ends in the middle.
    await database.orm.execute(sql`update pgboss.job set state = 'active', started_on = now()`);
    await database.close();
    database = await openEmbedded(join(folder, "database"));
    const second = await startJobs(database, [{ name: "killed", run: async () => {} }]);
    // At once; a second time it would wait as after a failure.
    await expect
      .poll(() => kept(database, "killed"), { timeout: 20_000 })
      .toMatchObject([{ state: "completed", retries: 1 }]);
    await database.orm.execute(sql`update pgboss.job set state = 'active', started_on = now()`);
    await second.close();
    await database.close();
    database = await openEmbedded(join(folder, "database"));
    const third = await startJobs(database, [{ name: "killed", run: async () => {} }]);
    expect(await kept(database, "killed")).toMatchObject([
      { state: "retry", output: expect.stringContaining("the process ended") },
    ]);
    await third.close();
  } finally {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
