import { expect, test } from "vitest";
import { palette } from "./color.ts";
import { timesLines } from "./times.ts";

const one = { total: 2000, compiling: 100, programs: 3, running: 1500, runs: 40 };
const two = { total: 6000, compiling: 700, programs: 5, running: 1000, runs: 60 };
const cells = (line: string) => line.trim().split(/ {2,}/);

test("an experiment gets its share of the compile time", () => {
  const [header, line, ...rest] = timesLines([{ name: "a/b", times: one }], 100, palette(1));
  expect(cells(header)).toEqual(["experiment", "total", "compiling", "share", "programs", "running", "runs"]);
  expect(cells(line)).toEqual(["a/b", "2 s", "0.1 s", "5%", "3", "1.5 s", "40"]);
  expect(rest).toEqual([]);
});

test("experiments add up", () => {
  const lines = timesLines(
    [
      { name: "a/b", times: one },
      { name: "a/c", times: two },
    ],
    100,
    palette(1),
  );
  expect(cells(lines.at(-1) ?? "")).toEqual(["all", "8 s", "0.8 s", "10%", "8", "2.5 s", "100"]);
});
