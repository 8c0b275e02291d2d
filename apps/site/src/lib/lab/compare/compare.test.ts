import { type Check, criterion, type PlotData, type PlotSpecification } from "@gradus/papers";
import { expect, test } from "vitest";
import { checkPairs, settingDifferences } from "./differences.ts";
import { overlay } from "./overlay.ts";

const plot: PlotSpecification = {
  id: "loss",
  title: "Loss",
  x: { label: "step" },
  y: { label: "loss" },
  mark: "line",
  series: ["ours", "theirs"],
  references: ["bound"],
};
const line = (...ys: number[]) => ys.map((y, x) => ({ x, y }));

test("series that differ are drawn once for each run, next to each other; those that agree once", () => {
  const a: PlotData = { bound: line(1, 1), theirs: line(3, 2), ours: line(2, 1) };
  const b: PlotData = { bound: line(1, 1), theirs: line(3, 2.5), ours: line(2, 0.5), late: line(9) };
  const both = overlay(plot, a, b);
  expect(both.plot.series).toEqual(["ours (A)", "ours (B)", "theirs (A)", "theirs (B)", "bound", "late (B)"]);
  expect(both.plot.references).toEqual(["bound"]);
  expect(both.plot.variants).toEqual({ "ours (B)": "ours (A)", "theirs (B)": "theirs (A)" });
  expect(both.data).toEqual({
    "ours (A)": a.ours,
    "ours (B)": b.ours,
    "theirs (A)": a.theirs,
    "theirs (B)": b.theirs,
    bound: a.bound,
    "late (B)": b.late,
  });
});

test("a plot's own variants keep their colors: those of each run are of that run's series", () => {
  const { variants } = overlay(
    { ...plot, variants: { theirs: "ours" } },
    { ours: line(1), theirs: line(2) },
    { ours: line(3), theirs: line(4) },
  ).plot;
  expect(variants).toEqual({ "theirs (A)": "ours (A)", "theirs (B)": "ours (B)" });
});

test("reference lines that differ stay reference lines", () => {
  const both = overlay(plot, { bound: line(1) }, { bound: line(2) });
  expect(both.plot.references).toEqual(["bound (A)", "bound (B)"]);
});

test("matrices that differ stand side by side", () => {
  const heat = (value: number) => ({ grid: { rows: ["r"], columns: ["c"], values: [value] } });
  const both = overlay({ ...plot, mark: "heat", series: ["grid"], references: undefined }, heat(1), heat(2));
  expect(both.plot.series).toEqual(["grid (A)", "grid (B)"]);
  expect(both.data).toEqual({ "grid (A)": heat(1).grid, "grid (B)": heat(2).grid });
});

const run = {
  profile: "quick" as const,
  seed: 1,
  parameters: { steps: 10, rates: [0.1, 1] },
  environment: { runtime: "Chromium 140", platform: "Linux", cores: 2 },
  elapsed: 5,
};

test("only what differs in how two runs were made is listed", () => {
  expect(settingDifferences(run, { ...run, elapsed: 9 })).toEqual([]);
  expect(
    settingDifferences(run, {
      ...run,
      seed: 2,
      parameters: { steps: 10, rates: [0.1], extra: true },
      environment: { ...run.environment, runtime: "Firefox 144" },
    }),
  ).toEqual([
    { name: "seed", a: "1", b: "2" },
    { name: "rates", a: "0.1, 1", b: "0.1" },
    { name: "extra", a: "–", b: "true" },
    { name: "runtime", a: "Chromium 140", b: "Firefox 144" },
  ]);
});

const check = (claim: string, label: string, measured: number): Check => ({
  claim,
  label,
  measured,
  condition: { atMost: 1 },
  ground: criterion("one"),
  held: measured <= 1,
});

test("checks are paired by claim and words, then by their place; what only one run has stands alone", () => {
  const a = [check("C1", "slope", 0.5), check("C1", "T at n = 10", 3), check("C2", "gap", 0.25)];
  const b = [check("C1", "T at n = 20", 4), check("C1", "slope", 0.75), check("C3", "rank", 1)];
  const pairs = checkPairs(a, b);
  expect(
    pairs.map(({ claim, label, a: one, b: two, change }) => [
      claim,
      label,
      one?.measured,
      two?.measured,
      change,
    ]),
  ).toEqual([
    ["C1", "slope", 0.5, 0.75, 0.25],
    ["C1", "T at n = 10", 3, 4, 1],
    ["C2", "gap", 0.25, undefined, undefined],
    ["C3", "rank", undefined, 1, undefined],
  ]);
});
