import { criterion, type RunReport } from "@gradus/papers";
import { expect, test } from "vitest";
import { ArchiveError, readArchive, writeArchive } from "./archive.ts";
import { asEarlierRun, hasFindings, isReport, latestUnmodifiedRuns, runId, storedRun } from "./run.ts";

const report: RunReport = {
  format: 1,
  paper: "walks",
  experiment: "walk",
  title: "A walk",
  profile: "quick",
  seed: 1,
  parameters: { steps: 10 },
  modified: false,
  findings: { length: 3 },
  undecided: [],
  headline: "It walked.",
  checks: [
    {
      claim: "C1",
      label: "length",
      measured: 3,
      condition: { below: 4 },
      ground: criterion("four"),
      held: true,
    },
  ],
  summary: ["It walked."],
  captions: {},
  plots: [{ id: "path", title: "Path", x: { label: "step" }, y: { label: "place" }, mark: "line" }],
  series: { path: { walk: [{ x: 0, y: 1 }] } },
  tables: [],
  notes: [],
  environment: { runtime: "Chromium 140", platform: "Linux", cores: 2 },
  startedAt: "2025-12-25T10:00:00.000Z",
  elapsed: 12,
};
const later = { ...report, startedAt: "2025-12-25T11:00:00.000Z" };

test("of an experiment the latest run as the paper has it decides", () => {
  const changed = { ...report, startedAt: "2025-12-26T00:00:00.000Z", modified: true };
  const runs = [report, later, changed, { ...report, experiment: "other" }].map((report) =>
    storedRun(report),
  );
  expect(latestUnmodifiedRuns(runs).map(({ experiment, startedAt }) => [experiment, startedAt])).toEqual([
    ["walk", later.startedAt],
    ["other", report.startedAt],
  ]);
});

test("a run has the same id wherever it is kept, and two runs have two", () => {
  expect(runId(storedRun(report))).toBe(runId(report));
  const others = [
    later,
    { ...report, seed: 2 },
    { ...report, experiment: "other" },
    { ...report, paper: "talks" },
  ];
  expect(new Set([report, ...others].map(runId)).size).toBe(5);
});

test("an archive gives back its runs, and what is not finite in them", () => {
  const odd: RunReport = {
    ...report,
    checks: [{ ...report.checks[0], measured: Number.NaN, held: false }],
    series: { path: { walk: [{ x: 0, y: Number.POSITIVE_INFINITY }] } },
  };
  expect(readArchive(writeArchive([report, odd]))).toEqual([report, odd]);
  expect(readArchive(writeArchive([]))).toEqual([]);
});

test("the report of one run, as it is downloaded, is taken too, and several in a list", () => {
  expect(readArchive(JSON.stringify(report))).toEqual([report]);
  expect(readArchive(JSON.stringify([report, later]))).toEqual([report, later]);
});

test.each([
  ["not JSON", "{", "not valid JSON"],
  ["something else", '{"a": 1}', "has no run reports"],
  ["a run without figures", JSON.stringify({ ...report, series: { path: [1] } }), "has no run reports"],
  ["a list with a stranger", JSON.stringify([report, { ...report, checks: [{}] }]), "entry 2"],
])("a file with %s is refused in words", (_, text, words) => {
  expect(() => readArchive(text)).toThrow(ArchiveError);
  expect(() => readArchive(text)).toThrow(words);
});

test("a report is told from what is none", () => {
  expect(isReport(report)).toBe(true);
  for (const key of Object.keys(report)) {
    const { [key as keyof RunReport]: _, ...rest } = report;
    expect([key, isReport(rest)]).toEqual([key, false]);
  }
});

test("a run without findings is listed, and says nothing of claims", () => {
  const [run, latest] = [report, later].map((one) => storedRun(one, "1"));
  const earlier = asEarlierRun(latest);
  expect(earlier).toMatchObject({ id: latest.id, startedAt: later.startedAt, checks: [], whole: false });
  expect(hasFindings(run)).toBe(true);
  expect(hasFindings(earlier)).toBe(false);
  expect(latestUnmodifiedRuns([earlier, run])).toEqual([run]);
});
