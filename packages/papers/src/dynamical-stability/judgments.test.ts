import { expect, test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import alignment from "./alignment.ts";
import balancing from "./balancing.ts";
import batchSizes from "./batch-sizes.ts";
import type { Minimum } from "./descend.ts";
import diagonalNetwork from "./diagonal-network.ts";
import liveSharpness from "./live-sharpness.ts";
import reluNetwork from "./relu-network.ts";
import thresholds from "./thresholds.ts";

/** A minimum at learning rate eta, by its shares of 2/eta. */
const minimum = (
  eta: number,
  { trace = 0.9, edge = 0.1, margin = 1, error = 1, norm = 1, unclipped = 5000 } = {},
): Minimum => ({
  steps: 10_000,
  loss: 1e-8,
  unclipped,
  trace: (2 * trace) / eta,
  populationTrace: (2 * trace) / eta,
  frobenius: 1,
  lambdaMax: (2 * edge) / eta,
  threshold: margin * eta,
  error,
  norm,
});
type Shares = Parameters<typeof minimum>[1];
const runsAt = (method: string, rates: readonly number[], of: (eta: number) => Shares) =>
  rates.map((rate) => ({ method, rate, seed: 1, minimum: minimum(rate, of(rate)) }));

test("live sharpness", () => {
  const runs = (last: number) =>
    (["SGD", "GD"] as const).flatMap((method) =>
      ["large start", "small start"].map((from) => ({
        ...{ method, from, rate: 0.1, first: 5, peak: 6, last },
        ...{ margin: 1, steps: 1000, loss: 1e-8 },
      })),
    );
  expectDecisive(liveSharpness, { runs: runs(0.9) }, { runs: runs(1.1) });
});

test("thresholds", () => {
  const drawn = { gdRate: 2, rows: [{ B: 1, rate: 1, trace: 1.2, below: 0.99, above: 1.01 }] };
  const rest = { matrices: 40, cases: 520, drawn };
  expectDecisive(
    thresholds,
    {
      ...{ ...rest, shares: [0.4, 0.9], mostBelow: 0.999, leastAbove: 1.004 },
      ...{ overMoment: 0.97, gdError: 1e-15, mostFall: 0.99, overBoth: 1 },
    },
    {
      ...{ ...rest, shares: [0.4, 1.1], mostBelow: 1.01, leastAbove: 0.99 },
      ...{ overMoment: 1.1, gdError: 0.1, mostFall: 1.1, overBoth: 1.1 },
    },
  );
});

test("diagonal networks", () => {
  const [sgd, gd] = [
    [0.004, 0.008, 0.016, 0.032, 0.064],
    [0.004, 0.032, 0.064, 0.128],
  ];
  expectDecisive(
    diagonalNetwork,
    {
      size: "small" as const,
      runs: [
        ...runsAt("SGD", sgd, (eta) => ({ error: 0.1 / eta, norm: 0.5 / eta })),
        ...runsAt("GD", gd, () => ({ trace: 9, error: 30, norm: 100 })),
      ],
    },
    {
      size: "small" as const,
      runs: [
        ...runsAt("SGD", sgd, (eta) => ({
          ...{ trace: 1.5, margin: 0.5, unclipped: 0 },
          ...{ error: 100, norm: 1.5 / eta },
        })),
        ...runsAt("GD", gd, (eta) => ({ trace: 1, edge: 1.5, error: 0.1 / eta, norm: 10 })),
      ],
    },
  );
});

test("ReLU networks", () => {
  const [sgd, gd] = [
    [0.008, 0.016, 0.032],
    [0.016, 0.064, 0.1, 0.14],
  ];
  const falling = (margin: number) => (eta: number) => ({ margin, error: 0.01 / eta, norm: 0.3 / eta });
  const good = runsAt("GD", gd, () => ({ trace: 9, edge: 0.95, error: 2, norm: 40 }));
  const bad = (margin: number) => ({
    size: "small" as const,
    runs: [
      ...runsAt("SGD", sgd, () => ({ trace: 1.5, margin, unclipped: 0, error: 3, norm: 100 })),
      ...runsAt("GD", gd, () => ({ trace: 1, edge: 1.5, error: 2, norm: 40 })),
    ],
  });
  expectDecisive(
    reluNetwork,
    { size: "small" as const, runs: [...runsAt("SGD", sgd, falling(1)), ...good] },
    bad(0.5),
    bad(1.5),
  );
});

test("balancing", () => {
  const rows = (sgd: number, gd: number) =>
    [1, 2, 4, 8, 16].flatMap((start) =>
      [
        { method: "SGD", balance: sgd * start },
        { method: "GD", balance: gd * start },
      ].map((one) => ({ ...one, start, seed: 1, loss: 1e-10, steps: 1000, trace: 10 })),
    );
  expectDecisive(balancing, { rows: rows(0.2, 1.5) }, { rows: rows(0.9, 0.5) });
});

test("alignment, and runs that never came near a minimum", () => {
  const run = { rate: 0.01, seed: 1, records: 50, least: 0.5, most: 2, near: 20, share: 0.7 };
  expectDecisive(alignment, { runs: [run] }, { runs: [{ ...run, least: 0.01, share: 1.2 }] });
  expect(alignment.judge({ runs: [{ ...run, near: 0, share: null }] })).toEqual([
    { claim: "C2", reason: "No run came near a minimum, and the bound applies only to minima." },
  ]);
});

test("batch sizes", () => {
  const runs = (margin: number) =>
    runsAt("SGD", [0.016], () => ({ margin })).map((run) => ({ ...run, B: 1 }));
  expectDecisive(batchSizes, { runs: runs(1) }, { runs: runs(0.5) }, { runs: runs(1.5) });
});
