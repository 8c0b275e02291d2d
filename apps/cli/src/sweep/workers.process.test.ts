// Workers on a Postgres server, killed, stopped and woken at random moments, drawn from a seed.
import { join } from "node:path";
import type { JobDatabase } from "@gradus/database";
import { randomStream } from "gradus/random";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { serverDatabase, serverUrl, type TestDatabase } from "../fixture/databases.ts";
import { held, hold, letGo } from "../fixture/held-stages.ts";
import { stageName } from "../fixture/hold-stage.ts";
import { measuredSweep } from "../fixture/measured-sweep.ts";
import { folder, gradus, type Started } from "../fixture/program.ts";
import { openSweepDatabase } from "./queue.ts";
import { findSweeps, runsOf } from "./store.ts";

const SEEDS = 3;
const STAGES = 3;
const STEPS = [10, 20, 30];
const sweepLine = `sweep walk --grid steps=${STEPS} --seeds ${SEEDS} --set stages=${STAGES}`;
/** The server notices after ten seconds that a worker is gone. */
const PATIENCE = { timeout: 120_000, interval: 50 };

describe.skipIf(!serverUrl)(
  "workers (skipped without GRADUS_TEST_DATABASE_URL)",
  { timeout: 480_000 },
  () => {
    let place: TestDatabase;
    let database: JobDatabase;
    let holds: string;
    const workers: Started[] = [];
    beforeEach(async () => {
      place = await serverDatabase(serverUrl ?? "");
      database = await openSweepDatabase(place.location, () => undefined);
      holds = join(folder, "holds");
    });
    afterEach(async () => {
      for (const { child } of workers.splice(0)) child.kill("SIGKILL");
      await database.close();
      await place.drop();
    });

    function startWorker(): Started {
      const worker = gradus(`worker --database ${place.location}`, { FIXTURE_HOLD: holds });
      workers.push(worker);
      return worker;
    }

    /** Resolves when the database contains a run's checkpoint of the stage before. */
    async function checkpointed(steps: number, seed: number, stage: number): Promise<void> {
      if (stage === 0) return;
      await vi.waitFor(async () => {
        const rows = await database.execute(
          "select 1 from sweep.runs where cell = $1 and seed = $2 and checkpoint like $3",
          [STEPS.indexOf(steps), seed, `%"stage ${stage - 1}"%`],
        );
        expect(rows.length).toBe(1);
      }, PATIENCE);
    }

    it("lose no run and count none twice: the table equals that of an undisturbed sweep", {
      timeout: 480_000,
    }, async () => {
      const undisturbed = await gradus(`${sweepLine} --concurrency 2 --json`).ended;
      expect(undisturbed).toMatchObject({ status: 0 });

      const random = randomStream(20).split("kills");
      const draw = (n: number) => Math.floor(random.uniform() * n);
      const all = STEPS.flatMap((steps) => Array.from({ length: SEEDS }, (_, i) => ({ steps, seed: i + 1 })));
      const chosen = [0, 1, 2].map(() => ({
        ...all.splice(draw(all.length), 1)[0],
        stage: draw(STAGES),
        killsWorker: random.uniform() < 0.75,
      }));
      // One worker is stopped instead, presumed dead, and woken when another has finished its run.
      const late = { ...all.splice(draw(all.length), 1)[0], stage: STAGES - 1 };
      for (const { seed, steps, stage } of [...chosen, late])
        await hold(holds, stageName(seed, steps, stage));

      const detached = await gradus(`${sweepLine} --detach --database ${place.location}`).ended;
      expect(detached).toMatchObject({ status: 0, out: "" });
      startWorker();
      startWorker();
      const disturb = chosen.map(async ({ seed, steps, stage, killsWorker }) => {
        const { compute, worker } = await held(holds, stageName(seed, steps, stage));
        await checkpointed(steps, seed, stage);
        process.kill(killsWorker ? worker : compute, "SIGKILL");
        if (killsWorker) startWorker();
      });
      const stopped = (async () => {
        const name = stageName(late.seed, late.steps, late.stage);
        const { worker } = await held(holds, name);
        await checkpointed(late.steps, late.seed, late.stage);
        process.kill(worker, "SIGSTOP");
        startWorker();
        const cell = STEPS.indexOf(late.steps);
        await vi.waitFor(async () => {
          const [sweep] = await findSweeps(database);
          const runs = await runsOf(database, sweep.id);
          const run = runs.find((one) => one.cell === cell && one.seed === late.seed);
          expect(run?.state).toBe("finished");
          expect(run?.attempt).toBeGreaterThan(1);
        }, PATIENCE);
        await letGo(holds, name);
        process.kill(worker, "SIGCONT");
        const lateWorker = workers.find(({ child }) => child.pid === worker);
        await lateWorker?.untilOut(`steps=${late.steps}, seed ${late.seed}: lost`);
      })();
      await Promise.all([...disturb, stopped]);

      const waited = await gradus(`sweep resume latest --json --database ${place.location}`).ended;
      expect(waited).toMatchObject({ status: 0 });
      expect(measuredSweep(waited.out)).toEqual(measuredSweep(undisturbed.out));
      expect(measuredSweep(waited.out).runs).toHaveLength(STEPS.length * SEEDS);

      for (const { child } of workers) child.kill("SIGTERM");
      const outputs = (await Promise.all(workers.map(({ ended }) => ended))).map(({ out }) => out).join("");
      for (const { steps, seed, stage } of [...chosen, late])
        expect(outputs).toMatch(
          new RegExp(
            `steps=${steps}, seed ${seed}: started, attempt \\d+${stage > 0 ? ", from its checkpoint" : ""}\n`,
          ),
        );
    });

    it("return their runs on Ctrl-C, and end when nothing is left if asked to", async () => {
      await gradus(`sweep walk --seeds 2 --detach --database ${place.location}`).ended;
      await hold(holds, stageName(1, 20, 2));
      const worker = startWorker();
      await held(holds, stageName(1, 20, 2));
      worker.child.kill("SIGINT");
      const { status, out } = await worker.ended;
      expect(status).toBe(130);
      expect(out).toContain("seed 1: returned");
      const next = await gradus(`worker --until-empty --database ${place.location}`).ended;
      expect(next.status).toBe(0);
      expect(next.out).toMatch(/seed 1: started, attempt \d+, from its checkpoint/);
      const shown = await gradus(`sweep show latest --json --database ${place.location}`).ended;
      expect(measuredSweep(shown.out).runs).toMatchObject([{ state: "finished" }, { state: "finished" }]);
    });

    it("continue after the server has dropped every connection, as in a restart", async () => {
      await hold(holds, stageName(1, 20, 1));
      const sweep = gradus(`sweep walk --seeds 2 --concurrency 1 --json --database ${place.location}`, {
        FIXTURE_HOLD: holds,
      });
      await held(holds, stageName(1, 20, 1));
      const dropped = await database.execute(
        `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
      );
      expect(dropped.length).toBeGreaterThan(0);
      await letGo(holds, stageName(1, 20, 1));
      const { status, out } = await sweep.ended;
      expect(status).toBe(0);
      expect(measuredSweep(out).runs).toMatchObject([{ state: "finished" }, { state: "finished" }]);
    });

    it("refuse the embedded database and a missing server with a clear message", async () => {
      const embedded = await gradus("worker").ended;
      expect(embedded.status).toBe(2);
      expect(embedded.err.replaceAll("\n", " ")).toContain("worker needs a Postgres server");
      const absent = await gradus("worker --database postgres://nobody:secret@localhost:1/nothing").ended;
      expect(absent.status).toBe(3);
      expect(absent.err).toContain("cannot open the database localhost:1/nothing");
      expect(absent.err).not.toContain("secret");
    });
  },
);
