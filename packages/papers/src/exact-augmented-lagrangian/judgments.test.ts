import { equalityTestProblems } from "gradus/optimize";
import { test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import control from "./control.ts";
import innerCost from "./inner-cost.ts";
import localRates from "./local-rates.ts";
import logisticRegression from "./logistic-regression.ts";
import { contenders } from "./methods.ts";
import { publishedIterations } from "./published.ts";
import smallProblems from "./small-problems.ts";

const { rk, gv, rkRelative, exact, adaptiveGmres, gmres, multipliers } = contenders;

test("small problems: solved, descent, and the strongest baseline", () => {
  const method = ({ label }: { label: string }, kkt: number, iterations: number, functions: number) => ({
    ...{ method: label, solved: 21, iterations, kkt, functions, derivatives: 20, steps: 100, flops: 1e4 },
    problems: equalityTestProblems.map(({ name }) => publishedIterations[name]),
  });
  const baselines = [
    method(adaptiveGmres, 2e-5, 6, 28),
    method(gmres, 9e-5, 50, 200),
    method(multipliers, 1e-5, 4, 230),
  ];
  const ours = (kkt: number, iterations: number, functions: number) =>
    [rk, gv, rkRelative, exact].map((contender) => method(contender, kkt, iterations, functions));
  const bad = ours(5e-5, 10, 30).map((one) => ({
    ...one,
    solved: 15,
    problems: one.problems.map(() => null),
  }));
  expectDecisive(
    smallProblems,
    { seeds: 3, methods: [...ours(4e-8, 5, 24), ...baselines], weak: 0, settled: 0.95 },
    { seeds: 3, methods: [...bad, ...baselines], weak: 3, settled: 0.1 },
  );
});

test("logistic regression", () => {
  const findings = (solved: number, calls: number, spread: number) => ({
    seeds: 3,
    sets: ["breast-cancer", "ionosphere"].map((set) => ({
      set,
      methods: [rk, rkRelative].map(({ label }) => ({
        ...{ set, method: label, solved, iterations: 9, functions: 36, derivatives: 36 },
        ...{ kkt: 1e-6, steps: 1e5, flops: 1e7 },
      })),
      spread,
      calls: { [adaptiveGmres.label]: calls, [gmres.label]: 0.1 },
    })),
  });
  expectDecisive(logisticRegression, findings(3, 0.8, 1e-6), findings(2, 1.2, 0.1));
});

test("control", () => {
  const run = (N: number, method: string, iterations: number, kkt: number, value: number) => ({
    ...{ N, method, status: "converged", iterations, kkt, value },
    ...{ functions: 10, derivatives: 10, steps: 1000, flops: 1e6 },
  });
  const runs = (kkt: number, extra: number) =>
    [3, 7, 15].flatMap((N) => {
      const value = (N === 3 ? 9.644442 : 265.167365) + extra;
      const some = extra > 0 ? 9 : 0;
      return [
        run(N, "exact", 1 + some, kkt, value),
        run(N, "RK", 3 + some, kkt, value),
        run(N, "GV", 4 + some, kkt, value),
        run(N, "RK equilibrated", 1, kkt, value),
      ];
    });
  const conditions = [3, 7, 15].map((N) => ({ N, plain: 1e6, equilibrated: 1e4 }));
  expectDecisive(
    control,
    { finest: 15, runs: runs(1e-8, 0), conditions },
    { finest: 15, runs: runs(1e-2, 1), conditions },
  );
});

test("local rates", () => {
  const schedules = [0.3, 0.1, 0.01].map((kappa) => ({ schedule: `θ = 1, κ = ${kappa}`, kappa }));
  const sharp = { schedule: "θ = min(1, ‖∇L‖), κ = 0.1", kappa: 0.1 };
  const rates = (off: number, order: number, units: number) =>
    [...schedules, sharp].map(({ schedule, kappa }) => ({
      ...{ set: "ionosphere", schedule, iterations: 10, mean: off * kappa, last: 1e-5, order, units },
    }));
  expectDecisive(localRates, { rates: rates(1, 1.8, 4) }, { rates: rates(3, 1, 3) });
});

test("cost of a step", () => {
  const results = (rowFlops: number, storage: number, steps: number) => {
    const krylov = { steps: 10, flops: 1e6, storage: 2000 };
    const row = { steps, flops: rowFlops * steps, storage };
    return [
      {
        d: 100,
        difficulty: 1000,
        costs: {
          "RK, uniform rows": row,
          "RK, norm-weighted rows": row,
          "GMRES(2)": krylov,
          "full GMRES": krylov,
          MINRES: krylov,
          "dense LU": { steps: 1, flops: 1e6, storage: 1e4 },
        },
      },
    ];
  };
  expectDecisive(
    innerCost,
    { seeds: 10, results: results(400, 300, 1e4) },
    { seeds: 10, results: results(1e5, 2000, 1e5) },
  );
});
