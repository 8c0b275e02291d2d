// A run counts once, whichever worker finishes it and when: on PGlite and on a server.
import type { JobDatabase } from "@gradus/database";
import { check, criterion, type RunCheckpoint, type RunReport } from "@gradus/papers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engines, type TestDatabase } from "../fixture/databases.ts";
import {
  failRun,
  finishRun,
  leaseRun,
  type RunLease,
  releaseRun,
  saveCheckpoint,
  saveProgress,
} from "./lease.ts";
import type { SweepPlan } from "./plan.ts";
import { enqueue, openSweepDatabase, QUEUE } from "./queue.ts";
import {
  countOpenRuns,
  countRuns,
  createSweep,
  findSweeps,
  removeSweep,
  reportsOf,
  retryFailed,
  runningRuns,
  runsOf,
} from "./store.ts";

const plan: SweepPlan = {
  paper: "random-walks",
  experiment: "walk",
  profile: "quick",
  set: { drift: 0.25 },
  grid: [{ name: "steps", values: [10, 20] }],
  seeds: 2,
};

function report(measured: number): RunReport {
  return {
    format: 1,
    paper: plan.paper,
    experiment: plan.experiment,
    title: "",
    profile: "quick",
    seed: 1,
    parameters: {},
    modified: true,
    findings: { measured },
    undecided: [],
    headline: "",
    checks: [check("C1", "height", measured, { atMost: 1 }, criterion("one step"))],
    summary: [],
    captions: {},
    plots: [],
    series: {},
    tables: [],
    notes: [],
    environment: { runtime: "", platform: "", cores: 1 },
    startedAt: "",
    elapsed: 5,
  };
}

const checkpoint: RunCheckpoint = {
  format: 1,
  paper: plan.paper,
  experiment: plan.experiment,
  profile: "quick",
  seed: 1,
  parameters: {},
  stages: { first: { value: new Float64Array([1 / 3, Number.NaN, -0]), events: [] } },
  elapsed: 1,
};

describe.each(engines)("on %s", (_, make) => {
  let place: TestDatabase;
  let database: JobDatabase;
  beforeAll(async () => {
    place = await make();
    database = await openSweepDatabase(place.location, () => undefined);
  });
  afterAll(async () => {
    await database?.close();
    await place?.drop();
  });

  /** A separate sweep for each test, distinguished by a parameter. */
  const fresh = (drift: number) => createSweep(database, { ...plan, set: { drift } });

  async function lease(sweep: string, cell = 0, seed = 1): Promise<RunLease> {
    const claimed = await leaseRun(database, { sweep, cell, seed }, "worker");
    if (!claimed) throw new Error("the run cannot be claimed");
    return claimed;
  }

  it("stores a plan once, with a run for each combination and seed", async () => {
    const id = await fresh(0.1);
    expect(await fresh(0.1)).toBe(id);
    expect((await runsOf(database, id)).map(({ cell, seed, state }) => [cell, seed, state])).toEqual([
      [0, 1, "waiting"],
      [0, 2, "waiting"],
      [1, 1, "waiting"],
      [1, 2, "waiting"],
    ]);
    const [found] = await findSweeps(database, id.slice(0, 6));
    expect(found).toMatchObject({ id, plan: { ...plan, set: { drift: 0.1 } } });
  });

  it("counts the run of a worker presumed dead once, as that of the worker that took over", async () => {
    const id = await fresh(0.2);
    const first = await lease(id);
    const second = await lease(id);
    expect(second.attempt).toBe(first.attempt + 1);
    for (const late of [
      saveProgress(database, first, 0.9),
      saveCheckpoint(database, first, checkpoint),
      finishRun(database, first, report(7)),
      failRun(database, first, "late"),
      releaseRun(database, first),
    ])
      expect(await late).toBe(false);
    expect(await finishRun(database, second, report(0.5))).toBe(true);
    // Not the first, and not the second twice.
    expect(await finishRun(database, first, report(7))).toBe(false);
    expect(await finishRun(database, second, report(7))).toBe(false);
    expect(await leaseRun(database, { sweep: id, cell: 0, seed: 1 }, "third")).toBeUndefined();
    expect(await countRuns(database, id)).toEqual({ waiting: 3, running: 0, finished: 1, failed: 0 });
    const reports = [];
    for await (const kept of reportsOf(database, id)) reports.push(kept);
    expect(reports).toEqual([{ cell: 0, seed: 1, report: report(0.5) }]);
  });

  it("gives the checkpoint, bit for bit, to the worker that takes over, and forgets earlier crashes", async () => {
    const id = await fresh(0.3);
    const first = await lease(id, 1, 2);
    expect(first).toMatchObject({ crashes: 1, resume: undefined });
    await saveProgress(database, first, 0.25);
    expect(await runningRuns(database, id)).toEqual([{ cell: 1, seed: 2, fraction: 0.25, worker: "worker" }]);
    expect(await lease(id, 1, 2)).toMatchObject({ crashes: 2 });
    const third = await lease(id, 1, 2);
    await saveCheckpoint(database, third, checkpoint);
    const fourth = await lease(id, 1, 2);
    expect(fourth).toMatchObject({ crashes: 1, attempt: 4 });
    expect(fourth.resume).toEqual(checkpoint);
    // Returning a run is not a crash.
    await releaseRun(database, fourth);
    expect(await lease(id, 1, 2)).toMatchObject({ crashes: 1, attempt: 5, resume: checkpoint });
  });

  it("retries failed runs with new jobs, from their checkpoints", async () => {
    const id = await fresh(0.4);
    const first = await lease(id);
    await saveCheckpoint(database, first, checkpoint);
    await failRun(database, first, "the data are missing");
    expect((await runsOf(database, id))[0]).toMatchObject({
      state: "failed",
      failure: "the data are missing",
    });
    expect(await retryFailed(database, id)).toBe(1);
    expect(await retryFailed(database, id)).toBe(0);
    expect((await lease(id)).resume).toEqual(checkpoint);
  });

  it("queues each unfinished run once", async () => {
    const id = await fresh(0.5);
    await finishRun(database, await lease(id), report(1));
    await enqueue(database, id);
    await enqueue(database, id);
    const jobs = await database.jobs.findJobs<{ sweep: string; cell: number; seed: number }>(QUEUE);
    const own = jobs.filter(({ data: { sweep } }) => sweep === id);
    const shown = own.map(({ data: { cell, seed }, priority }) => ({ seed, cell, priority }));
    expect(shown.sort((a, b) => a.seed - b.seed || a.cell - b.cell)).toEqual([
      { seed: 1, cell: 1, priority: -1 },
      { seed: 2, cell: 0, priority: -2 },
      { seed: 2, cell: 1, priority: -2 },
    ]);
  });

  it("deletes a sweep with its runs, and ignores results that a worker still delivers", async () => {
    const id = await fresh(0.6);
    const running = await lease(id);
    const before = await countOpenRuns(database);
    await removeSweep(database, id);
    expect(await countOpenRuns(database)).toBe(before - 4);
    expect(await finishRun(database, running, report(1))).toBe(false);
    expect(await leaseRun(database, { sweep: id, cell: 0, seed: 2 }, "worker")).toBeUndefined();
    expect(await findSweeps(database, id)).toEqual([]);
  });
});
