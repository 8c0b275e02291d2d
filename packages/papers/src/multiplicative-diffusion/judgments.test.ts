import { test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import dalesLaw from "./dales-law.ts";
import exactScores from "./exact-scores.ts";
import generation from "./generation.ts";
import losses from "./losses.ts";
import plane from "./plane.ts";

test("exact scores: orders, bands and signs", () => {
  const findings = ({
    order = 1,
    mean = 0.3,
    off = 0,
    gone = [70, 0],
    tail = 0.006188,
    distance = 0.01,
    signs = 0,
    ambient = 1,
  }) => ({
    particles: 50_000,
    runs: [10, 20, 50, 100].map((steps) => ({
      steps,
      mean,
      variance: 0.0625 + 0.4 * steps ** -order + off,
      recursion: 0.0625 + 0.4 * steps ** -order,
      ambientMean: mean - 0.5 * steps ** -ambient,
      ambientNonPositive: steps === 10 ? gone[0] : gone[1],
      logNonPositive: signs,
    })),
    tails: [{ delta: 0.3, count: Math.round(50_000 * tail), of: 50_000 }],
    atoms: {
      floor: 0.008,
      steps: ["log-space, 250 steps", "probability flow, 24 steps"].map((name) => ({
        name,
        evaluations: 50,
        distance,
      })),
    },
  });
  expectDecisive(
    exactScores,
    findings({}),
    findings({
      order: 0.5,
      mean: 0.32,
      off: 0.01,
      gone: [0, 3],
      tail: 0.02,
      distance: 0.02,
      signs: 1,
      ambient: 0.4,
    }),
  );
});

test("losses: a constant for models that differ, fits, and controls", () => {
  const findings = (
    standardErrors: number,
    denoising: readonly number[],
    stein: readonly number[],
    [descent, ordinary]: readonly [number, number],
  ) => ({
    draws: 100_000,
    losses: (["epsilon", "authors"] as const).flatMap((weight) =>
      denoising.map((value, k) => ({
        weight,
        model: k + 1,
        denoising: value,
        explicit: value - 0.19,
        difference: 0.19,
        standardErrors,
        stein: stein[k],
      })),
    ),
    fits: [{ parameter: "exponential, rate", truth: 1.7, fitted: 1.7, standardErrors }],
    descent,
    hutchinson: { standardErrors },
    ordinary,
  });
  expectDecisive(
    losses,
    findings(1, [1, 2], [0.1, 1], [1e-9, 0]),
    findings(8, [1, 1.1], [0.19, 0.19], [1e-2, 0.5]),
  );
});

test("plane: near the data, both samplers alike, and what times do", () => {
  const findings = (own: number, ambient: number, flow: number, additive: number) => ({
    steps: 1000,
    runs: [
      {
        seed: 1,
        twoSets: 0.004,
        logNormal: 0.05,
        logSpace: own,
        ambient,
        logSpaceShort: 0.01,
        ambientShort: 0.2,
        flow,
        uniform: 0.04,
        plain: { multiplicative: 0.04, additive },
      },
    ],
  });
  expectDecisive(plane, findings(0.01, 0.012, 0.009, 0.04), findings(0.03, 0.07, 0.05, 0.02));
});

test("generation: near the digits, seen as digits, of all classes, not copied", () => {
  const one = (name: string, frechet: number, confidence: number, entropy: number, nearest: number) => ({
    name,
    frechet,
    confidence,
    entropy,
    nearest,
  });
  const findings = (
    [frechet, confidence, entropy, nearest]: readonly [number, number, number, number],
    flow: number,
    ambient: number,
  ) => ({
    samples: 1000,
    trainedHere: true,
    scores: [
      one("log-space sampler", frechet, confidence, entropy, nearest),
      one("ambient sampler", frechet, confidence, entropy, nearest),
      one("probability flow", flow, confidence, entropy, nearest),
      one("held-out digits", 0.04, 0.9, 2.29, 1.06),
      one("log-normal pixels, independent", 1.05, 0.5, 2.1, 2),
      one("log-normal pixels, full covariance", 0.18, 0.58, 2.29, 1.6),
    ],
    nonPositive: 0,
    wide: { logSpace: 0.2, ambient, nonPositive: 900 },
  });
  expectDecisive(
    generation,
    findings([0.2, 0.75, 2.28, 1.2], 0.21, 2),
    findings([0.6, 0.6, 1.9, 0.1], 1, 0.2),
  );
});

test("Dale's law: signs, sizes, skewness and accuracy", () => {
  const rule = (method: "EGD" | "SGD", flips: number, gap: number, skewness: number, accuracy: number) => ({
    method,
    rate: 1,
    seed: 1,
    flips,
    gap,
    skewness,
    accuracy,
  });
  expectDecisive(
    dalesLaw,
    {
      seeds: 1,
      trained: [rule("EGD", 0, 1, 4, 0.87), rule("SGD", 200, 0.02, 1.4, 0.95)],
      products: { log: 0.008, plain: 0.1 },
    },
    {
      seeds: 1,
      trained: [rule("EGD", 3, 0.1, 1.5, 0.5), rule("SGD", 10, 0.5, 1.4, 0.95)],
      products: { log: 0.1, plain: 0.008 },
    },
  );
});
