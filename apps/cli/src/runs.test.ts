// What a run leaves behind, and how it is shown again.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { fixture, folder, gradus, measured, start } from "./fixture/program.ts";

interface Row {
  readonly id: string;
  readonly names: readonly string[];
  readonly claims: Readonly<Record<string, number>>;
}

async function rows(): Promise<Row[]> {
  return JSON.parse((await gradus("show --json").ended).out);
}

/** Text without line breaks and the spaces that lay it out. */
const flat = (text: string) => text.replaceAll(/\s+/g, " ");

describe("show", () => {
  it("says so where nothing was run", async () => {
    const { status, out } = await gradus("show").ended;
    expect(status).toBe(0);
    expect(flat(out)).toContain('No run is kept in .gradus/runs yet; "');
    const latest = await gradus("show latest").ended;
    expect(latest.status).toBe(2);
    expect(flat(latest.err)).toContain("None is kept in .gradus yet.");
  });

  it("prints a run again: plots, tables, claims, parameters, and the command that repeats it", async () => {
    const run = await gradus("run walk --seed 7 --set steps=25").ended;
    const shown = await gradus("show latest").ended;
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
    expect(flat(shown.out)).toContain("Parameters were changed: this is no verdict");
    const again = /Repeat with:\n +(.*)\n/.exec(shown.out)?.[1] ?? "";
    expect(again).toContain("run random-walks/walk --profile quick --seed 7 --set steps=25");
    const words = again.slice(again.indexOf("run ")).split(" ");
    const repeated = await start(process.execPath, [fixture, ...words, "--json"]).ended;
    const record = JSON.parse((await gradus("show latest --json").ended).out);
    expect(measured(repeated.out)).toEqual(measured(JSON.stringify(record.reports)));
  });

  it("finds runs by id, its beginning, paper and experiment, and the folder of --out", async () => {
    await gradus("run 12 --out results").ended;
    await gradus("run 4").ended;
    await gradus("verify 4 12").ended;
    const [verify, walks, steady] = await rows();
    expect([verify, walks, steady].map(({ names }) => names)).toEqual([
      ["random-walks", "steady-walks"],
      ["random-walks"],
      ["steady-walks"],
    ]);
    expect(verify.claims).toEqual({ held: 4, "did not hold": 1, "not run": 1 });
    const idOf = async (name: string) => JSON.parse((await gradus(`show ${name} --json`).ended).out).id;
    expect(await idOf("latest")).toBe(verify.id);
    expect(await idOf(walks.id)).toBe(walks.id);
    expect(await idOf(steady.id.slice(0, 6))).toBe(steady.id);
    expect(await idOf("12")).toBe(verify.id);
    expect(await idOf("results")).toBe(steady.id);
    const one = JSON.parse((await gradus("show random-walks/fails --json").ended).out);
    expect(one.reports.map(({ experiment }: { experiment: string }) => experiment)).toEqual(["fails"]);
    expect(one.papers[0].claims.map(({ id }: { id: string }) => id)).toEqual(["C3"]);
  });

  it("answers names that it does not know with the nearest, and exit status 2", async () => {
    await gradus("run walk").ended;
    await writeFile(join(folder, "other.json"), "{}");
    const cases: [line: string, reason: string][] = [
      ["show lates", "Did you mean latest?"],
      ["show random-wlaks", "Did you mean random-walks?"],
      ["show steady-walks", "no run of steady-walks is kept here"],
      ["show other.json", "no record of a run"],
      ["show a b", "show takes one run"],
      ["show --html x.html", "show which run?"],
      ["show latest --all", "--all lists runs"],
    ];
    for (const [line, reason] of cases) {
      const { status, err } = await gradus(line).ended;
      expect({ line, status }).toEqual({ line, status: 2 });
      expect(flat(err)).toContain(reason);
    }
  });

  it("lists what it can when a file is damaged, and names the file", async () => {
    await gradus("run walk").ended;
    await writeFile(join(folder, ".gradus/runs/20200101T000000Z-abcdef0123.json"), "{");
    const { status, out } = await gradus("show").ended;
    expect(status).toBe(0);
    expect(out).toContain("run random-walks/walk");
    expect(flat(out)).toContain("20200101T000000Z-abcdef0123.json cannot be read");
  });

  it("keeps verify's failures, and the runs that went on beside them", async () => {
    await gradus("verify 12 21").ended;
    const [row] = await rows();
    expect(row).toMatchObject({ command: "verify", names: ["steady-walks", "broken"] });
    expect(flat((await gradus("show latest").ended).out)).toContain(
      'broken/no-data could not be run: data set "moon" is not there',
    );
  });
});

describe("the runs folder", () => {
  it("holds one whole file a run, and no run that was not finished", async () => {
    await gradus("run walk").ended;
    await gradus("run broken/bug").ended;
    const names = await readdir(join(folder, ".gradus/runs"));
    expect(names).toHaveLength(1);
    expect(names[0]).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{10}\.json$/);
    JSON.parse(await readFile(join(folder, ".gradus/runs", names[0]), "utf8"));
  });

  it("costs no run when it cannot be written", async () => {
    await writeFile(join(folder, ".gradus"), "a file where the folder would be");
    const { status, out } = await gradus("run walk").ended;
    expect(status).toBe(0);
    expect(out).toContain("2 held");
    expect(flat(out)).toContain("The run could not be kept in .gradus/runs");
  });
});

describe("--html and --svg", () => {
  beforeEach(() => mkdir(join(folder, "sub")));

  it("write the same report whether the run is new or shown again", async () => {
    const run = await gradus("run walk --html sub/report.html --svg figures").ended;
    expect(run.out).toContain("Report: sub/report.html");
    expect(run.out).toContain("Figures: 2 in figures");
    expect((await readdir(join(folder, "figures"))).sort()).toEqual([
      "random-walks-walk-ends.svg",
      "random-walks-walk-path.svg",
    ]);
    const shown = await gradus("show latest --html again.html --svg again").ended;
    expect(shown.out).toBe("Report: again.html\nFigures: 2 in again\n");
    const read = (file: string) => readFile(join(folder, file), "utf8");
    expect(await read("again.html")).toBe(await read("sub/report.html"));
    for (const name of await readdir(join(folder, "figures")))
      expect(await read(`again/${name}`)).toBe(await read(`figures/${name}`));
  });

  it("are there for verify, and go on with a resumed command", async () => {
    const cut = gradus("verify 12 --html claims.html", { FIXTURE_WAIT_IN: "steady:3" });
    await cut.until("waiting in stage 3");
    cut.child.kill("SIGINT");
    const { err } = await cut.ended;
    expect(err).toContain("verify steady-walks --html claims.html --resume");
    const verify = await gradus("verify 12 --html claims.html").ended;
    expect(verify.status).toBe(0);
    expect(await readFile(join(folder, "claims.html"), "utf8")).toContain("<h1>Steady Walks</h1>");
  });

  it("are refused before anything is run where they cannot be written", async () => {
    await writeFile(join(folder, "file"), "");
    const cases: [line: string, reason: string][] = [
      ["run walk --html sub", "--html wants a file, sub is a folder; name one in it: sub/report.html"],
      ["run walk --html file/report.html", "--html: cannot write into file"],
      ["verify 4 --svg file", "--svg: cannot write into file"],
    ];
    for (const [line, reason] of cases) {
      const { status, err } = await gradus(line).ended;
      expect({ line, status }).toEqual({ line, status: 2 });
      expect(flat(err)).toContain(reason);
      expect(err).not.toContain("stage 1");
    }
  });
});

describe("--threads", () => {
  it("is told the computing process, kept with the run, and said again by the command that repeats it", async () => {
    const { out } = await gradus("run walk --threads 3 --json").ended;
    expect(JSON.parse(out).notes).toContain("GRADUS_THREADS is 3.");
    const shown = await gradus("show latest").ended;
    expect(shown.out).toContain("--seed 1 --threads 3");
    const plain = await gradus("run walk --json").ended;
    expect(JSON.parse(plain.out).notes).not.toContain("GRADUS_THREADS is 3.");
    const wrong = await gradus("run walk --threads 0").ended;
    expect(wrong.status).toBe(2);
    expect(wrong.err).toContain("--threads wants a whole number from 1");
  });
});
