// Runs that are interrupted, and what goes on from their checkpoints.
import { access, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, gradus, measured, resume } from "./fixture/program.ts";

describe("Ctrl-C", () => {
  it("leaves a checkpoint from which the printed command gives the uninterrupted report", async () => {
    const run = gradus("run walk --json --seed 5 --set steps=30 --set stages=4", {
      FIXTURE_WAIT_IN: "walk:2",
    });
    await run.until("waiting in stage 2");
    run.child.kill("SIGINT");
    const { status, out, err } = await run.ended;
    expect({ status, out }).toEqual({ status: 130, out: "" });
    expect(err).toContain("Interrupted. Kept: 2 finished stages of walk.");
    expect(err).toContain("Checkpoint: .gradus/checkpoints/run-random-walks-walk.checkpoint.json");

    const whole = await gradus("run walk --json --seed 5 --set steps=30 --set stages=4").ended;
    const resumed = await resume(err);
    expect(resumed.status).toBe(0);
    expect(measured(resumed.out)).toEqual(measured(whole.out));
    expect(resumed.err).not.toContain("waiting");
  });

  it("works while a kernel occupies the computing thread", async () => {
    const run = gradus("run walk --set steps=10000", { FIXTURE_WAIT_IN: "walk:1", FIXTURE_BLOCK: "1" });
    await run.until("waiting in stage 1");
    run.child.kill("SIGINT");
    const { status, err } = await run.ended;
    expect(status).toBe(130);
    expect(err).toContain("Kept: one finished stage of walk.");
  });

  it("counts once if it arrives twice, as under npx", async () => {
    const run = gradus("run walk", { FIXTURE_WAIT_IN: "walk:1" });
    await run.until("waiting in stage 1");
    run.child.kill("SIGINT");
    run.child.kill("SIGINT");
    const { status, err } = await run.ended;
    expect(status).toBe(130);
    expect(err).toContain("Resume with:");
  });

  it("keeps finished experiments, also those of verify, and resumes into --out", async () => {
    const verify = gradus("verify 4 12 --json", { FIXTURE_WAIT_IN: "steady:3" });
    await verify.until("waiting in stage 3");
    verify.child.kill("SIGINT");
    const cut = await verify.ended;
    expect(cut.status).toBe(130);
    expect(cut.err).toContain("Kept: 2 finished runs and 3 finished stages of steady.");
    const resumed = await resume(cut.err);
    const whole = await gradus("verify 4 12 --json").ended;
    expect(resumed.status).toBe(1);
    expect(measured(resumed.out)).toEqual(measured(whole.out));

    const run = gradus("run 12 --out results", { FIXTURE_WAIT_IN: "steady:3" });
    await run.until("waiting in stage 3");
    run.child.kill("SIGINT");
    const { err } = await run.ended;
    expect(err).toContain("Checkpoint: .gradus/checkpoints/run-steady-walks.checkpoint.json");
    expect((await resume(err)).status).toBe(0);
    expect((await readdir(join(folder, "results"))).sort()).toEqual(["report.json", "run.json", "steady"]);
  });

  it("overwrites no checkpoint of another run", async () => {
    for (const name of ["", "-2"]) {
      const run = gradus("run walk", { FIXTURE_WAIT_IN: "walk:1" });
      await run.until("waiting in stage 1");
      run.child.kill("SIGINT");
      const { err } = await run.ended;
      expect(err).toContain(`Checkpoint: .gradus/checkpoints/run-random-walks-walk${name}.checkpoint.json`);
    }
  });

  it("leaves no checkpoint where nothing had finished", async () => {
    const run = gradus("run walk", { FIXTURE_WAIT_IN: "walk:0" });
    await run.until("waiting in stage 0");
    run.child.kill("SIGINT");
    const { status, err } = await run.ended;
    expect(status).toBe(130);
    expect(err).toContain("Interrupted. Nothing had finished yet.");
    expect(err).not.toContain("Resume with:");
    expect(await readdir(join(folder, ".gradus/checkpoints")).catch(() => [])).toEqual([]);
  });

  it("leaves the checkpoint in the folder of temporary files if the folder it was started in is gone", async () => {
    const run = gradus("run walk", { FIXTURE_WAIT_IN: "walk:1" });
    await run.until("waiting in stage 1");
    // what the run writes meanwhile leaves the folder not empty
    await rm(folder, { recursive: true, maxRetries: 10 });
    run.child.kill("SIGINT");
    const { status, err } = await run.ended;
    expect(status).toBe(130);
    const file = /Checkpoint: (.*)\n/.exec(err)?.[1] ?? "";
    expect(dirname(file)).toBe(tmpdir());
    await rm(file);
  });

  it("has the same effect as SIGTERM", async () => {
    const run = gradus("run walk", { FIXTURE_WAIT_IN: "walk:1" });
    await run.until("waiting in stage 1");
    run.child.kill("SIGTERM");
    const { status, err } = await run.ended;
    expect(status).toBe(143);
    expect(err).toContain("Resume with:");
  });
});

describe("--resume", () => {
  it("refuses options that differ from the checkpoint, and files that are no checkpoints", async () => {
    const run = gradus("run walk --set steps=30", { FIXTURE_WAIT_IN: "walk:1" });
    await run.until("waiting in stage 1");
    run.child.kill("SIGINT");
    await run.ended;
    const file = ".gradus/checkpoints/run-random-walks-walk.checkpoint.json";
    await writeFile(join(folder, "broken.json"), "{");
    const cases: [line: string, reason: string][] = [
      [`run walk --resume ${file} --seed 9`, "has seed 1, not 9"],
      [`run walk --resume ${file} --profile full`, 'has profile "quick", not "full"'],
      [`run walk --resume ${file} --set steps=31`, "not"],
      [`run fails --resume ${file}`, "is of random-walks/walk"],
      [`verify --resume ${file}`, 'is of "run"'],
      ["run walk --resume broken.json", "it is not valid JSON"],
      ["run walk --resume missing.json", "missing.json cannot be read"],
    ];
    for (const [line, reason] of cases) {
      const { status, err } = await gradus(line).ended;
      expect({ line, status }).toEqual({ line, status: 2 });
      expect(err.replaceAll("\n", " ")).toContain(reason);
    }
    const same = await gradus(`run walk --set steps=30 --seed 1 --resume ${file}`).ended;
    expect(same.status).toBe(0);
    await expect(access(join(folder, file))).rejects.toThrow("ENOENT");
    const again = await gradus(`run walk --resume ${file}`).ended;
    expect(again.status).toBe(2);
    expect(again.err.replaceAll("\n", " ")).toContain("finishes removes its checkpoint");
  });
});
