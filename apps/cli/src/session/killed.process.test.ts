// A run whose process was killed, and how to continue it.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { folder, gradus, measured, resume } from "../fixture/program.ts";

/** Resolves when the checkpoint contains the stage of the experiment. */
function kept(file: string, experiment: string, stage: string): Promise<void> {
  const look = async () => {
    const { current } = JSON.parse(await readFile(join(folder, file), "utf8"));
    expect(current).toMatchObject({ experiment, stages: { [stage]: {} } });
  };
  return vi.waitFor(look, { timeout: 90_000, interval: 20 });
}

const checkpoint = (name: string) => `.gradus/checkpoints/${name}.checkpoint.json`;

describe("kill -9", () => {
  it("loses no finished stage of a run: the same command says how to continue to the uninterrupted report", async () => {
    const line = "run walk --json --seed 5 --set steps=30 --set stages=4";
    const run = gradus(line, { FIXTURE_WAIT_IN: "walk:2" });
    await run.until("waiting in stage 2");
    await kept(checkpoint("run-random-walks-walk"), "walk", "stage 1");
    run.child.kill("SIGKILL");
    await run.ended;

    const whole = await gradus(line).ended;
    expect(whole.status).toBe(0);
    expect(whole.err.replaceAll("\n", " ")).toContain(
      "An earlier run was interrupted and has kept 2 finished stages of walk.",
    );
    const listed = await gradus("show").ended;
    expect(listed.out.replaceAll("\n", " ")).toMatch(
      /Interrupted on .*: run random-walks\/walk; kept 2 finished/,
    );
    const resumed = await resume(whole.err);
    expect(resumed.status).toBe(0);
    expect(measured(resumed.out)).toEqual(measured(whole.out));
    const left = await readdir(join(folder, ".gradus/checkpoints"));
    // A file that the killed process was writing never became a checkpoint.
    expect(left.filter((name) => !name.endsWith(".tmp"))).toEqual([]);
  });

  it("loses no finished experiment of verify", async () => {
    const verify = gradus("verify 4 12 --json", { FIXTURE_WAIT_IN: "steady:3" });
    await verify.until("waiting in stage 3");
    await kept(checkpoint("verify-random-walks-steady-walks"), "steady", "stage 2");
    verify.child.kill("SIGKILL");
    await verify.ended;
    const whole = await gradus("verify 4 12 --json").ended;
    expect(whole.err.replaceAll("\n", " ")).toContain(
      "has kept 2 finished runs and 3 finished stages of steady.",
    );
    const resumed = await resume(whole.err);
    expect(resumed.status).toBe(1);
    expect(measured(resumed.out)).toEqual(measured(whole.out));
    // Finished experiments are not run again.
    expect(resumed.err).not.toContain("random-walks/walk");
  });

  it("loses nothing if a second run writes to the same --out without --resume", async () => {
    const run = gradus("run walk --out results", { FIXTURE_WAIT_IN: "walk:2" });
    await run.until("waiting in stage 2");
    await kept(checkpoint("run-random-walks-walk"), "walk", "stage 1");
    run.child.kill("SIGKILL");
    await run.ended;
    const next = gradus("run walk --out results", { FIXTURE_WAIT_IN: "walk:1" });
    await next.until("waiting in stage 1");
    await kept(checkpoint("run-random-walks-walk-2"), "walk", "stage 0");
    next.child.kill("SIGKILL");
    const { err } = await next.ended;
    expect(err.replaceAll("\n", " ")).toContain(
      "An earlier run was interrupted and has kept 2 finished stages",
    );
    const listed = await gradus("show").ended;
    expect(listed.out.replaceAll("\n", " ")).toMatch(/kept one finished stage.*kept 2 finished stages/);
    const third = gradus("run walk --out results", { FIXTURE_WAIT_IN: "walk:0" });
    await third.until("waiting in stage 0");
    third.child.kill("SIGKILL");
    // Of two interrupted runs, the more advanced one is offered.
    const { err: hint } = await third.ended;
    expect(hint).toContain(`--resume ${checkpoint("run-random-walks-walk")}`);
    expect((await resume(hint)).status).toBe(0);
    expect(await readdir(join(folder, "results"))).toContain("report.json");
  });
});
