import { test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import amortization from "./amortization.ts";
import digits from "./digits.ts";
import imitation from "./imitation.ts";
import { linearMethods } from "./linear-runs.ts";
import majorization from "./majorization.ts";
import matrixFactorization from "./matrix-factorization.ts";
import minibatches from "./minibatches.ts";
import noiseAndBias from "./noise-and-bias.ts";

test("majorization: an upper bound, descent, and the bound on gradients", () => {
  const findings = (
    gap: number,
    increase: number,
    below: number,
    bound: number,
    deviation: number,
    difference: number,
  ) => ({
    ...{ samples: 200, outerSteps: 100, bound, deviation },
    networks: ["squared loss", "softmax"].map((loss) => ({
      ...{ loss, gap, touch: difference, gradient: difference, increase },
      below: loss === "softmax" ? null : below,
    })),
  });
  expectDecisive(
    majorization,
    findings(0.01, -1e-4, 1, 0.1, 1e-16, 1e-16),
    findings(-0.01, 1e-4, 0.9, 1.5, 1e-3, 1e-6),
  );
});

test("amortization: fewer gradients the more inner steps, at every condition number", () => {
  const reached = (calls: number) => ({ calls, innerSteps: calls, reached: calls < 8000 });
  const findings = (exact: (k: number) => number, m100: number, m10: number, m1: (k: number) => number) => ({
    runs: [0, 1, 2, 3].map((k) => ({
      exact: reached(exact(k)),
      "m = 100": reached(m100),
      "m = 10": reached(m10),
      "m = 1": reached(m1(k)),
    })),
    draws: [
      { margin: 1, calls: 50 },
      { margin: 2, calls: 80 },
    ],
  });
  expectDecisive(
    amortization,
    findings(
      () => 80,
      77,
      175,
      (k) => [40, 1500, 8000, 8000][k],
    ),
    findings(
      (k) => 80 + 10 * k,
      170,
      175,
      (k) => [200, 200, 210, 210][k],
    ),
  );
});

test("minibatches: against the best baseline, and against one inner step", () => {
  const findings = (m20: number, m1: number, tuned: number | null) => ({
    ...{ seeds: 2, longEpochs: 0, long: [] },
    settings: (["logistic", "squared"] as const).flatMap((loss) =>
      [125, 625].map((batchSize) => ({
        loss,
        batchSize,
        methods: Object.fromEntries(
          linearMethods.map((method) => {
            const value = method === "SSO, m = 1" ? m1 : method.startsWith("SSO") ? m20 : 0.1;
            return [method, { value, gradientNorm: 0.1, milliseconds: 10 }];
          }),
        ) as Record<
          (typeof linearMethods)[number],
          { value: number; gradientNorm: number; milliseconds: number }
        >,
        tuned: tuned === null ? null : { step: 1, value: tuned, gradientNorm: 0.1, milliseconds: 10 },
      })),
    ),
  });
  expectDecisive(
    minibatches,
    findings(0.01, 0.1, 0.1),
    findings(0.01, 0.012, 0.012),
    findings(0.08, 0.1, null),
  );
});

test("noise and bias: rates, plateau, and where the two points end", () => {
  const findings = (distances: number[][], batch: number, full: number) => ({
    ...{ seeds: 10, twoPointSeeds: 20, distances, ends: { batch, full } },
  });
  expectDecisive(
    noiseAndBias,
    findings(
      [
        [0.1, 1e-3, 1e-10],
        [0.1, 1e-3, 3e-5],
        [8e-4, 8e-4, 8e-4],
      ],
      0.3755,
      0.001,
    ),
    findings(
      [
        [0.1, 0.01, 0.005],
        [0.1, 1e-3, 5e-4],
        [8e-3, 8e-3, 8e-4],
      ],
      0.3,
      0.1,
    ),
  );
});

test("imitation: against the best baseline of each network", () => {
  const findings = (m10: number[], m30: number[], baseline: number[]) => ({
    rounds: 30,
    needed: [m10, m30, m10, ...Array.from({ length: 8 }, () => baseline)],
  });
  expectDecisive(
    imitation,
    findings([5, 3, 8], [3, 2, 3], [16, 15, 13]),
    findings([12, 12, 12], [13, 13, 13], [16, 15, 13]),
  );
});

test("matrix factorization: gradients saved, and the smallest loss of the rank", () => {
  const findings = (early: number, late: number, excess: number) =>
    [4, 10].map((width) => ({
      ...{ width, problem: 1, floor: 0.01, m10early: early, gdEarly: 0.06, m10: late, gd: 1e-5 },
      m30: width === 4 ? 0.01 * (1 + excess) : null,
    }));
  expectDecisive(matrixFactorization, findings(0.01, 1e-12, 0.01), findings(0.05, 1e-6, 0.1));
});

test("digits: against one inner step and the best baseline", () => {
  const findings = (m20: number, m1: number) => ({
    epochs: 10,
    finals: {
      ...{ "SSO, m = 20": m20, "SSO, m = 1": m1, "SSO, m = 20, η = 8": m20 / 2 },
      ...{ SLS: 0.17, "SGD, tuned": 0.08, "Adam, tuned": 0.02 },
    },
    steps: { "SGD, tuned": 1, "Adam, tuned": 0.02 },
  });
  expectDecisive(digits, findings(0.02, 0.3), findings(0.08, 0.1));
});
