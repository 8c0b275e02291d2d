import { expect, test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import type { Decades } from "./decades.ts";
import type { Outcome } from "./descent.ts";
import fisherTerm from "./fisher-term.ts";
import linearRate from "./linear-rate.ts";
import logSumExp from "./log-sum-exp.ts";
import network from "./network.ts";
import nonConvex from "./non-convex.ts";
import realData from "./real-data.ts";
import universality from "./universality.ts";

const outcome = (iterations: number, { reached = true, perStep = 2 } = {}): Outcome => ({
  ...{ iterations, solves: 2 * iterations, evaluations: perStep * iterations, gradients: iterations },
  ...{ seconds: 0.1, reached, gap: 1e-9, gradientNorm: 1e-5 },
});

test("log-sum-exp: arrival, growth with 1/μ, linear spans, speed and the floors of γ", () => {
  const [exact, weighted, metric] = ["exact Hessian", "weighted Gauss-Newton", "gradient, metric AᵀA"];
  const findings = (good: boolean) => {
    const run = (problem: string, method: string, iterations: number) => ({
      ...{ problem, method },
      ...outcome(iterations, { reached: good || method !== exact, perStep: good ? 2 : 9 }),
    });
    return {
      n: 200,
      runs: [
        ...["n = 200, μ = 1", "n = 200, μ = 0.25"].flatMap((problem) => [
          run(problem, exact, 20),
          run(problem, weighted, good ? 30 : 80),
          run(problem, metric, 90),
          run(problem, "gradient", 1000),
        ]),
        ...[1, 0.25, 0.1].flatMap((mu) =>
          [exact, weighted].map((method) => run(`n = 80, μ = ${mu}, γ_0 = 1e4`, method, 20)),
        ),
      ],
      paths: [exact, weighted].map((method) => ({ mu: 1, method, span: good ? 0.5 : 3 })),
      floors: [1, 0.25, 0.1].flatMap((mu) =>
        [exact, weighted].map((method) => ({
          ...{ mu, method, lowest: good ? 1 : 0.1 },
          iterations: good ? 20 / mu : 20 / mu ** 2,
        })),
      ),
    };
  };
  expectDecisive(logSumExp, findings(true), findings(false));
});

test("Fisher term: fewer iterations than the exact Hessian, and the final ratios", () => {
  const cases = (fisher: number, ratio: number, perStep: number) =>
    [4, 3, 6].map((p) => ({
      ...{ rows: 100, p },
      runs: [fisher, 23, 30, 50].map((iterations, i) => ({
        ...{ problem: `p = ${p}`, method: String(i) },
        ...outcome(iterations, { perStep }),
      })),
      ratios: { fisher: ratio * ((p - 3) / (p - 2)) ** p, exact: ratio * ((p - 2) / (p - 1)) ** p },
    }));
  expectDecisive(fisherTerm, cases(16, 1.05, 2), cases(22, 1.5, 9), cases(22, 0.5, 9));
});

test("non-convex: arrival, the notebook's counts, and Gauss-Newton against the others", () => {
  const findings = (gaussNewton: number, exact: number, gradient: number, reached: boolean) => {
    const counts = { "Gauss-Newton": gaussNewton, "exact Hessian": exact, gradient };
    const methods = Object.entries(counts);
    const perStep = reached ? 2 : 9;
    return {
      ...{ dimension: 100, most: 1000 },
      rosenbrock: [2, 3, 4, 5].flatMap((p) =>
        methods.map(([method, iterations]) => ({
          ...{ problem: `Rosenbrock, p = ${p}`, method },
          ...outcome(iterations, { reached, perStep }),
        })),
      ),
      chebyshev: [3, 4].flatMap((p) =>
        methods.map(([method, iterations]) => ({
          ...{ p, method, converged: reached ? 8 : 7, perStep, seconds: 1 },
          ...{ solves: 99, evaluations: 99, gradients: 99 },
          iterations: new Array(8).fill(reached ? iterations : null),
        })),
      ),
    };
  };
  const slow = findings(130, 70, 140, true);
  expectDecisive(nonConvex, findings(50, 52, 5000, true), slow, findings(50, 52, 60, false));
});

test("universality: powers close to the theory's, and λ near L", () => {
  const findings = (error: number, largest: number, evaluations: number) => {
    const power = (slope: number) => ({
      ...{ slope: slope + error, iterations: 60, solves: evaluations, evaluations, gradientNorm: 1e-9 },
    });
    return {
      powers: [2.25, 2.5, 3, 4, 5].map((q) => ({ q, ...power(1 / (q - 1)) })),
      quadratic: { ...power(1), least: 0.04, largest },
    };
  };
  expectDecisive(universality, findings(0.01, 1, 130), findings(-0.05, 2.5, 300));
});

const decades = (
  problem: string,
  method: string,
  counts: readonly (number | null)[],
  evaluations = 100,
): Decades => ({
  ...{
    problem,
    method,
    counts,
    iterations: 50,
    solves: 100,
    evaluations,
    gradients: 50,
    seconds: 1,
    gamma: 2,
  },
});
const linearCounts = [4, 6, 8, 11, 13, 16, 18];
const stalling = [4, 6, 9, 16, 30, 60, null];
const sublinear = [5, 50, 600, null, null, null, null];

test("linear rate: equal spans, and controls that lose them", () => {
  const [exact, bound, plain] = ["exact Hessian", "fixed bound ¼AᵀA/n", "gradient descent, step 1/L"];
  const findings = (own: (number | null)[], control: (number | null)[], evaluations: number) => ({
    runs: [
      ...[exact, "H = 0"].map((method) => decades("separable", method, own, evaluations)),
      ...[bound, plain].map((method) => decades("separable", method, control, evaluations)),
      ...["weighted Gauss-Newton", exact, "empirical Fisher", "block-diagonal"].map((method) =>
        decades("digits 0–4", method, own, evaluations),
      ),
    ],
  });
  expectDecisive(linearRate, findings(linearCounts, sublinear, 100), findings(stalling, linearCounts, 300));
});

test("real data: mushrooms are judged, a9a is shown", () => {
  const methods = ["exact Hessian", "products alone (CG)", "H = 0"];
  const rest = ["empirical Fisher", "gradient descent, step 1/L"];
  const findings = (own: (number | null)[], control: (number | null)[], evaluations: number) => ({
    runs: [
      ...[...methods, ...rest].map((method) => decades("mushrooms", method, own, evaluations)),
      decades("mushrooms", "fixed bound ¼AᵀA/n", control, evaluations),
    ],
  });
  const good = findings(linearCounts, sublinear, 100);
  expectDecisive(realData, good, findings(stalling, linearCounts, 300));
  const both = { runs: [...good.runs, ...good.runs.map((run) => ({ ...run, problem: "a9a" }))] };
  expect(realData.judge(both)).toHaveLength(realData.judge(good).length);
  expect(Object.keys(realData.present(both).captions)).toContain("a9a");
});

test("the network is shown without conditions", () => {
  const training = { loss: 0.1, gradientNorm: null, steps: 20, cost: 1500, products: 700, seconds: 1 };
  const own = Array.from({ length: 6 }, () => training);
  expectDecisive(network, { digits: 300, budget: 1500, found: { equations: own, classes: own } });
});
