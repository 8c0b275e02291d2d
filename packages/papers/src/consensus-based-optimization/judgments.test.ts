import { expect, test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import benchmarks from "./benchmarks.ts";
import canyon from "./canyon.ts";
import classifier from "./classifier.ts";
import descent from "./descent.ts";
import hopping from "./hopping.ts";
import rate from "./rate.ts";

test("canyon: who reaches the minimum, and along the valley", () => {
  const outcome = (method: string, success: number) => ({ method, runs: 50, success, near: success });
  const findings = (cbo: number, langevin: number, quiet: number, end: number, floor: number) => ({
    outcomes: [
      outcome("CBO", cbo),
      outcome("consensus hopping", cbo),
      outcome("gradient descent", 0),
      outcome("annealed Langevin", langevin),
    ],
    quiet: outcome("CBO, noise 0.8", quiet),
    descentEnd: { p: 2.336 * end, q: 2.466 * end, value: 3.86 },
    floor: [floor, floor, floor],
  });
  expectDecisive(canyon, findings(1, 0.4, 0, 1, 0.1), findings(0.5, 0.9, 0.5, 0.1, 1));
});

test("hopping: exponents, identities and directions", () => {
  const findings = (error: number, exponent: number, cosines: number[], implicit: number[]) => ({
    distances: [
      { name: "y⁴/4" as const, distances: [1, 0.1, 0.01, 0.001] },
      { name: "|y|" as const, distances: [1, 0.1, 0.01, 0.001] },
      { name: "ramp" as const, distances: [1e1, 1e2, 1e3, 1e4].map((a) => Math.sqrt(1 / (Math.PI * a))) },
    ].map(({ name, distances }) => ({
      name,
      distances: distances.map((one, k) => one * (1 + error * k ** 3)),
    })),
    identity: 1e-8 + error,
    quadratic: 1e-13 + error,
    fine: [1e2, 1e3, 1e4, 1e5].map((n) => n ** exponent),
    saturated: [1e2, 1e3, 1e4, 1e5].map((n) => n ** (exponent + 0.5)),
    cosines,
    implicit,
  });
  expectDecisive(
    hopping,
    findings(0, -0.5, [0.99, 0.99, 0.99, 0.7], [0.4, 0.26, 0.16, 0.09]),
    findings(0.5, -1, [0.5, 0.5, 0.5, 0.99], [0.4, 0.3, 0.2, 0.2]),
  );
});

test("descent: the direction of the consensus point", () => {
  const findings = (scale: number, skew: number, downhill: number, cosine: number) => ({
    drifts: [1, 20].map((alpha) => ({
      alpha,
      predicted: [-1, 1, -2, 0.5],
      measured: [-1, 1, -2, 0.5 + skew].map((x) => scale * x),
    })),
    followed: [1, 10, 100].map((alpha) => ({ alpha, downhill, preconditioned: cosine, plain: cosine })),
  });
  expectDecisive(descent, findings(0.97, 0, 1, 0.9), findings(0.5, 3, 0.5, 0.1));
});

test("rate: measured against the mean-field law", () => {
  const cases = [
    ...[1, 2, 4, 8].map((dimension) => ({
      kind: "isotropic" as const,
      dimension,
      function: "‖x‖²" as const,
    })),
    ...[2, 4, 8].map((dimension) => ({ kind: "anisotropic" as const, dimension, function: "‖x‖²" as const })),
    ...[1, 8].map((dimension) => ({ kind: "isotropic" as const, dimension, function: "Rastrigin" as const })),
  ];
  const findings = (factor: (k: number) => number) => ({
    decays: cases.map((one, k) => ({ ...one, noise: 0.4, theory: -1.5, slope: -1.5 * factor(k) })),
  });
  expectDecisive(
    rate,
    findings(() => 1),
    findings((k) => 0.5 + 0.05 * k),
    findings((k) => 0.8 - 0.05 * k),
  );
  expect(rate.present(findings((k) => (k === 8 ? 0.25 : 1))).summary[0]).toContain("is 0.25 of the law’s");
});

test("benchmarks: success and values", () => {
  const findings = (success: number, value: number, isotropic: number) => ({
    outcomes: ["anisotropic, d = 20", "anisotropic, d = 10", "isotropic, d = 10"].map((name, k) => ({
      name,
      runs: 20,
      success: k === 2 ? isotropic : success,
      value,
      evaluations: 200_040,
    })),
  });
  expectDecisive(benchmarks, findings(1, 1e-5, 0), findings(0.5, 1, 0.5));
});

test("classifier: accuracy", () => {
  const findings = (last: number) => ({
    ...{ images: "digits" as const, rows: 1380, parameters: 650 },
    ...{ epochs: 20, linear: 0.95, accuracies: [0.1, last] },
  });
  expectDecisive(classifier, findings(0.8), findings(0.2));
});
