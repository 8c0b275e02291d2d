import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { criterion, type RunReport } from "@gradus/papers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { csv, plotCsv, prepareFolder, tableCsv, writeAtomically, writeReport } from "./report-files.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-results-"));
});
afterEach(() => rm(folder, { recursive: true }));

const report: RunReport = {
  format: 1,
  paper: "p",
  experiment: "e",
  title: "E",
  profile: "quick",
  seed: 1,
  parameters: { n: 2 },
  modified: false,
  findings: { x: 0.3 },
  undecided: [],
  headline: "It is.",
  checks: [
    {
      claim: "C1",
      label: "x",
      measured: 0.1 + 0.2,
      condition: { atMost: 1 },
      ground: criterion("one"),
      held: true,
    },
  ],
  summary: ["It is."],
  captions: {},
  plots: [
    { id: "loss", title: "Loss", x: { label: "epoch" }, y: { label: "loss" }, mark: "line", series: ["b"] },
    { id: "unused", title: "", x: { label: "" }, y: { label: "" }, mark: "line" },
  ],
  series: { loss: { "a, the other": [{ x: 1, y: 0.1 + 0.2 }], b: [{ x: 0, y: 1e-300 }] } },
  tables: [
    {
      id: "sizes",
      title: "Sizes",
      columns: [
        { key: "name", label: 'the "name"' },
        { key: "size", label: "size (px)" },
      ],
      rows: [
        { name: "one\ntwo", size: 3 },
        { name: "", size: null },
      ],
    },
  ],
  notes: [],
  environment: { runtime: "Node", platform: "linux", cores: 2 },
  startedAt: "2026-01-01T00:00:00.000Z",
  elapsed: 12,
};

describe("csv", () => {
  it("quotes commas, quotes and line ends as in RFC 4180, and leaves missing values empty", () => {
    expect(tableCsv(report.tables[0])).toBe('"the ""name""",size (px)\n"one\ntwo",3\n,\n');
    expect(csv([[1, null, undefined, "a"]])).toBe("1,,,a\n");
  });

  it("keeps every digit of a plot's points, the specified series first", () => {
    expect(plotCsv(report.plots[0], report.series.loss)).toBe(
      'series,epoch,loss\nb,0,1e-300\n"a, the other",1,0.30000000000000004\n',
    );
  });
});

describe("the cells of a heat map", () => {
  it("are one row each, told by their names, or by their places where names repeat", () => {
    const heat = {
      ...report.plots[0],
      mark: "heat",
      color: { label: "Θ, scaled", kind: "sequential" },
    } as const;
    const cells = { rows: ["a"], columns: ["b", "c"], values: [0.5, null] };
    expect(plotCsv(heat, { K: cells })).toBe('series,row,column,"Θ, scaled"\nK,a,b,0.5\nK,a,c,\n');
    const bands = { rows: ["a", "a"], columns: ["-0.50"], values: [1, 2] };
    expect(plotCsv(heat, { K: bands })).toMatch(/\nK,0,-0.5,1\nK,1,-0.5,2\n$/);
  });
});

describe("writeReport", () => {
  it("writes the report and a file for each plot and table, and nothing else", async () => {
    await writeReport(join(folder, "new"), report);
    expect((await readdir(join(folder, "new"))).sort()).toEqual([
      "plot-loss.csv",
      "report.json",
      "table-sizes.csv",
    ]);
    expect(JSON.parse(await readFile(join(folder, "new", "report.json"), "utf8"))).toEqual(report);
  });
});

describe("writeReport beside an earlier report", () => {
  it("removes the plots and tables that the new one has not, and no other file", async () => {
    await writeReport(folder, report);
    for (const name of ["plot-mine.csv", "notes.txt"]) await writeFile(join(folder, name), "mine");
    await writeReport(folder, { ...report, plots: [], series: {} });
    expect((await readdir(folder)).sort()).toEqual([
      "notes.txt",
      "plot-mine.csv",
      "report.json",
      "table-sizes.csv",
    ]);
  });

  it.each([
    ["cut off", '{"paper": "p", "experiment": "e", "plo'],
    ["of another program", '{"plots": [{"id": "mine"}], "tables": []}'],
    [
      "with names that lead elsewhere",
      '{"paper": "p", "experiment": "e", "plots": [{"id": "x/../../plot-mine"}], "tables": []}',
    ],
  ])("removes nothing where the earlier report is %s", async (_, text) => {
    await writeFile(join(folder, "report.json"), text);
    await writeFile(join(folder, "plot-mine.csv"), "mine");
    await writeReport(folder, report);
    expect(await readFile(join(folder, "plot-mine.csv"), "utf8")).toBe("mine");
    expect(JSON.parse(await readFile(join(folder, "report.json"), "utf8"))).toEqual(report);
  });
});

describe("writeAtomically", () => {
  it("replaces a file as a whole, never in part", async () => {
    const file = join(folder, "a.json");
    await writeFile(file, "old");
    const before = await stat(file);
    await writeAtomically(file, "new");
    expect(await readFile(file, "utf8")).toBe("new");
    expect((await stat(file)).ino).not.toBe(before.ino);
    expect(await readdir(folder)).toEqual(["a.json"]);
  });

  it("leaves no temporary file behind when it fails", async () => {
    await expect(writeAtomically(folder, "x")).rejects.toThrow(`cannot write ${folder} (`);
    expect(await readdir(folder)).toEqual([]);
    expect((await readdir(tmpdir())).filter((name) => join(tmpdir(), name).startsWith(`${folder}.`))).toEqual(
      [],
    );
  });
});

describe("prepareFolder", () => {
  it("creates nested folders", async () => {
    await prepareFolder(join(folder, "a", "b"), "--out");
    expect((await stat(join(folder, "a", "b"))).isDirectory()).toBe(true);
  });

  it("refuses a path that cannot be a folder, naming the option", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(prepareFolder(join(folder, "file"), "--out")).rejects.toThrow("--out: cannot write into");
  });
});
