// A sweep on one machine without a server: one command, whose processes are killed.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { held, hold } from "../fixture/held-stages.ts";
import { stageName } from "../fixture/hold-stage.ts";
import { measuredSweep } from "../fixture/measured-sweep.ts";
import { type Ended, folder, gradus, start } from "../fixture/program.ts";
import { runCommand } from "../fixture/run-command.ts";

const line = "sweep walk --grid steps=10,20 --seeds 2 --set stages=3 --json";
let holds: string;
beforeEach(() => {
  holds = join(folder, "holds");
});

/** The figures of the sweep of `line`, from single runs of the experiment. */
async function reference(): Promise<Record<string, number[]>> {
  const values: Record<string, number[]> = {};
  for (const steps of [10, 20])
    for (const seed of [1, 2]) {
      const words = `run walk --set steps=${steps} --set stages=3 --seed ${seed} --json`;
      const { out } = await runCommand(words, { home: folder });
      values[`${steps}`] = [...(values[`${steps}`] ?? []), JSON.parse(out).checks[0].measured];
    }
  return values;
}

const apart = `${line} --database apart`;
let swept: Promise<Ended> | undefined;

/** The sweep of `line`, undisturbed, with all its files: run once for all tests, in the folder of the first. */
function undisturbed(): Promise<Ended> {
  swept ??= gradus(`${apart} --csv sweep.csv --html sweep.html --svg sweep.svg --out reports`).ended;
  return swept;
}

// Postgres in WebAssembly takes seconds to start on a busy machine.
describe("a sweep on the embedded database", { timeout: 480_000 }, () => {
  it("measures the same in one command as single runs, and writes its files", async () => {
    const { status, out } = await undisturbed();
    expect(status).toBe(0);
    const values = await reference();
    const { measures, runs } = measuredSweep(out);
    expect(runs.map(({ state }) => state)).toEqual(["finished", "finished", "finished", "finished"]);
    const half = (a: number, b: number) => (12.7062047361747 * Math.abs(a - b)) / 2;
    const cells = Object.entries(values).map(([steps, [a, b]]) => ({
      parameters: { steps: Number(steps) },
      condition: "above 0",
      mean: expect.closeTo((a + b) / 2, 12),
      interval: [expect.closeTo((a + b) / 2 - half(a, b), 9), expect.closeTo((a + b) / 2 + half(a, b), 9)],
      held: [a, b].filter((value) => value > 0).length,
      runs: 2,
    }));
    expect(measures[0]).toEqual({ claim: "C1", label: "height at the end over the number of steps", cells });
    const table = await readFile(join(folder, "sweep.csv"), "utf8");
    expect(table.split("\n")[1]).toContain(`,10,above 0,`);
    expect(table.split("\n")[1]).toContain(`,2,${values["10"][0]},${values["10"][1]}`);
    expect(await readFile(join(folder, "sweep.html"), "utf8")).toContain("4 of 4 runs finished");
    expect((await stat(join(folder, "sweep.svg"))).size).toBeGreaterThan(500);
    const names = (await readdir(join(folder, "reports"))).sort();
    expect(names).toEqual(["steps=10,_seed=1", "steps=10,_seed=2", "steps=20,_seed=1", "steps=20,_seed=2"]);

    // Repeating the command measures nothing: all runs had finished.
    const again = await gradus(apart).ended;
    expect(again.err.replaceAll("\n", " ")).toContain("all already finished");
    expect(again.out).toBe(out);
    const listed = await gradus("sweep list --database apart").ended;
    expect(listed.out).toContain("4 of 4");
  });

  it("gives the same table if it or its computing processes are killed, interrupted and resumed", async () => {
    const [first, second, third] = [stageName(1, 20, 1), stageName(2, 10, 2), stageName(2, 20, 0)];
    for (const name of [first, second, third]) await hold(holds, name);
    const sweep = gradus(line, { FIXTURE_HOLD: holds });
    process.kill((await held(holds, first)).compute, "SIGKILL");
    await held(holds, second);
    sweep.child.kill("SIGKILL");
    await sweep.ended;

    const next = gradus(line, { FIXTURE_HOLD: holds });
    await held(holds, third);
    const locked = await gradus("sweep list").ended;
    expect(locked.status).toBe(2);
    expect(locked.err.replaceAll("\n", " ")).toMatch(
      /open in process \d+, a running sweep or the site. Wait for it or stop it, use another folder: --database .gradus\/sweeps/,
    );
    expect(locked.err.match(/is open/g)).toHaveLength(1);
    next.child.kill("SIGINT");
    const cut = await next.ended;
    expect(cut.status).toBe(130);
    const command = /Resume with:\n {2}(.*)\n/.exec(cut.err)?.[1];
    const resumed = await start("sh", ["-c", `exec ${command ?? "false"}`]).ended;
    expect(resumed.status).toBe(0);
    expect(resumed.err.replaceAll("\n", " ")).toContain("3 already finished");

    expect(measuredSweep(resumed.out)).toEqual(measuredSweep((await undisturbed()).out));
  });

  it("says which runs failed and why, retries them when resumed, and gives up on one that always crashes", async () => {
    const failed = await gradus("sweep no-data --seeds 2").ended;
    expect(failed.status).toBe(3);
    expect(failed.out).toContain("2 runs failed:");
    expect(failed.out.replaceAll(/\s+/g, " ")).toContain('seed 1: data set "moon" is not there');
    const resumed = await gradus("sweep resume latest --json").ended;
    expect(resumed.status).toBe(3);
    expect(measuredSweep(resumed.out).runs).toMatchObject([{ state: "failed" }, { state: "failed" }]);

    const crashing = await gradus("sweep crash --seeds 1").ended;
    expect(crashing.status).toBe(3);
    expect(crashing.out.replaceAll(/\s+/g, " ")).toContain("its process ended 5 times without a result");
  });
});

describe("sweep refuses", { timeout: 480_000 }, () => {
  it("invalid sweeps, and says what is wrong", async () => {
    const cases: [line: string, reason: string][] = [
      ["sweep", "sweep needs an experiment, such as: gradus sweep"],
      ["sweep random-walks", "sweep needs one experiment; random-walks has"],
      ["sweep walk --grid steps", "--grid must be name=value"],
      ["sweep walk --grid stpes=1,2", "Did you mean stages or steps?"],
      ["sweep walk --grid steps=10,ten", "parameter steps: expected a whole number from 1 to 10000, got ten"],
      ["sweep walk --grid steps=10,10", "--grid steps has the value 10 twice"],
      ["sweep walk --grid steps=10 --set steps=20", "the parameter steps is given twice"],
      ["sweep walk --seeds 0", "It must be a whole number from 1 to 100000"],
      ["sweep show", "missing required argument 'sweep'"],
      ["sweep show 123", "no sweep 123 in"],
      ["sweep walk --detach", "--detach needs a Postgres server"],
    ];
    for (const [words, reason] of cases) {
      const { status, err } = await runCommand(words, { home: folder });
      expect({ words, status }).toEqual({ words, status: 2 });
      expect(err.replaceAll(/\s+/g, " ")).toContain(reason);
    }
  });
});
