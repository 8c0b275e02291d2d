import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Interrupted } from "../../apps/cli/src/errors.ts";
import type { Execute } from "../../apps/cli/src/execute/in-process.ts";
import { memoryHost } from "../../apps/cli/src/fixture/run-command.ts";
import { measure } from "./measure.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-measure-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Measures into the test's folder; a run of which something is to be thrown throws it. */
async function run(
  line: string,
  stop: (experiment: string, seed: number) => Error | undefined = () => undefined,
  sources = "these",
) {
  const home = join(folder, ".gradus");
  const host = { ...memoryHost({ home, columns: 200, sources }), invocation: "measure" };
  const execute: Execute = async function* (request, signal) {
    const reason = stop(request.experiment, request.seed);
    if (reason) throw reason;
    return yield* host.execute(request, signal);
  };
  const status = await measure({ ...host, execute }, line.split(" ").filter(Boolean), folder);
  return { status, out: host.out.text, err: host.err.text };
}

const read = async (file: string) => JSON.parse(await readFile(join(folder, file), "utf8"));
const without = (value: unknown) =>
  JSON.parse(
    JSON.stringify(value, (key, one) => (key === "startedAt" || key === "elapsed" ? undefined : one)),
  );
const kept = async () => [await read("random-walks.json"), await read("figures/random-walks.json")];
const interrupt = (at: number) => (_: string, seed: number) =>
  seed === at ? new Interrupted("SIGINT") : undefined;

describe("npm run measure", () => {
  it("puts an experiment in the place of its last measurement, and leaves the others to the byte", async () => {
    expect((await run("4")).status).toBe(0);
    const [findings, figures] = await kept();
    expect(
      findings.measurements.map(({ experiment, seeds }: never) => [experiment, (seeds as []).length]),
    ).toEqual([
      ["walk", 20],
      ["fails", 1],
    ]);
    expect(Object.keys(figures)).toEqual(["walk"]);

    const { status, out } = await run("4/walk");
    expect({ status, out }).toEqual({ status: 0, out: `${join(folder, "random-walks.json")}: walk\n` });
    const [again, drawn] = await kept();
    expect(without(again)).toEqual(without(findings));
    const [walk, fails] = again.measurements;
    expect(fails).toEqual(findings.measurements[1]);
    expect(walk.seeds[0].startedAt > findings.measurements[0].seeds[0].startedAt).toBe(true);
    // A page draws the figures only of the run that its verdicts come from.
    expect(drawn.walk.startedAt).toBe(walk.seeds[0].startedAt);
  });

  it("says which experiments of a paper it leaves out for want of claims", async () => {
    const host = memoryHost({ home: join(folder, ".gradus"), columns: 200 });
    const papers = (await host.loadPapers()).map((paper) => ({
      ...paper,
      experiments: paper.experiments.map((entry) =>
        entry.id === "fails" ? { ...entry, claims: [] } : entry,
      ),
    }));
    const named = async (name: string) => {
      const { err, out } = memoryHost({ home: join(folder, ".gradus"), columns: 200 });
      await measure({ ...host, err, out, loadPapers: async () => papers }, [name], folder);
      return err.text;
    };
    const line = "Not measured, without claims: random-walks/fails; name one to measure it";
    expect(await named("4")).toContain(line);
    expect(await named("4/walk")).not.toContain("Not measured");
  });

  it("goes on after an interruption with the missing seeds, and gives what an uninterrupted measurement gives", async () => {
    const cut = await run("random-walks/walk fails", interrupt(7));
    expect(cut.status).toBe(130);
    expect(cut.err).toContain("Interrupted. Kept: 6 finished runs.");
    expect(await readdir(folder)).toEqual([".gradus"]);
    const [, words = ""] = /^Resume with:\n {2}measure (.*)$/m.exec(cut.err) ?? [];
    expect(words).toMatch(/^random-walks\/walk random-walks\/fails --resume /);

    const begun: string[] = [];
    const resumed = await run(words, (experiment, seed) => {
      begun.push(`${experiment} ${seed}`);
      return undefined;
    });
    expect(resumed.status).toBe(0);
    expect(begun).toEqual([...Array.from({ length: 14 }, (_, k) => `walk ${k + 7}`), "fails 1"]);
    const result = without(await kept());
    expect(await readdir(join(folder, ".gradus", "checkpoints"))).toEqual([]);
    await run("random-walks/walk random-walks/fails");
    expect(result).toEqual(without(await kept()));
  });

  it("begins anew, and says so, where the sources have changed since the checkpoint", async () => {
    const cut = await run("random-walks/walk", interrupt(7));
    const [, words = ""] = /^Resume with:\n {2}measure (.*)$/m.exec(cut.err) ?? [];
    const begun: number[] = [];
    const count = (_: string, seed: number) => {
      begun.push(seed);
      return undefined;
    };
    const [, file] = words.split(" --resume ");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace(`"process":${process.pid}`, '"process":1073741824')); // one that has ended
    for (const [sources, offered] of [
      ["these", true],
      ["others", false],
    ] as const) {
      const { err } = await run("random-walks/walk", interrupt(1), sources);
      expect(err.includes("An earlier run was interrupted"), sources).toBe(offered);
    }
    const resumed = await run(words, count, "others");
    expect(resumed.status).toBe(0);
    expect(resumed.err.replace(/\s+/g, " ")).toContain(
      "The sources have changed since the checkpoint was written: starting from the beginning. The checkpoint's 6 finished runs came from other sources; a copy is kept in ",
    );
    expect(await readFile(`${file}.earlier`, "utf8")).toContain('"sources":"these"');
    expect(begun).toEqual(Array.from({ length: 20 }, (_, k) => k + 1));
    expect(await readdir(join(folder, ".gradus", "checkpoints"))).toEqual([`${basename(file)}.earlier`]);
  });

  it("keeps the last measurement of what could not be run with every seed", async () => {
    await run("4");
    const [before] = await kept();
    const { status, out, err } = await run("4", (experiment, seed) =>
      experiment === "walk" && seed === 20 ? new Error("no memory") : undefined,
    );
    expect(status).toBe(3);
    expect(out).toBe(`${join(folder, "random-walks.json")}: fails\n`);
    expect(err).toContain("random-walks/walk could not be run");
    const [{ measurements }] = await kept();
    expect(measurements[0]).toEqual(before.measurements[0]);
    expect(measurements[1].seeds[0].startedAt > before.measurements[1].seeds[0].startedAt).toBe(true);
  });

  it("keeps the full size beside the quick one, whose figures stay", async () => {
    await run("4/walk");
    const [, figures] = await kept();
    await run("4/walk --profile full");
    const [{ measurements }, drawn] = await kept();
    expect(measurements.map(({ profile, seeds }: never) => [profile, (seeds as []).length])).toEqual([
      ["quick", 20],
      ["full", 5],
    ]);
    expect(drawn).toEqual(figures);
  });

  it.each([
    ["4/wlak", 'random-walks has no experiment "wlak". Did you mean walk?'],
    ["random-wlaks", "Did you mean random-walks?"],
    ["4 --seeds 3", "Unknown option '--seeds'"],
    ["4 --profile fast", '--profile must be quick or full, got "fast"'],
  ])("refuses %s", async (line, message) => {
    const { status, err } = await run(line);
    expect(status).toBe(2);
    expect(err).toContain(message);
    expect(await readdir(folder)).toEqual([]);
  });
});
