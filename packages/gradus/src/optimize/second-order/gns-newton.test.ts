import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import type { Method } from "../../iterate/iterate.ts";
import { gaussianNumbers } from "../../linalg/test-matrices.ts";
import { logSumExpObjective } from "../../objectives/log-sum-exp.ts";
import { logisticRegression } from "../../objectives/logistic-regression.ts";
import type { HostObjective, Objective } from "../../objectives/objective.ts";
import { linearResidual, rosenbrockResidual } from "../../objectives/residual.ts";
import { residualPower } from "../../objectives/residual-power.ts";
import type { RegularizedIterate, RegularizedState } from "../descent/adapted-parameter.ts";
import { minimize } from "../minimize.ts";
import { gnsNewton } from "./gns-newton.ts";

const identity = (n: number) => ({
  rows: n,
  columns: n,
  values: Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0)),
});
/** ||x||^power / power. */
const normPower = (n: number, power: number) =>
  residualPower(linearResidual(identity(n), new Float64Array(n)), { power });
const labels = (n: number) => Int32Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1));
const logistic = logisticRegression({ rows: 40, columns: 6, values: gaussianNumbers(2, 240) }, labels(40));

async function last(method: Method<RegularizedIterate>, iterations: number): Promise<RegularizedIterate> {
  for await (const iterate of method) if (iterate.done || iterate.iteration === iterations) return iterate;
  throw new Error("unreachable: a method yields until it is done");
}

test("x^4/4 from 1: three steps by hand, each accepted at once", async () => {
  const { trace, x, value, solves } = await minimize(normPower(1, 4), Float64Array.of(1), {
    method: gnsNewton,
    maxIterations: 3,
  });
  expect(trace.map(({ step }) => step?.gamma)).toEqual([1, 2, 4, undefined]);
  expect(trace.map(({ step }) => step?.lambda)).toEqual([
    1,
    0.2109375,
    expect.closeTo(0.1470121742 / 4, 9),
    undefined,
  ]);
  expect(trace[0].value - trace[1].value).toBeCloseTo(0.1708984, 7);
  expect(x[0]).toBeCloseTo(0.3592633654, 9);
  expect(value).toBeCloseTo(0.00416478, 8);
  expect(solves).toBe(3); // identity (4): 2 * 3 - log2(8 / 1)
});

describe("costs", () => {
  test.each([
    ["logistic", logistic, new Float64Array(6).fill(3)],
    ["Rosenbrock", residualPower(rosenbrockResidual, { power: 4 }), Float64Array.of(-2, 2)],
  ])("%s: trials are 2 K - log2(gamma_next / gamma_0), whatever gamma_0", async (_, objective, x0) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 30 }), async (e, K) => {
        const gamma = 2 ** e;
        let parameter = gamma;
        const { solves, iterations, evaluations } = await minimize(objective, x0, {
          method: gnsNewton,
          gamma,
          maxIterations: K,
          onIterate: (iterate) => {
            parameter = iterate.state.memory.parameter;
          },
        });
        expect(solves).toBe(2 * iterations - Math.log2(parameter / gamma));
        expect(evaluations).toBeLessThanOrEqual(solves + 1); // a failed factorization is not evaluated
      }),
      { numRuns: 25 },
    );
  });

  test("growth by 8 saves the doublings of a gamma that begins too small", async () => {
    const options = { gradientTolerance: 1e-6 };
    const slow = await minimize(logistic, new Float64Array(6), {
      method: gnsNewton,
      gamma: 1e-4,
      ...options,
    });
    const quick = await minimize(logistic, new Float64Array(6), {
      method: gnsNewton,
      gamma: 1e-4,
      growth: 8,
      ...options,
    });
    expect(quick.status).toBe("converged");
    expect(quick.iterations).toBeLessThan(slow.iterations - 5);
  });
});

describe("gamma follows the class of the function", () => {
  test.each([2.5, 3, 4])("||x||^%d / %d: gamma ~ ||g||^(1/(q - 1))", async (q) => {
    const x0 = gaussianNumbers(4, 10).map((value) => 10 * value);
    const { trace } = await minimize(normPower(10, q), x0, {
      method: gnsNewton,
      maxIterations: 50,
      gradientTolerance: 0,
    });
    const [early, late] = [trace[10], trace[45]];
    const slope =
      Math.log(late.step!.gamma / early.step!.gamma) / Math.log(late.gradientNorm / early.gradientNorm);
    expect(Math.abs(slope - 1 / (q - 1))).toBeLessThan(0.05);
  });

  test("on logistic regression it stays above 1.256 / (2 max ||a_i||), and convergence is linear", async () => {
    const rows = 40;
    const values = gaussianNumbers(2, 240);
    let longest = 0;
    for (let i = 0; i < rows; i++)
      longest = Math.max(longest, Math.hypot(...values.subarray(6 * i, 6 * i + 6)));
    const { trace, iterations } = await minimize(logistic, new Float64Array(6).fill(5), {
      method: gnsNewton,
      gamma: 1e4,
      gradientTolerance: 1e-8,
    });
    expect(iterations).toBeLessThan(40);
    for (const { step } of trace) if (step) expect(step.gamma).toBeGreaterThanOrEqual(1.256 / longest / 2);
  });
});

describe("acceptance", () => {
  test("values never rise, and the gradient of a convex loss goes down to rounding only with the hybrid test", async () => {
    const reach = async (acceptance: "function" | "hybrid" | "gradient") =>
      (await last(gnsNewton(logistic, new Float64Array(6), { acceptance }), 60)).gradientNorm;
    expect(await reach("hybrid")).toBeLessThan(1e-14);
    expect(await reach("gradient")).toBeLessThan(1e-14);
    expect(await reach("function")).toBeGreaterThan(await reach("hybrid"));
  });

  test("noise in the values does not end the search when its size is given", async () => {
    const noisy: HostObjective = {
      ...logistic,
      valueAndGradient(x) {
        const { value, gradient } = logistic.valueAndGradient(x);
        return { value: value + 1e-6 * Math.sin(1e9 * x[0]), gradient };
      },
    };
    const x0 = new Float64Array(6);
    const lost = await minimize(noisy, x0, { method: gnsNewton, gradientTolerance: 1e-10 });
    expect(lost.status).toBe("no-acceptable-step");
    const kept = await minimize(noisy, x0, { method: gnsNewton, valueNoise: 2e-6, gradientTolerance: 1e-10 });
    expect(kept.status).toBe("converged");
  });

  test("a trial outside the domain is rejected, not an error", async () => {
    // f = x - ln x, NaN for x <= 0; minimum at 1
    const barrier: Objective = {
      dimension: 1,
      value: ([x]) => x - Math.log(x),
      gradient: ([x]) => Float64Array.of(1 - 1 / x),
      valueAndGradient: ([x]) => ({ value: x - Math.log(x), gradient: Float64Array.of(1 - 1 / x) }),
    };
    const result = await minimize(barrier, Float64Array.of(5), {
      method: gnsNewton,
      hessian: "zero",
      gamma: 100,
    });
    expect(result.status).toBe("converged");
    expect(result.x[0]).toBeCloseTo(1, 7);
    expect(result.trace[0].step!.trials).toBeGreaterThan(1);
  });

  test("an indefinite Hessian is a rejection until lambda makes it definite", async () => {
    const { trace, status } = await minimize(residualPower(rosenbrockResidual), Float64Array.of(0, 2), {
      method: gnsNewton,
      gamma: 1e3,
    });
    expect(trace[0].step!.trials).toBeGreaterThan(1);
    expect(status).toBe("converged");
  });
});

describe("how it ends", () => {
  test("log-sum-exp with all rows on one side falls without bound", async () => {
    const A = { rows: 3, columns: 2, values: Float64Array.of(1, 0, 1, 1, 1, -1) };
    const result = await minimize(logSumExpObjective(A, [0, 0, 0]), new Float64Array(2), {
      method: gnsNewton,
    });
    expect(result.status).toBe("unbounded");
    expect(result.value).toBeLessThan(-1e12);
  });

  test("a minimum with g = 0 is the result after 0 iterations", async () => {
    expect(await minimize(normPower(3, 4), new Float64Array(3), { method: gnsNewton })).toMatchObject({
      status: "converged",
      iterations: 0,
      solves: 0,
    });
  });

  test("gamma that does not adapt takes steps of its size at most, and none it cannot take", async () => {
    const { trace } = await minimize(logistic, new Float64Array(6).fill(4), {
      method: gnsNewton,
      gamma: 0.3,
      adaptive: false,
      maxIterations: 10,
      gradientTolerance: 0,
    });
    for (const { step } of trace)
      if (step) expect(step).toMatchObject({ gamma: expect.closeTo(0.3, 12), trials: 1 });
    const saddle = residualPower(rosenbrockResidual);
    const stuck = await minimize(saddle, Float64Array.of(0, 2), {
      method: gnsNewton,
      gamma: 1e9,
      adaptive: false,
    });
    expect(stuck.status).toBe("no-acceptable-step");
    expect(stuck.message).toContain("fixed parameter 1000000000 was rejected; choose another");
  });

  test("resumes bit for bit from a stored state", async () => {
    const x0 = new Float64Array(6);
    const fifth = await last(gnsNewton(logistic, x0), 5);
    const state = parseCheckpoint(serializeCheckpoint(fifth.state)) as RegularizedState;
    const resumed = await last(gnsNewton(logistic, x0, { resume: { iteration: 5, state } }), 12);
    expect(resumed).toEqual(await last(gnsNewton(logistic, x0), 12));
  });
});
