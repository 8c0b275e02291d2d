import { describe, expect, test } from "vitest";
import { parseCheckpoint, serializeCheckpoint } from "../iterate/checkpoint.ts";
import type { Method } from "../iterate/iterate.ts";
import { cholesky, choleskySolve } from "../linalg/factorize/cholesky.ts";
import { denseMatrix } from "../linalg/matrix.ts";
import { gaussianNumbers, largestDifference } from "../linalg/test-matrices.ts";
import { logisticRegression } from "../objectives/logistic-regression.ts";
import type { HostObjective, Objective } from "../objectives/objective.ts";
import { quadratic } from "../objectives/quadratic.ts";
import { rosenbrockResidual } from "../objectives/residual.ts";
import { rosenbrock } from "../objectives/rosenbrock.ts";
import { gradientDescent } from "./first-order/gradient-descent.ts";
import { nonlinearConjugateGradient } from "./first-order/nonlinear-conjugate-gradient.ts";
import { gaussNewton } from "./least-squares/gauss-newton.ts";
import { levenbergMarquardt } from "./least-squares/levenberg-marquardt.ts";
import { armijo } from "./line-search/armijo.ts";
import type { LineSearch } from "./line-search/contract.ts";
import { fixedStep } from "./line-search/fixed-step.ts";
import { strongWolfe } from "./line-search/strong-wolfe.ts";
import { minimize } from "./minimize.ts";
import { lbfgs } from "./quasi-newton/lbfgs.ts";
import { lbfgsb } from "./quasi-newton/lbfgsb.ts";
import { newtonCg } from "./second-order/newton-cg.ts";
import { trustRegion } from "./second-order/trust-region.ts";
import { statusMessages } from "./status.ts";

const searching = { gradientDescent, nonlinearConjugateGradient, lbfgs, lbfgsb, newtonCg };
const smooth = { ...searching, trustRegion };
const squares = { gaussNewton, levenbergMarquardt };

const n = 8;
const R = gaussianNumbers(1, n * n);
const A = new Float64Array(n * n);
for (let i = 0; i < n; i++)
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < n; k++) A[i * n + j] += R[k * n + i] * R[k * n + j];
    if (i === j) A[i * n + j] += 1;
  }
const b = gaussianNumbers(2, n);
const bowl = quadratic({ rows: n, columns: n, values: A }, b);
const solution = choleskySolve(cholesky(denseMatrix(A, n, n)), b);

const slope: HostObjective = {
  dimension: 2,
  value: ([a, c]) => a - c,
  gradient: () => Float64Array.of(1, -1),
  valueAndGradient: ([a, c]) => ({ value: a - c, gradient: Float64Array.of(1, -1) }),
};

/** The first iterates of a method. */
async function take<I>(method: AsyncGenerator<I, void, void>, count: number): Promise<I[]> {
  const iterates: I[] = [];
  for await (const iterate of method) if (iterates.push(iterate) === count) break;
  return iterates;
}

describe.each(Object.entries(searching))("%s", (name, method) => {
  const searches: Readonly<Record<string, LineSearch>> = {
    armijo,
    strongWolfe,
    "fixed steps": fixedStep(name === "newtonCg" || name.startsWith("lbfgs") ? 0.5 : 0.02),
  };

  test.each(Object.entries(searches))("solves a linear system's quadratic with %s", async (_, search) => {
    const { x, status } = await minimize(bowl, new Float64Array(n), {
      method: method as typeof lbfgs,
      search,
      gradientTolerance: 1e-7,
      maxIterations: 10_000,
    });
    expect(status).toBe("converged");
    expect(largestDifference(x, solution)).toBeLessThan(1e-6);
  });

  test("says that a linear function is unbounded below", async () => {
    const { status, message } = await minimize(slope, new Float64Array(2), {
      method: method as typeof lbfgs,
    });
    expect(status).toBe("unbounded");
    expect(message).toMatch(/falls/);
  });

  test("a gradient of the wrong sign ends it with the reason, at x0", async () => {
    const gradient = (x: Float64Array) => bowl.gradient(x).map((g) => -g);
    const wrong: Objective = {
      dimension: n,
      value: bowl.value,
      gradient,
      valueAndGradient: (x) => ({ value: bowl.value(x), gradient: gradient(x) }),
      hessianVectorProduct: bowl.hessianVectorProduct,
    };
    const result = await minimize(wrong, new Float64Array(n), { method: method as typeof lbfgs });
    expect(result).toMatchObject({ status: "no-acceptable-step", iterations: 0 });
    expect(result.message).toMatch(/no (step|bracket)/);
  });
});

describe.each(Object.entries(smooth))("%s", (_, method) => {
  const run = (objective: Objective, x0: Float64Array, options = {}) =>
    (method as typeof lbfgs)(objective, x0, options) as Method<
      Awaited<ReturnType<typeof lbfgs>> extends Method<infer I> ? I : never
    >;

  test("resumes bit for bit from a stored state", async () => {
    const x0 = Float64Array.of(-1.2, 1);
    const whole = await take(run(rosenbrock(2), x0), 9);
    const state = parseCheckpoint(serializeCheckpoint(whole[4].state));
    const rest = await take(run(rosenbrock(2), x0, { resume: { iteration: 4, state } }), 5);
    expect(rest).toEqual(whole.slice(4));
  });

  test("a stationary start is a result at once", async () => {
    const result = await minimize(bowl, Float64Array.from(solution), {
      method: method as typeof lbfgs,
      gradientTolerance: 1e-8,
    });
    expect(result).toMatchObject({ status: "converged", iterations: 0, message: statusMessages.converged });
  });

  test("refuses unknown options and what is not finite at x0", async () => {
    expect(() => run(bowl, new Float64Array(n), { stepsize: 1 })).toThrow(/has no option "stepsize"/);
    const nowhere: Objective = { ...bowl, valueAndGradient: (x) => ({ value: Number.NaN, gradient: x }) };
    await expect(take(run(nowhere, new Float64Array(n)), 1)).rejects.toThrow(
      "the value at x0 must be finite",
    );
  });
});

test.each(["polak-ribiere", "fletcher-reeves", "hestenes-stiefel", "dai-yuan"] as const)(
  "conjugate gradients with %s end on a quadratic after n nearly exact searches",
  async (formula) => {
    const exact: LineSearch = (objective, start, first) =>
      strongWolfe(objective, start, { ...first, curvature: 1e-7, sufficientDecrease: 1e-9 });
    const { iterations, status } = await minimize(bowl, new Float64Array(n), {
      method: nonlinearConjugateGradient,
      formula,
      search: exact,
      gradientTolerance: 1e-5,
    });
    expect(status).toBe("converged");
    expect(iterations).toBeLessThanOrEqual(n + 1);
  },
);

describe.each(Object.entries(squares))("%s", (_, method) => {
  test("solves Rosenbrock's equations, and says what it took", async () => {
    const result = await minimize(rosenbrockResidual, Float64Array.of(-1.2, 1), {
      method: method as typeof gaussNewton,
    });
    expect(result.status).toBe("converged");
    expect(largestDifference(result.x, [1, 1])).toBeLessThan(1e-7);
    expect(result.solves).toBeGreaterThanOrEqual(result.iterations);
  });

  test("resumes bit for bit from a stored state", async () => {
    const x0 = Float64Array.of(-1.2, 1);
    const run = method as typeof gaussNewton;
    const whole = await take(run(rosenbrockResidual, x0), 7);
    const state = parseCheckpoint(serializeCheckpoint(whole[3].state)) as (typeof whole)[3]["state"];
    const rest = await take(run(rosenbrockResidual, x0, { resume: { iteration: 3, state } }), 4);
    expect(rest).toEqual(whole.slice(3));
  });
});

describe("Newton methods where the Hessian is indefinite", () => {
  // f = x^4/4 - x^2/2 + y^2/2: a saddle at 0, minima at (+-1, 0)
  const saddle: HostObjective = {
    dimension: 2,
    value: ([x, y]) => x ** 4 / 4 - x ** 2 / 2 + y ** 2 / 2,
    gradient: ([x, y]) => Float64Array.of(x ** 3 - x, y),
    valueAndGradient: ([x, y]) => ({
      value: x ** 4 / 4 - x ** 2 / 2 + y ** 2 / 2,
      gradient: Float64Array.of(x ** 3 - x, y),
    }),
    hessian: ([x]) => denseMatrix([3 * x * x - 1, 0, 0, 1], 2, 2),
    hessianVectorProduct: ([x], [v, w]) => Float64Array.of((3 * x * x - 1) * v, w),
  };

  test.each(["exact", "products", "differences"])("leave the saddle, with %s", async (hessian) => {
    for (const method of [newtonCg, trustRegion] as const) {
      const { x, status, products } = await minimize(saddle, Float64Array.of(1e-3, 1), {
        method: method as typeof newtonCg,
        hessian,
      });
      expect(status).toBe("converged");
      expect(Math.abs(x[0])).toBeCloseTo(1, 6);
      expect(products).toBeGreaterThan(0);
    }
  });
});

test("where rounding hides any decrease, the status says so instead of stepping in place", async () => {
  const search: LineSearch = (objective, start, first) => armijo(objective, start, first);
  for (const method of [lbfgs, gradientDescent, newtonCg] as const) {
    const { status, gradientNorm, iterations } = await minimize(bowl, new Float64Array(n), {
      method: method as typeof lbfgs,
      search,
      gradientTolerance: 0,
      maxIterations: 10_000,
    });
    expect(status).toMatch(/converged|precision-limit/);
    expect(gradientNorm).toBeLessThan(1e-6);
    expect(iterations).toBeLessThan(2000);
  }
});

test("minimize takes L-BFGS where no method is given, and every limit", async () => {
  const y = Int32Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? -1 : 1));
  const f = logisticRegression({ rows: 60, columns: 4, values: gaussianNumbers(7, 240) }, y);
  const free = await minimize(f, new Float64Array(4));
  expect(free.status).toBe("converged");
  const named = await minimize(f, new Float64Array(4), { method: lbfgs });
  expect(named).toEqual(free);
  expect(await minimize(f, new Float64Array(4), { maxIterations: 2 })).toMatchObject({
    status: "max-iterations",
    iterations: 2,
    message: "the iteration limit was reached",
  });
  // @ts-expect-error: an option of another method
  await expect(minimize(f, new Float64Array(4), { method: lbfgs, radius: 2 })).rejects.toThrow(
    'lbfgs has no option "radius"',
  );
  // @ts-expect-error: a name is not a method
  await expect(minimize(f, new Float64Array(4), { method: "lbfgs" })).rejects.toThrow(
    'method must be a function, got "lbfgs"',
  );
});
