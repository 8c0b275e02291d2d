import { expect, test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import type { Comparison } from "./comparison.ts";
import floor from "./floor.ts";
import fourAttacks from "./four-attacks.ts";
import images from "./images.ts";
import priceOfFaults, { faultFreeError } from "./price-of-faults.ts";
import reduction from "./reduction.ts";

test("reduction: the coefficients against their bounds and their growth", () => {
  const sizes = [
    [200, 5],
    [26, 2],
    [60, 5],
    [110, 10],
  ];
  const results = (alpha: number, lambda: (ratio: number) => number) =>
    sizes.map(([nodes, faulty]) => ({ nodes, faulty, alpha, lambda: lambda(faulty / (nodes - faulty)) }));
  expectDecisive(
    reduction,
    { draws: 10, results: results(0.05, (ratio) => 3 * ratio) },
    { draws: 10, results: results(1, (ratio) => 3 * ratio) },
    { draws: 10, results: results(0.05, (ratio) => 1e5 * ratio ** 2) },
  );
});

test("price of faults: overheads linear in f, and what momentum saves", () => {
  const findings = (start: number, overhead: (f: number) => number, without: number) => ({
    faultFree: [0.95, 0].map((momentum) => ({ momentum, f: 0, error: start * faultFreeError(momentum) })),
    faults: [
      ...[1, 2, 3, 4].map((f) => ({ momentum: 0.95, f, error: overhead(f) * faultFreeError(0.95) })),
      { momentum: 0, f: 4, error: without * faultFreeError(0) },
    ],
  });
  expectDecisive(
    priceOfFaults,
    findings(1, (f) => 1 + f / 2, 20),
    findings(1.2, (f) => 2 + f, 9),
  );
});

test("floor: the same for both step sizes, below f/n, and above the fault-free error", () => {
  const floors = (small: number, free: number, scale: number) =>
    [0.05, 0.1].flatMap((rate) =>
      [0, 1, 2, 4].map((f) => ({
        rate,
        f,
        error: f === 0 ? free : scale * f * f * (rate === 0.05 ? small : 1),
      })),
    );
  expectDecisive(floor, floors(1, 1e-20, 1e-3), floors(0.5, 0.1, 0.1));
});

const comparison = (monna: number, other: number): Comparison => {
  const attacks = ["ALIE", "FOE", "SF", "LF"] as const;
  const everywhere = (score: number) => Object.fromEntries(attacks.map((attack) => [attack, score]));
  return {
    methods: ["MoNNA", "NNA"],
    attacks,
    signFlipOnly: ["GM", "plain mean"],
    faultFree: 0.9,
    scores: {
      MoNNA: everywhere(monna),
      NNA: everywhere(other),
      GM: { SF: other },
      "plain mean": { SF: other - 0.4 },
    },
  };
};

test("four attacks: MoNNA close to fault-free training and ahead by the worst attack", () => {
  expectDecisive(fourAttacks, comparison(0.85, 0.8), comparison(0.4, 0.87));
});

test("a convolutional network: judged at the paper's size, inconclusive on the digits", () => {
  expectDecisive(
    images,
    { set: "mnist" as const, ...comparison(0.85, 0.8) },
    { set: "mnist" as const, ...comparison(0.4, 0.87) },
  );
  const judgments = images.judge({ set: "digits", ...comparison(0.85, 0.8) });
  expect(judgments.map(({ claim }) => claim)).toEqual(["C1", "C4"]);
  for (const judgment of judgments) expect(judgment).toHaveProperty("reason");
});
