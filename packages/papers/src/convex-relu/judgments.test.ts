import { test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import adversarial from "./adversarial.ts";
import globalOptimum from "./global-optimum.ts";
import iterationCost from "./iteration-cost.ts";
import samplingQuality from "./sampling-quality.ts";
import twoClasses from "./two-classes.ts";

test("global optimum: equivalence, certificate, descent above it, linear convergence", () => {
  const findings = (
    residual: number,
    difference: number,
    descents: readonly number[],
    straightness: number,
  ) =>
    [6, 8].map((rows) => ({
      rows,
      patterns: 2 * rows,
      optimum: 2 - difference,
      provedGap: difference / 10,
      descents: rows === 8 ? descents : [],
      solved: [0.05, 0.2].map((rho) => ({
        rho,
        iterations: 500,
        residual,
        straightness,
        objective: 2,
        networkObjective: 2 + difference,
        activeBlocks: 5,
      })),
    }));
  expectDecisive(
    globalOptimum,
    findings(1e-9, 1e-8, [2, 2.1], 0.99),
    findings(1e-5, 1e-3, [2, 2], 0.5),
    findings(1e-9, 1e-3, [1.9, 2], 0.5),
  );
});

test("sampling: optima that fall to the global one, and violations within the scenario bound", () => {
  const findings = (last: number, first: number, violated: number, gap: number) => [
    {
      optimum: 3,
      certifiedGap: gap,
      rounds: 20,
      byPatterns: [5, 10, 20, 40, 80, 160].map((patterns, i) => ({
        patterns,
        ratio: first + ((last - first) * i) / 5,
        violation: 0,
      })),
      byDirections: [50, 200, 1000, 4000].map((directions, i) => ({
        directions,
        ratio: first + ((last - first) * i) / 3,
        violated,
        bound: 0.1,
      })),
    },
  ];
  expectDecisive(samplingQuality, findings(1.05, 2, 0.05, 1e-4), findings(1.4, 1.2, 0.2, 0.01));
});

test("two classes: early accuracy, and an objective below Adam's", () => {
  const findings = (first: number, best: number, objective: number, off: number) => {
    const reached = (step: number, accuracy: number, value: number) => ({
      step,
      seconds: 1,
      objective: value,
      accuracy,
    });
    return {
      set: "digits",
      rows: 250,
      admm: [reached(5, first, 10), reached(60, best, 5), reached(200, best, objective)],
      adam: [reached(50, 0.97, 4), reached(600, 0.98, 1)],
      violation: off,
      mismatch: off,
      sweep: [{ beta: 0.1, accuracy: 0.97, units: 20 }],
    };
  };
  expectDecisive(twoClasses, findings(0.97, 0.98, 0.5, 1e-3), findings(0.9, 0.98, 2, 0.1));
});

test("adversarial: what robust training saves, and the bound that it keeps", () => {
  const findings = (pgd: number, attacked: number, falling: number, clean: number, violation: number) => ({
    epsilon: 0.1,
    tested: (
      ["convex, robust", "convex, standard", "Adam on PGD examples", "Adam on FGSM examples", "Adam"] as const
    ).map((method) => ({
      pair: "3 against 8",
      method,
      clean: method === "convex, robust" ? clean : 0.95,
      fgsm: method === "convex, robust" ? pgd + (clean < 0.9 ? 0.1 : 0) : 0.5,
      pgd: method === "convex, robust" ? pgd : method === "convex, standard" ? 0.3 : 0.8,
      certified: 0.5,
    })),
    robust: [
      {
        pair: "3 against 8",
        objective: 20,
        worstCaseLoss: 0.3,
        attackedLoss: attacked,
        violation,
        activeBlocks: 4,
      },
    ],
    sweep: [0, 0.1, 0.2].map((epsilon, i) => ({ pair: "3 against 8", epsilon, objective: 10 + falling * i })),
  });
  expectDecisive(adversarial, findings(0.85, 0.25, 5, 0.95, 1e-4), findings(0.4, 0.5, -1, 0.5, 0.1));
});

test("iteration cost: powers of the flops, and two forms of one system", () => {
  const findings = (power: number, difference: number, saving: number) => {
    const costs = [200, 400, 800, 1600].map((n) => ({ n, patterns: 20, flops: n ** power, seconds: 1e-9 }));
    return {
      rows: costs,
      growing: costs,
      solves: [10, 20, 40, 80].flatMap((patterns) => [
        { solver: "structured" as const, n: 100, patterns, flops: 100 * patterns, seconds: 1e-4 },
        { solver: "dense" as const, n: 100, patterns, flops: saving * 100 * patterns, seconds: 1e-3 },
      ]),
      difference,
    };
  };
  expectDecisive(iterationCost, findings(2, 1e-12, 9), findings(3, 1e-3, 2));
});
