import { expect, test } from "vitest";
import type { Results } from "./measure.ts";
import { type Occasion, recordRun } from "./record.ts";

const occasion = (date: string): Occasion => ({
  date,
  command: "npm run bench",
  machine: { processor: "p", cores: 2, memoryGiB: 8, system: "Linux", node: "v24" },
  load: { before: 0, after: 1 },
  plan: { rounds: 1, seconds: 0.1 },
});

const results = (seconds: Readonly<Record<string, number>>, start?: number): Results => ({
  identities: new Map([["gradus", { version: "1", settings: "1 thread" }]]),
  cases: Object.entries(seconds).map(([id, time]) => ({
    id,
    timings: [{ label: "gradus", peer: "gradus", settings: "1 thread", seconds: [time], bySetting: {} }],
    absences: [],
  })),
  startUps: start === undefined ? [] : [{ label: "gradus", first: [start], again: [start] }],
});

const order = ["a", "b", "c"];
const first = recordRun(undefined, results({ c: 3, a: 1, b: 2 }, 7), occasion("2026-01-01"), order);
const timeOf = ({ cases }: typeof first, id: string) =>
  cases.find((one) => one.id === id)?.timings[0].seconds[0];

test("the cases of a first run are on record in the order of all cases", () => {
  expect(first.cases.map(({ id, run }) => [id, run])).toEqual([
    ["a", 0],
    ["b", 0],
    ["c", 0],
  ]);
  expect(first.runs).toHaveLength(1);
  expect(first.runs[0].identities).toEqual({ gradus: { version: "1", settings: "1 thread" } });
});

test("a run of some cases replaces those, and every case says which run it is of", () => {
  const second = recordRun(first, results({ b: 20 }), occasion("2026-01-02"), order);
  expect(second.runs.map(({ date }) => date)).toEqual(["2026-01-01", "2026-01-02"]);
  expect(second.cases.map(({ id, run }) => [id, run])).toEqual([
    ["a", 0],
    ["b", 1],
    ["c", 0],
  ]);
  expect(["a", "b", "c"].map((id) => timeOf(second, id))).toEqual([1, 20, 3]);
  expect(second.startUps).toEqual(first.startUps);
});

test("a run of which no case is left goes, and the places of the others stay right", () => {
  const second = recordRun(first, results({ b: 20 }), occasion("2026-01-02"), order);
  const third = recordRun(second, results({ a: 10, c: 30 }, 8), occasion("2026-01-03"), order);
  expect(third.runs.map(({ date }) => date)).toEqual(["2026-01-02", "2026-01-03"]);
  expect(third.cases.map(({ id, run }) => [id, third.runs[run].date])).toEqual([
    ["a", "2026-01-03"],
    ["b", "2026-01-02"],
    ["c", "2026-01-03"],
  ]);
  expect(third.startUps[0].first).toEqual([8]);
});

test("a case that is no more leaves the record", () => {
  const second = recordRun(first, results({ b: 20 }), occasion("2026-01-02"), ["b", "c"]);
  expect(second.cases.map(({ id }) => id)).toEqual(["b", "c"]);
});

test("a record that was written and read is the same", () => {
  const read: typeof first = JSON.parse(JSON.stringify(first));
  expect(recordRun(read, results({ b: 20 }), occasion("2026-01-02"), order)).toEqual(
    recordRun(first, results({ b: 20 }), occasion("2026-01-02"), order),
  );
});
