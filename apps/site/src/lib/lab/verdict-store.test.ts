import { claimVerdicts } from "@gradus/papers";
import { expect, test } from "vitest";
import { type StoredRun, storedRuns, storeRun, type TextStore } from "./verdict-store.ts";

function memory(initial?: string): TextStore & { text: string | null } {
  return {
    text: initial ?? null,
    getItem() {
      return this.text;
    },
    setItem(_, value) {
      this.text = value;
    },
  };
}

const run = (experiment: string, measured: number, held: boolean): StoredRun => ({
  paper: "a-paper",
  experiment,
  profile: "quick",
  seed: 1,
  modified: false,
  checks: [{ claim: "C1", label: "iterations", measured, condition: { atMost: 30 }, held }],
  startedAt: "2026-01-02T03:04:05.000Z",
  elapsed: 1234,
  environment: { runtime: "Chromium 140", platform: "Linux", cores: 2 },
});

test("the latest run of each experiment is remembered, and gives the verdict", () => {
  const store = memory();
  storeRun(run("first", 40, false), store);
  storeRun(run("first", 21, true), store);
  storeRun(run("second", 29, true), store);
  const runs = storedRuns("a-paper", store);
  expect(runs.map(({ experiment }) => experiment)).toEqual(["first", "second"]);
  const claims = [{ id: "C1" }, { id: "C2" }];
  expect(claimVerdicts({ slug: "a-paper", claims }, runs).map(({ verdict }) => verdict)).toEqual([
    "held",
    "not run",
  ]);
  expect(storedRuns("another", store)).toEqual([]);
});

test("a run with changed parameters is not remembered; what a report has beside its verdicts is left out", () => {
  const store = memory();
  storeRun({ ...run("first", 21, true), modified: true }, store);
  expect(store.text).toBeNull();
  const report = { ...run("first", 21, true), series: { huge: [1, 2, 3] } };
  storeRun(report, store);
  expect(store.text).not.toContain("huge");
});

test.each([
  "not json",
  "[]",
  "null",
  '{"a-paper":3}',
  '{"a-paper":{"first":{"paper":"a-paper","checks":[1]}}}',
])("%j in storage is as good as nothing", (text) => {
  const store = memory(text);
  expect(storedRuns("a-paper", store)).toEqual([]);
  storeRun(run("first", 21, true), store);
  expect(storedRuns("a-paper", store)).toHaveLength(1);
});

test("a full or forbidden storage is no error", () => {
  const store: TextStore = {
    getItem() {
      throw new Error("denied");
    },
    setItem() {
      throw new Error("quota");
    },
  };
  storeRun(run("first", 21, true), store);
  expect(storedRuns("a-paper", store)).toEqual([]);
});
