import { test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import cleaning from "./cleaning.ts";
import deterministic from "./deterministic.ts";
import landscape from "./landscape.ts";
import limits from "./limits.ts";
import networkCleaning from "./network-cleaning.ts";
import ridge from "./ridge.ts";
import stochastic from "./stochastic.ts";

const sigmas = Array.from({ length: 7 }, (_, k) => 10 ** (-1 - k / 2));

test("landscape", () => {
  const findings = (power: number, above: number, formula: number, without: number, errorBound: number) => ({
    gaps: ["regular", "affine", "warped"].map((family) => ({
      ...{ family, seed: 0, above, formula },
      values: sigmas.map((sigma) => sigma ** power),
      gradients: sigmas.map((sigma) => 3 * sigma ** power),
    })),
    bounded: { active: 1, withBound: formula, without },
    errorBound,
  });
  expectDecisive(landscape, findings(1, -1e-4, 1e-10, 0.1, 0.5), findings(0.8, 1e-3, 1e-3, 1e-5, 0.01));
});

test("limits", () => {
  const mus = [0.1, 0.01, 0.001];
  const findings = (gap: number, value: number, gradient: number, errorBound: number) => ({
    jumps: [0.1, 0.01, 0.001].map((sigma) => ({ sigma, gap, slope: gap / sigma })),
    bends: mus.map((mu) => ({ mu, value: mu ** value, gradient: mu ** gradient })),
    errorBound,
  });
  expectDecisive(limits, findings(0.99, -1, -1.5, 0.03), findings(0.1, -1.3, -3.4, 0.4));
});

test("deterministic", () => {
  const reached = (epsilons: readonly number[], power: number, products: number, ok: boolean) =>
    epsilons.map((epsilon) => ({
      ...{ epsilon, products, reached: ok, iterations: 30 },
      calls: 10 * epsilon ** -power,
      hypergradient: ok ? epsilon : 5 * epsilon,
    }));
  const instance = (power: number, ok: boolean, control: number) => ({
    seed: 0,
    double: reached([0.3, 0.1, 0.03], power, ok ? 0 : 4, ok),
    single: reached([0.3, 0.1, 0.03], power, 0, ok),
    aid: { epsilon: 0.003, calls: 100, products: 100, iterations: 30, reached: true, hypergradient: 0.003 },
    exact: ok ? 29 : 10,
    fixed: control,
    alternating: 10 * control,
  });
  expectDecisive(
    deterministic,
    { instances: [instance(1, true, 0.5), instance(2, true, 1)] },
    { instances: [instance(3.5, false, 0.001)] },
  );
});

test("stochastic, quick and full", () => {
  const findings = (budgets: number[], ratio: number, power: number, start: number) => ({
    budgets,
    runs: 6,
    curves: [0, 1, 2].flatMap((problem) =>
      (["single", "double", "plain"] as const).map((method) => ({
        ...{ method, problem, start },
        stationarity: budgets.map((calls) => (method === "plain" ? ratio : 1) * calls ** power),
      })),
    ),
  });
  const quick = [1e4, 3e4, 1e5];
  const full = [3e4, 1e5, 3e5, 1e6, 3e6];
  expectDecisive(stochastic, findings(quick, 1.7, -0.2, 4), findings(quick, 1.1, -0.01, 0.5));
  expectDecisive(stochastic, findings(full, 1.7, -0.2, 4), findings(full, 1.1, -0.01, 0.5));
});

test("cleaning", () => {
  const findings = (accuracy: number, products: number, f1: number, ranked: number) => ({
    ...{ noisy: 0.78, ideal: 0.94, images: "digits" as const, train: 500, test: 997, calls: 7200 },
    ...{ accuracy, products, f1, ranked },
  });
  expectDecisive(cleaning, findings(0.92, 0, 0.94, 0.97), findings(0.8, 3, 0.7, 0.8));
});

test("cleaning with a network", () => {
  const method = (accuracy: number, products: number, ranked: number) => ({
    ...{ accuracy, products, ranked },
    calls: 4000,
  });
  const findings = (accuracy: number, products: number, ranked: number) => ({
    ...{ noisy: 0.7, ideal: 0.93, images: "digits" as const, train: 500, test: 997, hidden: 32 },
    ...{ iterations: 200, baselineIterations: 1000, baseline: method(0.5, 0, 0.6) },
    penalty: method(accuracy, products, ranked),
  });
  expectDecisive(networkCleaning, findings(0.9, 0, 0.97), findings(0.72, 2, 0.7));
});

test("ridge", () => {
  const findings = (gaps: number[], chosen: number) => ({
    ...{ gaps, common: 0.25, chosen, testCommon: 0.25, testChosen: 0.26, calls: 1000 },
    penalties: [{ feature: "age", penalty: 1 }],
  });
  expectDecisive(ridge, findings([0.05, 0.005, 0.0005], 0.24), findings([0.05, 0.02, 0.01], 0.26));
});
