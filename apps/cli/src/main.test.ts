import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunReport } from "@gradus/papers";
import type { Command } from "commander";
import { parseCheckpoint } from "gradus/iterate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryOutput } from "./fixture/memory.ts";
import { memoryHost, runCommand } from "./fixture/run-command.ts";
import { main } from "./main.ts";
import { defineProgram } from "./program/program.ts";
import type { MeasurementsFile } from "./runs/measurements.ts";
import { displayWidth } from "./terminal/text.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-main-"));
});
afterAll(() => rm(folder, { recursive: true }));

const gradus = (line: string, columns?: number) =>
  runCommand(line, { home: join(folder, ".gradus"), columns });

/** A report without the parts that differ between runs. */
function measured({ startedAt: _, elapsed: __, ...rest }: RunReport): object {
  return rest;
}

describe("help", () => {
  it("exists for every command, with the exit statuses", async () => {
    for (const line of [
      "",
      "--help",
      "-h",
      "help",
      "help run",
      "help help",
      "list --help",
      "run -h",
      "sweep show --help",
    ]) {
      const { status, out, err } = await gradus(line);
      expect({ line, status, err }).toEqual({ line, status: 0, err: "" });
      expect(out).toContain("Usage: gradus");
      expect(out).toMatch(/130 +interrupted/);
      for (const text of out.split("\n")) expect(displayWidth(text)).toBeLessThanOrEqual(80);
    }
    expect((await gradus("run --help")).out).toMatch(/--set <name=value> +change a parameter \(repeatable\)/);
  });

  it("begins with what the command does, as an imperative", async () => {
    const commands = (command: Command): Command[] => [command, ...command.commands.flatMap(commands)];
    const [, ...below] = commands(defineProgram(memoryHost({ home: folder }), async () => {}));
    expect(below.length).toBeGreaterThan(30);
    const firstWords = below.flatMap((each) =>
      [each.summary(), each.description()].map((text) => text.split(" ")[0]),
    );
    expect(firstWords.filter((word) => /s$/.test(word))).toEqual([]);
  });

  it("has descriptions below their options where a terminal is narrow", async () => {
    for (const line of ["--help", "run --help", "sweep --help", "completion --help"]) {
      const { out } = await gradus(line, 40);
      // Only command lines and paths are never broken.
      const long = out.split("\n").filter((text) => displayWidth(text) > 40);
      expect(long.filter((text) => !text.includes("gradus"))).toEqual([]);
    }
    expect((await gradus("run --help", 40)).out).toContain(
      "\n  --seed <n>\n      seed of all random numbers\n      (default 1)\n",
    );
    expect((await gradus("completion --help")).out).toMatch(/completions\/gradus\.fish$/m);
  });

  it("is found for a command below another", async () => {
    expect(await gradus("help model tune")).toEqual(await gradus("model tune --help"));
    expect((await gradus("help model tnue")).err).toContain("unknown command 'tnue'");
  });

  it("is shown instead of running the command", async () => {
    const { status, out } = await gradus("run nothing --help");
    expect(status).toBe(0);
    expect(out).toContain("Usage: gradus run");
  });

  it("shows the version of the package", async () => {
    const manifest = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
    for (const line of ["--version", "-v", "-V"])
      expect(await gradus(line)).toEqual({ status: 0, out: `${manifest.version}\n`, err: "" });
    const { status, out } = await gradus("version");
    expect(status).toBe(0);
    expect(out).toMatch(new RegExp(`^gradus +${manifest.version.replaceAll(".", "\\.")}$`, "m"));
    expect(out).toMatch(new RegExp(`^Node +${process.versions.node.replaceAll(".", "\\.")}$`, "m"));
    expect(out).toContain(join(folder, ".gradus"));
  });
});

describe("misspelled names", () => {
  it("get the nearest as a suggestion, with exit status 2", async () => {
    const cases: [line: string, hint: string][] = [
      ["rnu 4", "Did you mean run?"],
      ["help rnu", "unknown command 'rnu'. Did you mean run?"],
      ["rnu --help", "unknown command 'rnu'. Did you mean run?"],
      ["model tnue --help", "unknown command 'tnue'. Did you mean tune? See: gradus model --help"],
      ["model train -h", "unknown command 'train'"],
      ["--hepl", "Did you mean --help?"],
      ["run random-wlaks", "Did you mean random-walks?"],
      ["run 4/wlak", "Did you mean walk?"],
      ["run walk --profil full", "Did you mean --profile?"],
      ["run walk --profile ful", "Did you mean full?"],
      ["run walk --set step=3", "Did you mean steps?"],
      [
        "run random-walks --set steps=3",
        'not every experiment of random-walks has a parameter "steps": run random-walks/walk',
      ],
      ["verify steady-walk", "Did you mean steady-walks?"],
      ["verify 4/wlak", "Did you mean walk?"],
      ["list randomwalks", "Did you mean random-walks?"],
      ["run", "run needs a paper or an experiment"],
      ["run 4 12", "too many arguments for 'run'. Expected 1 argument but got 2"],
      ["run walk --seed x", "It must be a whole number from 0"],
      ["verify --seed 3", "unknown option '--seed'"],
      ["collaborate shwo", "Did you mean show?"],
      ["sweep walk --gird drift=1", "Did you mean --grid?"],
      ["sweep --json list", "option '--json' must follow the action: sweep list --json"],
      ["data pull", "missing required argument 'names'"],
      ["db migrate", "required option '--plan' not specified"],
      ["completion fihs", "Did you mean fish?"],
      ["new", "missing required argument 'folder'"],
      ["new app --template vit", "Did you mean vite?"],
    ];
    for (const [line, hint] of cases) {
      const { status, out, err } = await gradus(line);
      expect({ line, status, out }).toEqual({ line, status: 2, out: "" });
      expect(err.replaceAll("\n", " ")).toContain(hint);
    }
  });

  it("show the parameters with defaults and bounds when one is wrong", async () => {
    const { status, err } = await gradus("run walk --set steps=0");
    expect(status).toBe(2);
    expect(err).toContain("parameter steps: expected a whole number from 1 to 10000, got 0");
    expect(err).toMatch(/drift +0\.5 +number at least 0, below 1/);
  });
});

describe("list", () => {
  it("shows every paper on a line of its own, with its number and name, and how to see more", async () => {
    const { status, out } = await gradus("list");
    expect(status).toBe(0);
    expect(out).toMatch(/^04 +random-walks +Random Walks.*$/m);
    expect(out).toMatch(/^12 +steady-walks +Steady Walks$/m);
    expect(out).toMatch(/^gradus list broken +shows/m);
  });

  it("shortens titles to the width of the terminal, and says where they are whole", async () => {
    const title = JSON.parse((await gradus("list --json")).out)[0].title;
    const { out } = await gradus("list", "no.  random-walks  ".length + 20);
    expect(out).not.toContain(title);
    expect(out.split("\n").find((line) => line.startsWith("04"))).toBe(
      `04   random-walks  ${title.slice(0, 19)}…`,
    );
    expect(out).toMatch(/gradus list --json/);
  });

  it("has whole titles on lines of their own in a pipe, which has no width", async () => {
    const out = memoryOutput({ bounded: false });
    expect(await main(["list"], { ...memoryHost({ home: folder }), out })).toBe(0);
    const { title } = JSON.parse((await gradus("list --json")).out)[0];
    expect(title.length).toBeGreaterThan(80);
    expect(out.text.split("\n")).toContain(`04   random-walks  ${title}`);
    expect(out.text).not.toContain("--json");
  });

  it("shows a paper's claims, and its experiments with their times", async () => {
    const { out } = await gradus("list 4");
    expect(out).toMatch(/^C3 +Half of all rows satisfy the bound\. +not stated$/m);
    expect(out).toMatch(/^walk +A random walk +C1 C2 +1 s +75 s$/m);
  });

  it("shows the parameters of an experiment", async () => {
    const { out } = await gradus("list walk");
    expect(out).toMatch(/^steps +20 +200 +whole number from 1 to/m);
    expect(out).toContain("gradus run random-walks/walk --set name=value");
  });

  it("prints each of the three as JSON", async () => {
    const read = async (line: string) => JSON.parse((await gradus(line)).out);
    expect(await read("list --json")).toMatchObject([
      { number: 4, slug: "random-walks", claims: 4, experiments: 2 },
      { number: 12, slug: "steady-walks", claims: 2, experiments: 1 },
      { number: 21, slug: "broken", claims: 1, experiments: 4 },
    ]);
    const paper = await read("list 4 --json");
    expect(paper.claims.map(({ id }: { id: string }) => id)).toEqual(["C1", "C2", "C3", "C4"]);
    expect(paper.experiments[0]).toMatchObject({ id: "walk", claims: ["C1", "C2"], seconds: { quick: 1 } });
    const { name, parameters } = await read("list walk --json");
    expect(name).toBe("random-walks/walk");
    expect(parameters).toContainEqual(expect.objectContaining({ name: "steps", quick: 20, full: 200 }));
  });
});

describe("run", () => {
  it("shows plots, tables, notes, summary and checks", async () => {
    const { status, out, err } = await gradus("run walk");
    expect(status).toBe(0);
    for (const part of [
      "Height of the walk",
      "■ walk   ▲ drift alone",
      "height (m)",
      "The walk keeps near its drift.",
      "stage 5 █",
      'the "random" one, seeded',
      "– Drawn with 2 marks.",
      "The walk ends at",
      "● ●  2 held",
    ])
      expect(out).toContain(part);
    expect(err).toContain("random-walks/walk 100%  stage 5 of 5");
  });

  it("takes the seed and the parameters", async () => {
    const json = async (line: string): Promise<RunReport> => JSON.parse((await gradus(line)).out);
    const report = await json("run walk --json --seed 7 --set steps=3 --set stages=2 --set mode=squared");
    expect(report.seed).toBe(7);
    expect(report.parameters).toMatchObject({ steps: 3, stages: 2, mode: "squared", drift: 0.5 });
    expect(report.modified).toBe(true);
    expect(report.series.path.walk).toHaveLength(6);
    expect(measured(await json("run walk --json --seed 7"))).toEqual(
      measured(await json("run walk --json --seed 7")),
    );
    expect(measured(await json("run walk --json --seed 8"))).not.toEqual(
      measured(await json("run walk --json --seed 7")),
    );
    expect((await json("run walk --json --profile full")).series.path.walk).toHaveLength(1000);
  });

  it("says that changed parameters give no verdict on the paper", async () => {
    expect((await gradus("run walk --set stages=2")).out).toContain("not a verdict on the paper's claims");
    expect((await gradus("run walk --set stages=5")).out).not.toContain("not a verdict");
  });

  it("runs all experiments of a paper, and exits with 1 when a check did not hold", async () => {
    const { status, out } = await gradus("run 4");
    expect(status).toBe(1);
    expect(out).toContain("random-walks/walk: A random walk");
    expect(out).toContain("random-walks/fails: A claim that does not hold");
    // No seed of the second, which has no randomness.
    expect(out.match(/^quick profile.*?(?=, \d)/gm)).toEqual(["quick profile, seed 1", "quick profile"]);
    expect(out).toContain("● ● ◆ ○  2 held, 1 did not hold, 1 not run");
    expect((await gradus("run fails")).status).toBe(1);
    const reports: RunReport[] = JSON.parse((await gradus("run 4 --json")).out);
    expect(reports.map((report) => report.experiment)).toEqual(["walk", "fails"]);
  });

  it("writes an experiment's results to --out", async () => {
    const out = join(folder, "one");
    const { out: json } = await gradus(`run walk --json --out ${out}`);
    expect((await readdir(out)).sort()).toEqual([
      "plot-ends.csv",
      "plot-path.csv",
      "report.json",
      "run.json",
      "table-heights.csv",
    ]);
    expect(await readFile(join(out, "report.json"), "utf8")).toBe(json);
    const points = (await readFile(join(out, "plot-path.csv"), "utf8")).trimEnd().split("\n");
    expect(points[0]).toBe("series,steps,height (m)");
    expect(points).toHaveLength(1 + 100 + 5);
  });

  it("writes all of a paper's results to --out, one folder per experiment", async () => {
    const out = join(folder, "all");
    const { out: json } = await gradus(`run 4 --json --out ${out}`);
    expect((await readdir(out)).sort()).toEqual(["fails", "report.json", "run.json", "walk"]);
    expect(await readFile(join(out, "report.json"), "utf8")).toBe(json);
    expect(JSON.parse(await readFile(join(out, "walk", "report.json"), "utf8"))).toEqual(JSON.parse(json)[0]);
  });

  it("stays within the width of the terminal", async () => {
    for (const columns of [40, 60, 80, 120])
      for (const line of ["run 4", "list", "list 4", "list walk", "verify 4 12"]) {
        const { out, err } = await gradus(line, columns);
        const written = `${out}\n${line.startsWith("verify") ? err.replace(/^.*%.*$/gm, "") : ""}`;
        for (const text of written.split("\n")) expect(displayWidth(text)).toBeLessThanOrEqual(columns);
      }
  });
});

describe("verify", () => {
  it("prints every claim with its verdict, and exits with 1 when one does not hold", async () => {
    const { status, out } = await gradus("verify 4 12", 120);
    expect(status).toBe(1);
    expect(out).toMatch(
      /^C1 +The walk rises +● held\n +height at the end .* 0\.\d+ +above 0 \(criterion\) +● held$/m,
    );
    expect(out).toMatch(/^C3 +Half of all rows satisfy the bound +◆ did not hold$/m);
    expect(out).toMatch(/^ +share of rows .* 0\.25 +at least 0\.5 \(criterion\) +◆ did not hold$/m);
    expect(out).toMatch(/^ +largest violation of the bound +3e-9 +below 1e-6 \(criterion\) +● held$/m);
    expect(out).toMatch(/^C4 +The bound is tight +○ not run$/m);
    expect(out).toContain("Total: 4 held, 1 did not hold, 1 not run");
  });

  it("exits with 0 when all claims hold", async () => {
    const { status, out } = await gradus("verify steady-walks");
    expect(status).toBe(0);
    expect(out).toContain("● ●  2 held");
  });

  it("measures single experiments, with the claims that they measure or with none", async () => {
    const { status, out, err } = await gradus("verify fails 12 random-walks/fails", 120);
    expect(status).toBe(1);
    expect(out).toContain("Total: 2 held, 1 did not hold");
    expect(err.match(/^[a-z-]+\/[a-z]+(?=:)/gm)).toEqual(["random-walks/fails", "steady-walks/steady"]);
    const { plan } = JSON.parse((await gradus("show latest --json")).out);
    expect(plan.names).toEqual(["random-walks/fails", "steady-walks"]);
    const none = await gradus("verify broken/steady 4 --json");
    const { claims, measurements }: MeasurementsFile = JSON.parse(none.out);
    expect(claims.map(({ claim }) => claim)).toEqual(["C1", "C2", "C3", "C4"]);
    expect(measurements.map(({ experiment }) => experiment)).toEqual(["walk", "fails", "steady"]);
  });

  it("gives the same as JSON", async () => {
    const { status, out } = await gradus("verify 4 --json");
    expect(status).toBe(1);
    const { claims }: MeasurementsFile = JSON.parse(out);
    expect(claims.map(({ claim, verdict, checks }) => [claim, verdict, checks.length])).toEqual([
      ["C1", "held", 1],
      ["C2", "held", 1],
      ["C3", "did not hold", 2],
      ["C4", "not run", 0],
    ]);
  });

  it("counts the seeds in which each claim held, and keeps the findings of every seed", async () => {
    const { status, out } = await gradus("verify steady-walks --seeds 3 --json");
    expect(status).toBe(0);
    const { claims, measurements } = parseCheckpoint(out) as MeasurementsFile;
    expect(claims[0]).toMatchObject({ verdict: "held", runs: { held: 3, of: 3 }, byCriterion: true });
    expect(claims[1]).toMatchObject({ verdict: "held", byCriterion: false });
    expect(measurements).toMatchObject([
      {
        paper: "steady-walks",
        experiment: "steady",
        profile: "quick",
        seeds: [{ seed: 1 }, { seed: 2 }, { seed: 3 }],
      },
    ]);
    const [{ seeds, environment, version }] = measurements;
    // With the first seed the walk rises 0.54 per step: 54 of 100.
    expect(seeds[0].findings).toEqual({ height: 54, steps: 100 });
    expect(claims[0].checks[0].measured).toEqual(
      seeds.map(({ findings }) => (findings as { height: number }).height / 100),
    );
    expect(environment.runtime).toBe(`Node ${process.versions.node}`);
    expect(new Date(seeds[0].startedAt).toISOString()).toBe(seeds[0].startedAt);
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    const table = await gradus("verify steady-walks --seeds 3", 120);
    expect(table.out).toMatch(/^C1 +The walk rises +● held, 3 of 3 seeds$/m);
    expect(table.out).toMatch(
      /height at the end.* 0\.\d+ \(0\.\d+ to 0\.\d+\) +above 0 \(criterion\) +● 3 of 3$/m,
    );
    expect(table.err).toContain("steady-walks/steady, seed 2: 2 checks");
  });

  it("measures an experiment without randomness once, and names no seed of it", async () => {
    const { err } = await gradus("verify 4 --seeds 2", 120);
    expect(err.match(/^random-walks.*(?=: \d)/gm)).toEqual([
      ...["random-walks/walk, seed 1", "random-walks/walk, seed 2", "random-walks/fails"],
    ]);
  });
});

describe("new", () => {
  it("creates a project and says what to type next, once", async () => {
    const project = join(folder, "my-page");
    const { status, out } = await gradus(`new ${project} --template vite`);
    expect(status).toBe(0);
    expect(out).toMatch(/^Created .*my-page: a page that learns/);
    expect(out).toMatch(/\n {2}cd .*my-page\n {2}npm install\n {2}npm run dev\n/);
    expect(JSON.parse(await readFile(join(project, "package.json"), "utf8")).name).toBe("my-page");
    const again = await gradus(`new ${project}`, 200);
    expect(again.status).toBe(2);
    expect(again.err).toContain(`gradus: the folder must be new or empty, got ${project}, which contains`);
  });
});
