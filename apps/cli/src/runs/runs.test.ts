// How runs are stored and shown again.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunReport } from "@gradus/papers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommand } from "../fixture/run-command.ts";

let folder: string;
let home: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-runs-"));
  home = join(folder, "home");
});
afterEach(() => rm(folder, { recursive: true }));

const gradus = (line: string) => runCommand(line, { home });

/** Reports without their times. */
function measured(reports: readonly RunReport[]): unknown {
  return reports.map(({ startedAt: _, elapsed: __, ...rest }) => rest);
}

interface Row {
  readonly id: string;
  readonly names: readonly string[];
  readonly claims: Readonly<Record<string, number>>;
}

async function rows(): Promise<Row[]> {
  return JSON.parse((await gradus("show --json")).out);
}

/** Text without line breaks and spaces for layout. */
const flat = (text: string) => text.replaceAll(/\s+/g, " ");

describe("show", () => {
  it("says so if nothing was run", async () => {
    const { status, out } = await gradus("show");
    expect(status).toBe(0);
    expect(flat(out)).toContain(`No runs in ${home}/runs yet. Start one: gradus run random-walks`);
    const latest = await gradus("show latest");
    expect(latest.status).toBe(2);
    expect(flat(latest.err)).toContain(`no run is saved in ${home}. Start one: gradus run random-walks`);
    expect(latest.err).not.toContain("Did you mean");
  });

  it("shows a run again: plots, tables, claims, parameters, and the command that repeats it", async () => {
    const run = await gradus("run walk --seed 7 --set steps=25");
    const shown = await gradus("show latest");
    expect(shown.status).toBe(0);
    for (const text of [
      "Height of the walk",
      "Where the walk ends",
      "The walk ends at",
      "steps=25",
      "seed 7",
    ]) {
      expect(run.out).toContain(text);
      expect(shown.out).toContain(text);
    }
    expect(shown.out).toMatch(/● {2}2 held|● ● {2}2 held/);
    expect(flat(shown.out)).toContain("Parameters were changed: the results are not a verdict");
    const again = /Reproduce with:\n +(.*)\n/.exec(shown.out)?.[1] ?? "";
    expect(again).toContain("run random-walks/walk --profile quick --seed 7 --set steps=25");
    const words = again.slice(again.indexOf("run ")).split(" ");
    const repeated = await gradus([...words, "--json"].join(" "));
    const record = JSON.parse((await gradus("show latest --json")).out);
    expect(measured([JSON.parse(repeated.out)])).toEqual(measured(record.reports));
  });

  it("finds runs by id or its first characters, by paper and experiment, and by the folder of --out", async () => {
    await gradus(`run 12 --out ${folder}/results`);
    await gradus("run 4");
    await gradus("verify 4 12");
    const [verify, walks, steady] = await rows();
    expect([verify, walks, steady].map(({ names }) => names)).toEqual([
      ["random-walks", "steady-walks"],
      ["random-walks"],
      ["steady-walks"],
    ]);
    expect(verify.claims).toMatchObject({
      held: 4,
      mixed: 0,
      "did not hold": 1,
      inconclusive: 0,
      "not run": 1,
    });
    const idOf = async (name: string) => JSON.parse((await gradus(`show ${name} --json`)).out).id;
    expect(await idOf("latest")).toBe(verify.id);
    expect(await idOf(walks.id)).toBe(walks.id);
    expect(await idOf(steady.id.slice(0, 6))).toBe(steady.id);
    expect(await idOf("12")).toBe(verify.id);
    expect(await idOf(`${folder}/results`)).toBe(steady.id);
    const one = JSON.parse((await gradus("show random-walks/fails --json")).out);
    expect(one.reports.map(({ experiment }: { experiment: string }) => experiment)).toEqual(["fails"]);
    expect(one.papers[0].claims.map(({ id }: { id: string }) => id)).toEqual(["C3"]);
  });

  it("suggests the nearest for unknown names, with exit status 2", async () => {
    await gradus("run walk");
    await writeFile(join(folder, "other.json"), "{}");
    const cases: [line: string, reason: string][] = [
      ["show lates", "Did you mean latest?"],
      ["show random-wlaks", "Did you mean random-walks?"],
      ["show steady-walks", "no run of steady-walks is saved in"],
      [`show ${folder}/other.json`, "not a record of a run"],
      ["show a b", "too many arguments for 'show'"],
      ["show --html x.html", "--html and --svg need a run"],
      ["show latest --all", "--all lists runs"],
    ];
    for (const [line, reason] of cases) {
      const { status, err } = await gradus(line);
      expect({ line, status }).toEqual({ line, status: 2 });
      expect(flat(err)).toContain(reason);
    }
  });

  it("lists the readable runs if a file is damaged, and names the file", async () => {
    await gradus("run walk");
    await writeFile(join(home, "runs", "20200101T000000000Z-abcdef0123.json"), "{");
    const { status, out } = await gradus("show");
    expect(status).toBe(0);
    expect(out).toContain("run random-walks/walk");
    expect(flat(out)).toContain("20200101T000000000Z-abcdef0123.json cannot be read");
  });
});

describe("the runs folder", () => {
  it("holds one complete file per run, and no unfinished run", async () => {
    await gradus("run walk");
    expect((await gradus("run broken/bug")).status).toBe(3);
    const names = await readdir(join(home, "runs"));
    expect(names).toHaveLength(1);
    expect(names[0]).toMatch(/^\d{8}T\d{9}Z-[0-9a-f]{10}\.json$/);
    JSON.parse(await readFile(join(home, "runs", names[0]), "utf8"));
  });

  it("fails a command whose record is kept nowhere, once its results are shown", async () => {
    await writeFile(home, "a file where the folder would be");
    const unsaved = `The run could not be saved: cannot write into ${home} (EEXIST`;
    for (const line of ["run walk", "verify random-walks/walk"]) {
      const { status, out, err } = await gradus(line);
      expect(status).toBe(3);
      expect(out).toContain("held");
      expect(out).not.toContain("saved");
      expect(flat(err)).toContain(unsaved);
      // Once the folder can be written, nothing needs to be measured again.
      const [, checkpoint, again] =
        /Checkpoint: (\S+)\nSave its results with:\n {2}gradus (.*)\n/.exec(err) ?? [];
      await rm(home);
      const { status: later, out: results } = await gradus(again);
      expect(later).toBe(0);
      expect(results).toContain(out.trim());
      expect(results).toContain("is saved");
      expect(existsSync(checkpoint)).toBe(false);
      await rm(home, { recursive: true });
      await writeFile(home, "a file where the folder would be");
    }
    const elsewhere = await gradus(`run walk --out ${folder}/results`);
    expect(elsewhere.status).toBe(0);
    expect(elsewhere.out).toContain(`Results: ${folder}/results`);
    expect(flat(elsewhere.err)).toContain(unsaved);
    expect((await gradus(`show ${folder}/results/run.json`)).status).toBe(0);
  });
});

describe("--html and --svg", () => {
  it("write the same report for a new run and one shown again", async () => {
    const run = await gradus(`run walk --html ${folder}/sub/report.html --svg ${folder}/figures`);
    expect(run.out).toContain(`Report: ${folder}/sub/report.html\nFigures: 2 in ${folder}/figures\n`);
    expect((await readdir(join(folder, "figures"))).sort()).toEqual([
      "random-walks-walk-ends.svg",
      "random-walks-walk-path.svg",
    ]);
    const shown = await gradus(`show latest --html ${folder}/again.html --svg ${folder}/again`);
    expect(shown.out).toBe(`Report: ${folder}/again.html\nFigures: 2 in ${folder}/again\n`);
    const read = (file: string) => readFile(join(folder, file), "utf8");
    expect(await read("again.html")).toBe(await read("sub/report.html"));
    for (const name of await readdir(join(folder, "figures")))
      expect(await read(`again/${name}`)).toBe(await read(`figures/${name}`));
  });

  it("work with verify", async () => {
    const { status } = await gradus(`verify 12 --html ${folder}/claims.html`);
    expect(status).toBe(0);
    expect(await readFile(join(folder, "claims.html"), "utf8")).toContain("<h1>Steady Walks</h1>");
  });

  it.each([
    ["run walk --svg FOLDER/figures", "figures/random-walks-walk-ends.svg"],
    ["verify 4 --svg FOLDER/figures", "figures/random-walks-walk-ends.svg"],
    ["run walk --out FOLDER/results", "results/run.json"],
  ])("%s leaves the run saved where a file cannot be written", async (line, file) => {
    // A file cannot take the place of a folder.
    await mkdir(join(folder, file), { recursive: true });
    const { status, out, err } = await gradus(line.replace("FOLDER", folder));
    expect(status).toBe(3);
    expect(flat(out)).toMatch(/● held .* is saved\. Show it with: gradus show/);
    expect(out).not.toContain(`Results: ${folder}`);
    expect(flat(err)).toContain(`cannot write ${folder}/${file}`);
    expect(await rows()).toHaveLength(1);
    expect(await readdir(join(home, "checkpoints")).catch(() => [])).toEqual([]);
  });

  it("are refused before anything is run if they cannot be written", async () => {
    await writeFile(join(folder, "file"), "");
    const cases: [line: string, reason: string][] = [
      [`run walk --html ${folder}`, `${folder} is a folder; such as: ${folder}/report.html`],
      [`run walk --report ${folder}`, `${folder} is a folder; such as: ${folder}/report.json`],
      [`run walk --html ${folder}/file/report.html`, `--html: cannot write into ${folder}/file`],
      [`verify 4 --svg ${folder}/file`, `--svg: cannot write into ${folder}/file`],
    ];
    for (const [line, reason] of cases) {
      const { status, err } = await gradus(line);
      expect({ line, status }).toEqual({ line, status: 2 });
      expect(flat(err)).toContain(reason);
      expect(err).not.toContain("stage 1");
    }
  });
});
