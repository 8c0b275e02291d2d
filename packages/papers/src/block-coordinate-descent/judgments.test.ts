import { expect, test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import activeSet from "./active-set.ts";
import type { DataSet } from "./follow.ts";
import forests from "./forests.ts";
import gradientRules from "./gradient-rules.ts";
import iterationCost from "./iteration-cost.ts";
import matrixNewton from "./matrix-newton.ts";
import partitions from "./partitions.ts";
import softmax from "./softmax.ts";
import superlinear from "./superlinear.ts";

/** Three data sets on which rules end at 10 to the given powers. */
const setsOf = (decades: Readonly<Record<string, number>>, first = 1): DataSet[] =>
  [0, 1, 2].map((k) => ({
    name: `set ${k}`,
    first,
    runs: Object.fromEntries(
      Object.entries(decades).map(([label, power]) => [
        label,
        { gap: first * 10 ** power, toTarget: null, flops: 1000, blockSize: 5 },
      ]),
    ),
  }));
/** The same, with every rule as good as every other. */
const level = (decades: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.keys(decades).map((label) => [label, 0]));
const paperSize = { rows: 1000, columns: 10_000, iterations: 500 };

test("gradient rules: who is ahead of whom, and the paper's figures at its size", () => {
  const decades = {
    "GSD, variable": -3,
    "GSL, fixed": -3,
    "GS, variable": -2.3,
    "GSD, fixed": -3,
    "GS, fixed": -1.7,
    "cyclic, fixed": -1,
    "random, fixed": -1,
    "random, variable": -0.5,
  };
  const quick = { rows: 400, columns: 4000, iterations: 500 };
  for (const size of [quick, paperSize])
    expectDecisive(
      gradientRules,
      { ...size, sets: setsOf(decades) },
      { ...size, sets: setsOf(level(decades)) },
    );
  expect(gradientRules.judge({ ...paperSize, sets: setsOf(decades) })).toHaveLength(8);
});

test("matrix and Newton updates", () => {
  const squares = {
    "matrix GSD, variable": -8,
    "matrix IHT, variable": -8,
    "matrix GS, variable": -3.4,
    "matrix GSQ, fixed": -3.4,
    "matrix GSL, fixed": -3.4,
    "matrix GS, fixed": -1.7,
    "gradient GSD, variable": -3,
  };
  const logistic = {
    "Newton GSD, variable": -8,
    "Newton GS, variable": -4,
    "matrix GSD, variable": -1.7,
    "gradient GSD, variable": -1.3,
    "gradient GS, variable": -1.2,
    "gradient random, variable": -0.7,
    "gradient GSL, fixed": -1,
    "gradient GS, fixed": -0.9,
  };
  const size = { ...paperSize, dominanceSteps: 50 };
  expectDecisive(
    matrixNewton,
    { ...size, worst: { excess: 1e-16, error: 1e-14 }, squares: setsOf(squares), logistic: setsOf(logistic) },
    {
      ...size,
      worst: { excess: 1e-3, error: 1e-3 },
      squares: setsOf(level(squares)),
      logistic: setsOf(level(logistic)),
    },
  );
});

test("partitions and backtracking", () => {
  const rules = {
    "GSL, sort": -2.9,
    "GSL, average": -2.1,
    "GSL, order": -1.8,
    "GSD, sort": -3,
    "GSD, average": -1,
    "GSD, order": -1.4,
    "GS, sort": -1.7,
    "GS, average": -1.5,
    "GS, order": -1.4,
    ...Object.fromEntries(
      ["GS", "random"].flatMap((select) =>
        [5, 20, 50].flatMap((size) => [
          [`${select}, |b| = ${size}, LA`, -3.1],
          [`${select}, |b| = ${size}, L_b`, -2.4],
        ]),
      ),
    ),
  };
  const logistic = { "GSL, |b| = 50, LA": -2, "GSL, |b| = 50, L_b": -1 };
  expectDecisive(
    partitions,
    { ...paperSize, squares: setsOf(rules), logistic: setsOf(logistic) },
    { ...paperSize, squares: setsOf(level(rules)), logistic: setsOf(level(logistic)) },
  );
});

test("forests against blocks without edges and small dense blocks", () => {
  const lattice = {
    "greedy tree": -13,
    "tree partition": -13,
    "random tree": -9,
    "red-black": -7,
    general: -1,
  };
  const moons = {
    "greedy tree": -7,
    "tree partition by L": -5,
    "tree partition by index": -5,
    "random tree": -4,
    "colors by L": -2,
    "colors by index": -2,
    general: -0.6,
  };
  const rest = { iterations: 500, unknowns: [2400, 2400, 2400], parts: { "colors by L": 8 }, treeNodes: 250 };
  expectDecisive(
    forests,
    { ...rest, lattice: setsOf(lattice), moons: setsOf(moons), difference: 1e-15 },
    { ...rest, lattice: setsOf(level(lattice)), moons: setsOf(level(moons)), difference: 1e-3 },
  );
});

test("the work of an iteration on trees", () => {
  const costs = (power: number) =>
    Object.fromEntries(
      ["greedy tree", "tree partition", "GSD, |b| = 10", "cyclic, |b| = 5", "GSD, |b| = 5"].map((label) => [
        label,
        [2400, 9900, 39_900].map((n) => ({ n, seconds: 1e-8 * n, flops: n ** power })),
      ]),
    );
  expectDecisive(iterationCost, { costs: costs(1) }, { costs: costs(2) });
});

test("active sets: finite termination, the bound, and no block that holds the support", () => {
  const run = (iterations: number, { identified = iterations, kkt = 1e-15 } = {}) => ({
    iterations,
    reached: true,
    kkt,
    identified,
  });
  const rest = { data: "200 × 2000, seed 0", support: 16, ratio: 0.2, delta: 1, residual: 1e-12 };
  const others = { "PG-VB": run(90), "PN-FB": run(40), "PG-FB": run(300) };
  const good = { ...rest, size: 25, runs: { "PN-VB": run(3), "TMP-VB": run(4), ...others } };
  const slow = run(95, { identified: 60, kkt: 1e-3 });
  const bad = { ...rest, size: 25, runs: { "PN-VB": slow, "TMP-VB": run(80), ...others } };
  const identified = (found: number) => [{ found, bound: 50, delta: 1 }];
  expectDecisive(
    activeSet,
    { shownSize: 25, cases: [good], identified: identified(10) },
    { shownSize: 25, cases: [bad], identified: identified(60) },
  );
  const small = { shownSize: 5, cases: [{ ...good, size: 5 }], identified: identified(10) };
  expect(activeSet.judge(small)).toContainEqual({
    claim: "C5",
    reason: "No block size holds the optimal support.",
  });
});

test("superlinear convergence", () => {
  const set = { data: "300 × 600, seed 0", support: 10, pnGaps: [35, 1, 7e-3, 5e-7], pn: 4 };
  expectDecisive(
    superlinear,
    { sets: [{ ...set, pg: 30, pnFaster: 1.9, pgFaster: 1 }] },
    { sets: [{ ...set, pg: 5, pnFaster: 1, pgFaster: 2 }] },
  );
});

test("softmax", () => {
  const labels = ["Newton GSD, variable", "Newton GS, fixed"];
  const set = (greedy: number, fixed: number) => setsOf({ [labels[0]]: greedy, [labels[1]]: fixed })[0];
  expectDecisive(softmax, { iterations: 150, set: set(-4, -1) }, { iterations: 150, set: set(-1, -1) });
});
