import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { RunCheckpoint } from "@gradus/papers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { homeFolder } from "../files/home-folder.ts";
import { CheckpointFile } from "./checkpoint-file.ts";
import { describeProgress, interruptedSessions, samePlan } from "./interrupted.ts";
import { type Plan, readStoredSession, type Session, sessionText } from "./session.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "gradus-checkpoints-"));
});
afterEach(() => rm(home, { recursive: true }));

const plan: Plan = { command: "run", names: ["p/e"], profile: "quick", seed: 1, seeds: 1, set: {} };
const args = ["run", "p/e", "--json"];
const sources = async () => "these";

/** A session whose experiment has finished the given number of stages. */
function session(stages: number): Session {
  const current: RunCheckpoint = {
    format: 1,
    paper: "p",
    experiment: "e",
    profile: "quick",
    seed: 1,
    parameters: {},
    stages: Object.fromEntries(
      Array.from({ length: stages }, (_, i) => [
        `stage ${i}`,
        { value: new Float64Array([i / 3]), events: [] },
      ]),
    ),
    elapsed: 1,
  };
  return { plan, finished: [], current };
}

describe("CheckpointFile", () => {
  it("keeps the last of many states saved at once, bit for bit", async () => {
    const file = new CheckpointFile({ home, sources }, args);
    for (let i = 1; i <= 50; i++) file.save(session(i));
    const path = join(homeFolder(home, "checkpoints"), "run-p-e.checkpoint.json");
    await vi.waitFor(
      async () => {
        const { current } = await readStoredSession(path);
        expect(current).toEqual(session(50).current);
      },
      { timeout: 90_000, interval: 10 },
    );
    expect(await file.leave(session(51))).toBe(path);
    const stored = await readStoredSession(path);
    expect(stored).toMatchObject({ ...session(51), args, sources: "these", process: process.pid });
    expect(await readdir(homeFolder(home, "checkpoints"))).toEqual(["run-p-e.checkpoint.json"]);
  });

  it("removes what a killed process was writing a day ago, and nothing newer", async () => {
    const folder = homeFolder(home, "checkpoints");
    await mkdir(folder, { recursive: true });
    for (const name of [".old.tmp", "run-q-f.checkpoint.json.7.tmp", ".new.tmp", "old.checkpoint.json"])
      await writeFile(join(folder, name), "{");
    const yesterday = Date.now() / 1000 - 25 * 60 * 60;
    for (const name of [".old.tmp", "run-q-f.checkpoint.json.7.tmp", "old.checkpoint.json"])
      await utimes(join(folder, name), yesterday, yesterday);
    await new CheckpointFile({ home, sources }, args).leave(session(1));
    expect((await readdir(folder)).sort()).toEqual([
      ".new.tmp",
      "old.checkpoint.json",
      "run-p-e.checkpoint.json",
    ]);
  });

  it("never writes the file of another run, even if both start at the same moment", async () => {
    const files = [1, 2, 3, 4].map(() => new CheckpointFile({ home, sources }, args));
    const paths = await Promise.all(files.map((file, i) => file.leave(session(i + 1))));
    expect(new Set(paths).size).toBe(4);
    for (const [i, path] of paths.entries())
      expect((await readStoredSession(path)).current).toEqual(session(i + 1).current);
  });

  it("removes its file, even during a write, and no file that it has not written", async () => {
    const file = new CheckpointFile({ home, sources }, args);
    file.save(session(1));
    await file.remove();
    expect(await readdir(homeFolder(home, "checkpoints"))).toEqual([]);
    await new CheckpointFile({ home, sources }, args).remove();
  });

  it("leaves the checkpoint in the folder of temporary files if its own cannot be written", async () => {
    await writeFile(join(home, "file"), "");
    const file = new CheckpointFile({ home: join(home, "file"), sources }, args);
    file.save(session(1));
    const path = await file.leave(session(2));
    expect(dirname(path)).toBe(tmpdir());
    expect((await readStoredSession(path)).current).toEqual(session(2).current);
    await rm(path);
  });
});

describe("leftovers", () => {
  // Larger than any process id.
  const dead = 2 ** 30;
  const store = async (name: string, stages: number, pid: number, savedAt: string) => {
    await mkdir(homeFolder(home, "checkpoints"), { recursive: true });
    const text = sessionText(session(stages), { args, sources: "these" })
      .replace(`"process":${process.pid}`, `"process":${pid}`)
      .replace(/"savedAt":"[^"]*"/, `"savedAt":"${savedAt}"`);
    await writeFile(join(homeFolder(home, "checkpoints"), `${name}.checkpoint.json`), text);
  };

  it("belong to processes that have ended, latest first", async () => {
    expect(await interruptedSessions(home)).toEqual([]);
    await store("old", 1, dead, "2026-01-01T00:00:00.000Z");
    await store("new", 2, dead, "2026-01-02T00:00:00.000Z");
    await store("alive", 3, process.pid, "2026-01-03T00:00:00.000Z");
    await writeFile(join(homeFolder(home, "checkpoints"), "half.checkpoint.json"), "{");
    const found = await interruptedSessions(home);
    expect(found.map(({ session: { current } }) => Object.keys(current?.stages ?? {}).length)).toEqual([
      2, 1,
    ]);
    const [{ file }] = found;
    expect(await readFile(file, "utf8")).toContain('"args":["run","p/e","--json"]');
  });

  it("distinguish plans, whatever the order of their fields", () => {
    const { set, seed, ...rest } = plan;
    expect(samePlan(plan, { set, seed, ...rest })).toBe(true);
    for (const other of [{ seed: 2 }, { names: [] }, { set: { n: 1 } }, { profile: "full" as const }])
      expect(samePlan(plan, { ...plan, ...other })).toBe(false);
  });

  it("are described in words", () => {
    expect(describeProgress(session(0))).toBe("");
    expect(describeProgress(session(1))).toBe("one finished stage of e");
    expect(describeProgress(session(4))).toBe("4 finished stages of e");
    const inside = (stages: number) => {
      const { current, ...rest } = session(stages);
      const method = { iteration: 3, state: Float64Array.of(1), kept: null, events: [] };
      return { ...rest, current: current && { ...current, methods: { "stage / method": method } } };
    };
    expect(describeProgress(inside(0))).toBe("part of the first stage of e");
    expect(describeProgress(inside(2))).toBe("2 finished stages and part of the next of e");
  });
});
