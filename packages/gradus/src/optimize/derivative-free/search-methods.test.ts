import { describe, expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { rastrigin } from "../../objectives/rastrigin.ts";
import { rosenbrock } from "../../objectives/rosenbrock.ts";
import { type BatchObjective, objectiveFromFunction } from "./batch-objective.ts";
import { type CmaEsOptions, cmaEs, cmaEsParameters } from "./cma-es.ts";
import { consensusBasedOptimization } from "./consensus-based-optimization.ts";
import { minimizeByValues } from "./minimize-by-values.ts";
import { nelderMead } from "./nelder-mead.ts";

const ellipsoid = (d: number, condition: number): BatchObjective => ({
  dimension: d,
  value: (x) => x.reduce((sum, one, j) => sum + condition ** (j / (d - 1)) * one * one, 0),
});
const rosen: BatchObjective = {
  dimension: 5,
  value: (x) => x.slice(1).reduce((sum, next, j) => sum + 100 * (next - x[j] ** 2) ** 2 + (1 - x[j]) ** 2, 0),
};
const kinks = objectiveFromFunction(3, (points) =>
  points.map(([a, b, c]) => Math.abs(a) + Math.abs(b - 1) + Math.abs(c + 2)),
);

describe("Nelder and Mead's method", () => {
  // scipy 1.17.1, minimize(..., method="Nelder-Mead"); its nit counts the start
  test.each([
    ["Rosenbrock, 2", rosenbrock(), [-1.2, 1], {}, { nit: 85, nfev: 159, fun: 8.177661197416674e-10 }],
    [
      "Rosenbrock, 5",
      rosen,
      [1.3, 0.7, 0.8, 1.9, 1.2],
      { pointTolerance: 1e-8, valueTolerance: 1e-8 },
      { nit: 339, nfev: 571, fun: 4.861153433422115e-17 },
    ],
    [
      "Rosenbrock, 5, adaptive",
      rosen,
      [1.3, 0.7, 0.8, 1.9, 1.2],
      { adaptive: true },
      { nit: 341, nfev: 579, fun: 1.5946193790068098e-9 },
    ],
    ["kinks", kinks, [3, -1, 0], {}, { nit: 72, nfev: 133, fun: 2.001496640548762 }],
  ] as const)("takes scipy's steps, then spreads the simplex anew: %s", async (_, f, x0, options, wanted) => {
    const { nit, nfev, fun } = wanted;
    const { iterate } = await solve(nelderMead(f, x0, options), { maxIterations: nit - 1 });
    expect(iterate.state.spreadAt).toBe(Number.POSITIVE_INFINITY);
    expect(iterate.evaluations).toBe(nfev);
    expect(Math.abs(iterate.bestValue / fun - 1)).toBeLessThan(1e-4);
    const next = (await solve(nelderMead(f, x0, options), { maxIterations: nit })).iterate;
    expect(next.state.spreadAt).toBe(iterate.bestValue);
    const end = (await solve(nelderMead(f, x0, options))).iterate;
    expect(end.status).toBe("converged");
    expect(end.bestValue).toBeLessThanOrEqual(iterate.bestValue);
  });

  test("stays in a box, ends with the budget and resumes bit for bit", async () => {
    const bounds = { lower: [1.5, -5], upper: [5, 5] };
    const { iterate } = await solve(nelderMead(rosenbrock(), [3, 1], { bounds }), { maxIterations: 300 });
    expect(iterate.bestPoint[0]).toBeCloseTo(1.5, 4);
    expect(iterate.bestPoint[1]).toBeCloseTo(2.25, 3);
    const spent = await solve(nelderMead(rosenbrock(), [-1.2, 1], { maxEvaluations: 50 }));
    expect(spent.iterate.status).toBe("evaluation-limit");
    const cut = (await solve(nelderMead(rosen, 0), { maxIterations: 11 })).iterate;
    const resumed = (await solve(nelderMead(rosen, 0, { resume: cut }), { maxIterations: 40 })).iterate;
    expect(resumed.state).toEqual((await solve(nelderMead(rosen, 0), { maxIterations: 40 })).iterate.state);
  });

  test.each([
    ["on the upper bounds", 5],
    ["on the lower bounds", -5],
    ["beyond a bound", 7],
  ])("finds a minimizer inside a box from a start %s", async (_, x0) => {
    const bowl: BatchObjective = {
      dimension: 3,
      value: (x) => x.reduce((sum, one, j) => sum + (j + 1) * (one - 1 - j) ** 2, 0),
    };
    const bounds = { lower: -5, upper: 5 };
    const { iterate } = await solve(nelderMead(bowl, x0, { bounds }), { maxIterations: 2000 });
    expect(iterate.status).toBe("converged");
    expect([...iterate.bestPoint]).toEqual([1, 2, 3].map((x) => expect.closeTo(x, 3)));
    const held = { lower: [-5, 4, -5], upper: [5, 4, 5] };
    const onPlane = (await solve(nelderMead(bowl, x0, { bounds: held }), { maxIterations: 2000 })).iterate;
    expect([...onPlane.bestPoint]).toEqual([1, 4, 3].map((x) => expect.closeTo(x, 3)));
  });

  test("in one dimension the adaptive method takes the usual steps", async () => {
    const steep: BatchObjective = { dimension: 1, value: ([x]) => Math.cosh(x - 3) };
    const { iterate } = await solve(nelderMead(steep, 0, { adaptive: true }));
    expect(iterate.bestPoint[0]).toBeCloseTo(3, 4);
    expect(iterate.state).toEqual((await solve(nelderMead(steep, 0))).iterate.state);
  });

  test("refuses a start where the function is not defined", async () => {
    const hole: BatchObjective = { dimension: 1, value: () => Number.NaN };
    await expect(solve(nelderMead(hole, 1))).rejects.toThrow(
      "the value at x0 must be finite, got NaN at [1]",
    );
    expect(() => nelderMead(rosen, 0, { adaptive: 1 as never })).toThrow("adaptive must be true or false");
  });
});

describe("CMA-ES", () => {
  test("has the parameters of Hansen's tutorial for 10 dimensions and 10 samples", () => {
    const p = cmaEsParameters(10);
    expect(p.samples).toBe(10);
    // weights ln(5.5) - ln(i), normalized
    const logs = [1, 2, 3, 4, 5].map((i) => Math.log(5.5) - Math.log(i));
    const total = logs.reduce((sum, w) => sum + w, 0);
    expect([...p.weights]).toEqual(logs.map((w) => expect.closeTo(w / total, 14)));
    // worked out by hand from the formulas of Hansen 2016, "The CMA Evolution Strategy: A Tutorial"
    expect(p.effectiveParents).toBeCloseTo(3.167, 3);
    expect(p.sigmaRate).toBeCloseTo(0.2844, 4);
    expect(p.damping).toBeCloseTo(1.2844, 4);
    expect(p.pathRate).toBeCloseTo(0.295, 3);
    expect(p.rankOneRate).toBeCloseTo(0.01528, 4);
    expect(p.normalLength).toBeCloseTo(Math.sqrt(10) * (1 - 1 / 40 + 1 / 2100), 14);
  });

  async function until(f: BatchObjective, target: number, options: CmaEsOptions) {
    return (await solve(cmaEs(f, 1, options), { until: ({ bestValue }) => bestValue <= target })).iterate;
  }

  test("learns the axes of an ill-conditioned ellipsoid, as fast as in the literature", async () => {
    const { evaluations, bestValue } = await until(ellipsoid(10, 1e6), 1e-9, { width: 1, seed: 1 });
    expect(bestValue).toBeLessThanOrEqual(1e-9);
    // about 5,500 to 6,500 in Hansen & Ostermeier 2001 and since; without adaptation it takes millions
    expect(evaluations).toBeGreaterThan(3000);
    expect(evaluations).toBeLessThan(9000);
    const sphere = await until(ellipsoid(10, 1), 1e-9, { width: 1, seed: 1 });
    expect(sphere.evaluations).toBeGreaterThan(1000);
    expect(sphere.evaluations).toBeLessThan(2800);
  });

  test("depends on the order of values alone", async () => {
    const f = ellipsoid(4, 100);
    const squeezed: BatchObjective = {
      dimension: 4,
      value: async (x) => Math.sqrt(Number(await f.value?.(x))) - 7,
    };
    const options = { width: 0.5, seed: 2 };
    const a = (await solve(cmaEs(f, 1, options), { maxIterations: 60 })).iterate;
    const b = (await solve(cmaEs(squeezed, 1, options), { maxIterations: 60 })).iterate;
    expect(b.mean).toEqual(a.mean);
    expect(b.sigma).toBe(a.sigma);
  });

  test("by default it goes on to a share of a small width", async () => {
    const tiny: BatchObjective = {
      dimension: 2,
      value: ([a, b]) => (a / 1e-12 - 1) ** 2 + (b / 1e-12 + 2) ** 2,
    };
    const { bestPoint, status } = (await solve(cmaEs(tiny, 0, { width: 1e-12 }), { maxIterations: 500 }))
      .iterate;
    expect(status).toBe("converged");
    expect(Math.abs(bestPoint[0] / 1e-12 - 1)).toBeLessThan(1e-6);
    expect(Math.abs(bestPoint[1] / 1e-12 + 2)).toBeLessThan(1e-6);
  });

  test("converges by itself, stays in a box, resumes bit for bit", async () => {
    const f = ellipsoid(3, 10);
    const small = (await solve(cmaEs(f, 1, { width: 1, tolerance: 1e-6 }))).iterate;
    expect(small.status).toBe("converged");
    expect(Math.max(...small.mean.map(Math.abs))).toBeLessThan(1e-5);
    const boxed = (
      await solve(cmaEs(f, 2, { width: 1, bounds: { lower: 1, upper: 3 }, maxEvaluations: 3000 }))
    ).iterate;
    expect([...boxed.bestPoint]).toEqual([1, 1, 1].map((one) => expect.closeTo(one, 6)));
    const options = { width: 1, seed: 7 };
    const cut = (await solve(cmaEs(f, 1, options), { maxIterations: 9 })).iterate;
    const resumed = (await solve(cmaEs(f, 1, { ...options, resume: cut }), { maxIterations: 25 })).iterate;
    expect(resumed.state).toEqual((await solve(cmaEs(f, 1, options), { maxIterations: 25 })).iterate.state);
  });

  test("refuses what is out of bounds", async () => {
    expect(() => cmaEs(rosen, 0, { width: 0 })).toThrow("width must be a positive number");
    expect(() => cmaEs(rosen, 0, { width: 1, samples: 1 })).toThrow(
      "samples must be an integer of at least 2",
    );
    const hole: BatchObjective = { dimension: 2, value: () => Number.NaN };
    await expect(solve(cmaEs(hole, 0, { width: 1 }))).rejects.toThrow("have the value NaN or Infinity");
  });
});

describe("a budget of evaluations with restarts", () => {
  test("starts again with other seeds until the target is reached", async () => {
    const found = await minimizeByValues(rastrigin(3), {
      method: (f, { seed, maxEvaluations }) => cmaEs(f, 3, { width: 1, seed, maxEvaluations }),
      maxEvaluations: 200_000,
      restarts: 60,
      target: 1e-8,
      seed: 1,
    });
    expect(found.status).toBe("converged");
    expect(found.restarts).toBeGreaterThan(0);
    expect(found.value).toBeLessThanOrEqual(1e-8);
    expect(rastrigin(3).value(found.x)).toBe(found.value);
  });

  test("never asks for more than the budget, and says so", async () => {
    let asked = 0;
    const counting = objectiveFromFunction(2, (points) => {
      asked += points.length;
      return points.map(([a, b]) => a * a + b * b);
    });
    const spent = await minimizeByValues(counting, {
      method: (f, { seed, maxEvaluations }) =>
        consensusBasedOptimization(f, {
          particles: { count: 20, mean: 1, deviation: 1 },
          noise: 0.5,
          timeStep: 0.05,
          spreadTolerance: 0.5,
          seed,
          maxEvaluations,
        }),
      maxEvaluations: 5000,
      restarts: 1000,
    });
    expect(spent.status).toBe("evaluation-limit");
    expect(spent.evaluations).toBe(asked);
    expect(asked).toBeLessThanOrEqual(5000);
    expect(asked).toBeGreaterThan(4900);
    expect(spent.restarts).toBeGreaterThan(1);
  });

  test("hands on why the method ended, and stops when asked to", async () => {
    const method = (f: BatchObjective) => nelderMead(f, 2);
    const ended = await minimizeByValues(rosen, { method, maxEvaluations: 1e5 });
    expect(ended).toMatchObject({ status: "converged", restarts: 0, message: "the tolerance was met" });
    const missed = await minimizeByValues(rosen, { method, maxEvaluations: 1e5, restarts: 2, target: -1 });
    expect(missed).toMatchObject({
      status: "target-missed",
      restarts: 2,
      value: ended.value,
      message: "the method ended before the target was reached",
    });
    let calls = 0;
    const stopped = await minimizeByValues(rosen, {
      method,
      maxEvaluations: 1e5,
      onIterate: () => ++calls < 5,
    });
    expect(stopped.status).toBe("stopped");
    expect(calls).toBe(5);
    const generations = (f: BatchObjective, { maxEvaluations }: { readonly maxEvaluations: number }) =>
      cmaEs(f, 2, { width: 1, samples: 8, maxEvaluations });
    await expect(minimizeByValues(rosen, { method: generations, maxEvaluations: 7 })).rejects.toThrow(
      "maxEvaluations must be enough for the first values that the method asks for, got 7",
    );
    await expect(minimizeByValues(rosen, { method, maxEvaluations: -1 })).rejects.toThrow(
      "maxEvaluations must be",
    );
    await expect(minimizeByValues(rosen, { method, maxEvaluations: 1, bugdet: 2 } as never)).rejects.toThrow(
      'minimizeByValues has no option "bugdet"',
    );
  });
});

// Powell's singular function, quartic along a plane: the covariance there shrinks to less than the rounding of the rest
test.each([1, 2, 3, 4, 5])("cmaEs reaches a minimum with a singular Hessian, seed %d", async (seed) => {
  const f = objectiveFromFunction(4, (points) =>
    points.map(([a, b, c, d]) => (a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4),
  );
  const method = cmaEs(f, Float64Array.of(3, -1, 0, 1), { width: 0.5, seed, maxEvaluations: 20_000 });
  const { status, iterate } = await solve(method);
  expect(status).toBe("converged");
  expect(iterate.bestValue).toBeLessThan(1e-20);
});
