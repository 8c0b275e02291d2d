import { expect, test } from "vitest";
import { isMatrix, type PlotData } from "../experiment.ts";
import { openExploration } from "../explore.ts";
import { expectDecisive } from "../paper-testing.ts";
import assignment from "./assignment.ts";
import budget from "./budget.ts";
import digits from "./digits.ts";
import { chooseDomain, FIT, SINGULAR, TARGET } from "./explore-domain.ts";
import lowPass from "./low-pass.ts";
import plateau from "./plateau.ts";
import scope from "./scope.ts";

test("low pass: bounds on both sides, and networks that stay at the filtered target", () => {
  const findings = (error: number, off: number, power: number, last: number, lower = 0.14) => ({
    filters: [0, 3].flatMap((k) =>
      [2, 16].map((slope) => ({
        k,
        slope,
        tail: (Math.sqrt(Math.PI) / 2 / slope ** 2) * (1 + off),
        exactTail: Math.sqrt(Math.PI) / 2 / slope ** 2,
        lower,
        error,
        upper: 0.43,
        difference: off,
      })),
    ),
    nets: [64, 256, 1024, 16384].map((n) => ({
      n,
      toFiltered: last * (n / 16384) ** power,
      toTarget: 0.22 + last / 10,
    })),
    bias: 0.22,
  });
  expectDecisive(
    lowPass,
    findings(0.22, 1e-6, -0.5, 0.05),
    findings(0.1, 0.2, -0.1, 0.5),
    findings(0.6, 0.2, -0.9, 0.5, 0),
  );
});

test("plateau: a flat error and rank, another domain that fits, and one too wide", () => {
  const domain = (slope: number, first: number, last: number, ranks: readonly [number, number]) => ({
    slope,
    widths: [50, 400],
    errors: [first, last],
    worst: [first, last],
    ranks,
    normal: last,
    cosine: last,
  });
  const findings = (end: number, rank: number, best: number, growth: number, wide: number) => ({
    domains: [
      domain(1, 0.0631, end, [10, rank]),
      domain(100, 0.04, best, [20, growth]),
      domain(5000, 0.1, wide, [20, 100]),
    ],
    targetRms: 0.11,
    polynomial: 0.06,
  });
  expectDecisive(plateau, findings(0.063, 10, 1e-3, 120, 0.03), findings(0.02, 15, 0.01, 25, 0.02));
});

test("budget: no network below a bound that is not trivial", () => {
  const findings = (bound: number, reached: number, excess: number, wide: number, wideReached: number) => ({
    boxes: [1, 100].map((slope) => ({
      slope,
      bounds: Array.from({ length: 7 }, () => (slope === 1 ? bound : wide)),
      reached: Array.from({ length: 7 }, () => (slope === 1 ? reached : wideReached)),
      excess,
    })),
    targetRms: 0.11,
    networks: 50,
  });
  expectDecisive(budget, findings(0.075, 0.076, 1e-3, -1, 1e-3), findings(0.03, 0.06, -1e-3, 0.01, 0.05));
});

test("scope: a domain that grows with the frequency", () => {
  const findings = (needed: readonly (number | null)[], last: number) => ({
    slopes: [0.5, 5, 500],
    frequencies: needed.map((own, i) => ({ k: 2 ** i, errors: [0.5, 1e-3, last], needed: own })),
  });
  expectDecisive(
    scope,
    findings([0.8, 2, 6, 14], 0.1),
    findings([2, 2, 2, 2], 2e-3),
    findings([1, 2, null, null], 2e-3),
  );
});

test("assignment: units that know the target", () => {
  const findings = (sampled: number) => ({
    results: ["three bumps", "sin(8πx)", "sin(32πx)"].map((target) => ({
      target,
      width: 100,
      errors: {
        "sampled from the spectrum": sampled,
        "best uniform domain": 0.04,
        "greedy choice": 1e-3,
        trained: 1e-2,
      },
      uniform: [0.06, 0.04],
    })),
  });
  expectDecisive(assignment, findings(1e-5), findings(0.03));
});

test("digits: a domain between the linear model and the one too wide", () => {
  const findings = (best: number, rank: number) => ({
    results: [1e-6, 1e-4, 1, 100].map((slope) => ({
      width: 100,
      slope,
      accuracy: slope === 1 ? best : 0.93,
      rank: slope === 1e-6 ? rank : 100,
    })),
    inputs: 64,
    testRows: 597,
  });
  expectDecisive(digits, findings(0.96, 61), findings(0.93, 100));
});

test("the domain that a reader chooses: too small, it misses the wave and its units have a low rank", async () => {
  const opened = await openExploration(chooseDomain, { seed: 1 });
  const ys = (data: PlotData, series: string) => {
    const found = data[series];
    if (isMatrix(found)) throw new Error(`${series} is a matrix`);
    return found.map(({ y }) => y);
  };
  const miss = async (exponent: number) => {
    const { fit, rank } = await opened.show({ exponent, frequency: 2, width: 100 });
    const [target, network] = [ys(fit, TARGET), ys(fit, FIT)];
    return {
      error: Math.max(...target.map((y, i) => Math.abs(y - network[i]))),
      rank: ys(rank, SINGULAR).filter((value) => value > 1e-8).length,
    };
  };
  const [small, fitting] = [await miss(-0.3), await miss(1.5)];
  expect(small.error).toBeGreaterThan(0.1);
  expect(fitting.error).toBeLessThan(1e-3);
  expect(small.rank).toBeLessThan(10);
  expect(fitting.rank).toBeGreaterThan(2 * small.rank);
  opened.close();
});
