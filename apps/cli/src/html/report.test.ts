import { check, criterion, formatCondition, formatFigure, type RunReport } from "@gradus/papers";
import { DOMParser } from "linkedom";
import { describe, expect, it } from "vitest";
import { identify, type RunRecord } from "../runs/record.ts";
import { htmlReport } from "./report.ts";

const ground = criterion("as drawn");
const report: RunReport = {
  format: 1,
  paper: "walks",
  experiment: "walk",
  title: "A <walk> & its bound",
  profile: "quick",
  seed: 3,
  parameters: { steps: 20, heights: [1, 2] },
  modified: false,
  findings: { height: 5 },
  undecided: [],
  headline: "The walk ends at 5 m.",
  checks: [
    check("C1", "height over steps", 0.25, { above: 0 }, ground),
    check("C2", "height over steps", 0.25, { atMost: 0.125 }, ground),
  ],
  summary: ["θ_t ends at 5 m."],
  captions: { path: "It keeps near its drift." },
  plots: [
    { id: "path", title: "Height", x: { label: "steps" }, y: { label: "height (m)" }, mark: "line" },
    { id: "none", title: "Nothing", x: { label: "x" }, y: { label: "y" }, mark: "dot" },
  ],
  series: { path: { walk: [1, 2, 3].map((x) => ({ x, y: x })) } },
  tables: [
    {
      id: "ends",
      title: "Ends",
      columns: [
        { key: "name", label: "walk" },
        { key: "height", label: "height (m)" },
      ],
      rows: [
        { name: "<script>alert(1)</script>", height: 5 },
        { name: "other", height: null },
      ],
    },
  ],
  notes: ["One part was skipped."],
  environment: { runtime: "Node 24.0.0", platform: "linux x64", cores: 2 },
  startedAt: "2026-11-25T13:00:00.000Z",
  elapsed: 1500,
};

const claim = (id: string, short: string) => ({
  id,
  short,
  statement: `${short}, always.`,
  reported: "0.2 m",
});
const content: Omit<RunRecord, "gradus" | "format" | "id"> = {
  plan: { command: "run", names: ["walks/walk"], profile: "quick", seed: 3, seeds: 1, set: {} },
  threads: 2,
  finishedAt: "2026-11-25T13:44:00.000Z",
  versions: { gradus: "9.8.7", Node: "24.0.0" },
  papers: [
    {
      slug: "walks",
      number: 4,
      arxivId: "2405.00001",
      title: "Walks",
      claims: [claim("C1", "It rises"), claim("C2", "It is slow"), claim("C3", "It is tight")],
    },
  ],
  reports: [report],
  failures: [],
};

function parse(record: RunRecord) {
  const text = htmlReport(record);
  const document = new DOMParser().parseFromString(text, "text/html");
  const all = (selector: string): Element[] => [...document.querySelectorAll(selector)];
  const texts = (selector: string) => all(selector).map((e) => e.textContent?.replaceAll(/\s+/g, " ").trim());
  return { text, all, texts };
}

const second: RunRecord = identify({
  ...content,
  plan: { ...content.plan, command: "verify", names: [] },
  papers: [...content.papers, { ...content.papers[0], slug: "other", title: "Other Walks" }],
  failures: [{ experiment: "other/walk", reason: "no data & no network" }],
});

describe("the report", () => {
  const page = parse(identify(content));

  it("shows each claim with its verdict, and each check with figure, condition and outcome", () => {
    expect(page.texts(".summary strong")).toEqual(["1 held, 1 did not hold, 1 not run"]);
    const groups = page.all(".claims tbody");
    const verdicts = groups.map((group) => group.querySelector("td .verdict")?.textContent);
    expect(verdicts).toEqual(["● held", "◆ did not hold", "○ not run"]);
    expect(groups[1].textContent).toContain("It is slow, always. The paper reports: 0.2 m.");
    for (const [i, { label, measured, condition, held }] of report.checks.entries()) {
      const cells = [...groups[i].querySelectorAll("tr:nth-child(2) td")].map((cell) => cell.textContent);
      expect(cells).toEqual([
        label,
        formatFigure(measured),
        `${formatCondition(condition)} our criterion: as drawn`,
        held ? "● held" : "◆ did not hold",
      ]);
    }
  });

  it("shows figures at two sizes with heading and caption, and says if there are no points", () => {
    expect(page.texts("figure h3")).toEqual(["Height", "Nothing"]);
    expect(page.texts("figcaption")).toEqual(["It keeps near its drift."]);
    expect(page.all("figure .wide svg[role=img][aria-label]")).toHaveLength(1);
    expect(page.all("figure .narrow svg[role=img][aria-label]")).toHaveLength(1);
    expect(page.texts("figure p")).toContain("No points were measured.");
  });

  it("says how to repeat it: command, parameters, seed, threads, environment, versions, time", () => {
    expect(page.texts("pre code")).toEqual(["gradus run walks/walk --profile quick --seed 3 --threads 2"]);
    const facts = page.texts(".facts").join(" ");
    for (const text of ["steps20", "heights1,2", "Seed3", "Threads2", "Node 24.0.0, linux x64, 2 cores"])
      expect(facts).toContain(text);
    for (const text of ["gradus 9.8.7", "1.5 s", "25 November 2026 at 13:44 UTC"])
      expect(facts).toContain(text);
    expect(page.all("time[datetime='2026-11-25T13:44:00.000Z']").length).toBeGreaterThan(0);
  });

  it("names no seed of an experiment without randomness", () => {
    const seedless = parse(identify({ ...content, reports: [{ ...report, seedless: true }] }));
    expect(seedless.texts("p.muted").join(" ")).not.toContain("seed");
    expect(seedless.texts(".facts").join(" ")).not.toContain("Seed");
    expect(seedless.texts("#repeat + p")).toEqual([
      "With gradus 9.8.7; every run gives the same figures, except for times.",
    ]);
    const mixed = parse(identify({ ...content, reports: [report, { ...report, seedless: true }] }));
    expect(mixed.texts("section > p.muted").map((text) => text?.includes("seed 3"))).toEqual([true, false]);
    expect(mixed.texts(".facts").join(" ")).toContain("Seed3");
  });

  it("escapes every text", () => {
    expect(page.text).not.toContain("<script");
    expect(page.texts("h2")).toContain("A <walk> & its bound");
    expect(page.texts("td")).toContain("<script>alert(1)</script>");
    expect(page.texts("td")).toContain("–");
    expect(page.texts("section p sub")).toEqual(["t"]);
  });

  it("loads nothing and runs no scripts", () => {
    expect(page.all("script, link, img, iframe, object, [src], [onclick]")).toEqual([]);
    expect(page.text).not.toMatch(/url\(|@import/);
    expect(page.all("meta[http-equiv]")[0].getAttribute("content")).toContain("default-src 'none'");
  });

  it("has headings in order, named regions, tables with headers, and a language", () => {
    for (const { all } of [page, parse(second)]) {
      const levels = all("h1, h2, h3, h4, h5, h6").map(({ localName }) => Number(localName[1]));
      expect(levels[0]).toBe(1);
      expect(levels.filter((level) => level === 1)).toHaveLength(1);
      for (let i = 1; i < levels.length; i++) expect(levels[i] - levels[i - 1]).toBeLessThanOrEqual(1);
      for (const section of all("section[aria-labelledby]"))
        expect(all(`[id='${section.getAttribute("aria-labelledby")}']`)).toHaveLength(1);
      for (const table of all("table")) expect(table.querySelectorAll("th[scope]").length).toBeGreaterThan(1);
      expect(all("html")[0].getAttribute("lang")).toBe("en");
      expect(all("main, header")).toHaveLength(2);
    }
  });

  it("says that changed parameters give no verdict", () => {
    expect(page.all(".remark")).toEqual([]);
    const changed = parse(identify({ ...content, reports: [{ ...report, modified: true }] }));
    expect(changed.texts(".remark")).toEqual([
      "Parameters were changed: the results are not a verdict on the paper's claims.",
    ]);
    expect(changed.texts(".summary strong")).toEqual(["1 held, 1 did not hold, 1 not run"]);
  });

  it("has a section for each paper, and the reasons why an experiment could not be run", () => {
    const { texts } = parse(second);
    expect(texts("h1")).toEqual(["The claims of all papers"]);
    expect(texts("h2")).toEqual(["Walks", "Other Walks", "Could not be run", "How to reproduce it"]);
    expect(texts("#failures ~ dl")).toEqual(["other/walkno data & no network"]);
    expect(texts(".summary strong")).toContain("3 not run");
  });
});
