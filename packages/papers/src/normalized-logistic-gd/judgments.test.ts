import { expect, test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import bounds from "./bounds.ts";
import equivalence from "./equivalence.ts";
import factorN from "./factor-n.ts";
import imbalanced from "./imbalanced.ts";
import stepSizeSweep from "./step-size-sweep.ts";

const path = (data: string, method: "gd" | "normalized", step: number, iterations: number) => ({
  ...{ data, method, step, iterations, n: 100, d: 64, updates: iterations },
  ...{ separated: iterations < 4000, maxLoss: step, finalLoss: 0, accuracy: 1 },
});

test("step-size sweep: earlier separation at higher losses, whatever the step", () => {
  const findings = (iterations: readonly number[], ratio: number, limit: number) => ({
    traced: "digits 1v8" as const,
    sets: ["digits 1v8", "digits 3v8"].map((data) => ({
      ...{ data, mu: 0.1, complexity: 200, limit, slope: 1, ratio, shareAboveOne: 0.9 },
      paths: [1, 10, 1e2, 1e3, 1e4, 1e6].map((gamma, i) => path(data, "gd", gamma, iterations[i])),
    })),
    lossNormalized: [
      { data: "digits 1v8", times: [10, 20, 30, 40].map((first) => ({ first, least: 9, most: 41 })) },
    ],
  });
  expectDecisive(
    stepSizeSweep,
    findings([3000, 300, 200, 200, 200, 200], 300, 0.7),
    findings([3000, 2900, 2800, 2800, 2700, 4000], 1.2, 3),
  );
});

test("equivalence: the distance falls to rounding, and shows at small steps", () => {
  const findings = (worst: readonly number[], gd: number) => ({
    iterations: 60,
    pairs: ["3v8", "1v8", "4v9"].map((name) => ({ name, worst, gd, perceptron: 90 })),
  });
  // At γ = 1e8, 1e6, 1e5, 1e4, 100, 10.
  expectDecisive(
    equivalence,
    findings([1e-15, 1e-15, 1e-5, 1e-3, 0.1, 0.5], 90),
    findings([1e-6, 1e-5, 1e-5, 1e-5, 1e-4, 1e-3], 95),
    findings([1e-6, 2e-5, 1e-5, 1e-5, 1e-4, 1e-3], 95),
  );
});

test("factor n: the growth of the iterations", () => {
  const sizes = [10, 100, 1000, 10_000];
  const growing = (power: number) => sizes.map((n) => Math.ceil(3 * n ** power));
  const times = (method: "gd" | "normalized" | "loss-normalized", step: number, power: number) => ({
    ...{ method, step, iterations: growing(power), updates: growing(power) },
    separated: sizes.map(() => true),
  });
  const findings = (gd: number, normalized: number, rho: number) => ({
    sizes,
    complexity: 10,
    times: [
      ...[1, 1e2, 1e6].map((step) => times("normalized", step, normalized)),
      times("gd", 1e6, gd),
      times("loss-normalized", 10, 0),
    ],
    flatter: [{ rho: 0.1, gd: 2500 * rho, normalized: 5 }],
    turns: [3, 26],
  });
  expectDecisive(factorN, findings(1, 0, 1), findings(0.5, 0.6, 1.1));
});

test("bounds: each method against its own", () => {
  const findings = (ratio: number, T: number) => ({
    sets: 30,
    complexities: [5, 500],
    ratios: Array.from({ length: 8 }, () => ratio),
    named: [{ name: "hard set", complexity: 10, times: Array(8).fill(T), bounds: Array(8).fill(10) }],
  });
  expectDecisive(bounds, findings(0.3, 3), findings(1.01, 3), findings(0.3, 11));
});

test("imbalanced: only data with a rare class decide", () => {
  const set = (id: string, advantage: number) => ({
    ...{ id, mu: 0.1, R: 3, complexity: 900 },
    normalized: [1, 1e2, 1e6].map((step) => path(id, "normalized", step, 20)),
    gd: [1, 1e2, 1e6].map((step) => path(id, "gd", step, 20 * advantage)),
  });
  const findings = (advantage: number) => [set("digits 9:rest", advantage), set("digits 4v9", 0.5)];
  expectDecisive(imbalanced, findings(10), findings(1.2));
  expect(imbalanced.judge(findings(10))).toHaveLength(1);
});
