import { describe, expect, test } from "vitest";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { denseMultiply, denseMultiplyTransposed } from "../../linalg/dense.ts";
import { luFactorize, luSolve } from "../../linalg/factorize/lu.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { multiply } from "../../linalg/multiply.ts";
import { dot } from "../../linalg/vector.ts";
import { randomStream } from "../../random/stream.ts";
import { exactAugmentedLagrangian } from "./exact-augmented-lagrangian.ts";
import { kktSystem } from "./kkt-system.ts";
import { minimizeEquality } from "./minimize-equality.ts";
import type { EqualityProblem } from "./problem.ts";
import { equalityTestProblems } from "./problems/equality-test-problems.ts";

const [n, m] = [6, 2];
const eta = { eta1: 1.7, eta2: 0.3 };

/** f and c with arbitrary values and derivatives up to the second at x = 0: quadratics with random coefficients. */
function randomProblem(seed: number) {
  const stream = randomStream(seed);
  const symmetric = () => {
    const S = stream.fillNormal(new Float64Array(n * n));
    return S.map((value, k) => (value + S[(k % n) * n + Math.floor(k / n)]) / 2);
  };
  const [g, c, G, Hf] = [n, m, m * n]
    .map((size) => stream.fillNormal(new Float64Array(size)))
    .concat(symmetric());
  const Hc = [symmetric(), symmetric()];
  const problem: EqualityProblem = {
    dimension: n,
    constraintCount: m,
    value: (x) => dot(g, x) + dot(x, denseMultiply(Hf, n, n, x)) / 2 + 0.5,
    gradient: (x) => denseMultiply(Hf, n, n, x).map((value, j) => value + g[j]),
    constraints: (x) =>
      denseMultiply(G, m, n, x).map((value, i) => value + c[i] + dot(x, denseMultiply(Hc[i], n, n, x)) / 2),
    jacobian: (x) =>
      denseMatrix(
        Hc.flatMap((Hi, i) => Array.from(denseMultiply(Hi, n, n, x), (value, j) => value + G[i * n + j])),
        m,
        n,
      ),
    hessianLagrangian: (_, lambda) =>
      denseMatrix(
        Hf.map((value, k) => value + lambda[0] * Hc[0][k] + lambda[1] * Hc[1][k]),
        n,
        n,
      ),
  };
  const x = stream.fillNormal(new Float64Array(n));
  return { problem, x, lambda: stream.fillNormal(new Float64Array(m)) };
}

test("along an exact Newton direction the slope is the paper's identity, on 100 random instances", async () => {
  let corrected = 0;
  for (let seed = 0; seed < 100; seed++) {
    const { problem, x, lambda } = randomProblem(seed);
    const [gradient, c, { values: G }, { values: H }] = await Promise.all([
      problem.gradient(x),
      problem.constraints(x),
      problem.jacobian(x),
      problem.hessianLagrangian?.(x, lambda) ?? denseMatrix([], 0, 0),
    ]);
    const gL = denseMultiplyTransposed(G, m, n, lambda).map((value, j) => value + gradient[j]);
    const { K, B } = await kktSystem(H, G, n, m, {
      xiB: 0.1,
      curvatureFloor: 1e-6,
      curvatureTest: undefined,
    });
    if (B[0] !== H[0]) corrected += 1;
    const dz = luSolve(
      luFactorize(denseMatrix(K, n + m, n + m)),
      Float64Array.of(...gL, ...c).map((value) => -value),
    );
    const [p, q] = [dz.subarray(0, n), dz.subarray(n)];
    const { gradientX, gradientLambda } = await exactAugmentedLagrangian(problem, x, lambda, eta);
    const slope = dot(gradientX, Float64Array.from(p)) + dot(gradientLambda, Float64Array.from(q));
    const difference = denseMultiply(
      H.map((value, k) => value - B[k]),
      n,
      n,
      Float64Array.from(p),
    );
    const terms = [
      -dot(Float64Array.from(p), denseMultiply(B, n, n, Float64Array.from(p))),
      2 * dot(Float64Array.from(c), Float64Array.from(q)),
      -eta.eta1 * dot(c, c),
      -eta.eta2 * dot(gL, gL),
      eta.eta2 * dot(gL, difference),
    ];
    const size = Math.max(...terms.map(Math.abs));
    expect(Math.abs(slope - terms.reduce((sum, term) => sum + term)) / size).toBeLessThan(1e-10);
  }
  expect(corrected).toBeGreaterThan(10); // the instances cover both B = H and B = H + t I
  expect(corrected).toBeLessThan(100);
});

test("the gradient is that of the value, by central differences where its second derivatives are constant", async () => {
  for (let seed = 200; seed < 205; seed++) {
    const { problem, x, lambda } = randomProblem(seed);
    const { gradientX, gradientLambda } = await exactAugmentedLagrangian(problem, x, lambda, eta);
    const value = async (dx: Float64Array, dl: Float64Array, h: number) => {
      const at = x.map((v, j) => v + h * dx[j]);
      const multiplier = lambda.map((v, i) => v + h * dl[i]);
      return (await exactAugmentedLagrangian(problem, at, multiplier, eta)).value;
    };
    const h = 1e-5;
    const whole = [...gradientX, ...gradientLambda];
    for (let k = 0; k < n + m; k++) {
      const unit = new Float64Array(n + m);
      unit[k] = 1;
      const [dx, dl] = [unit.slice(0, n), unit.slice(n)];
      const slope = ((await value(dx, dl, h)) - (await value(dx, dl, -h))) / (2 * h);
      expect(Math.abs(slope - whole[k])).toBeLessThan(1e-6 * Math.max(1, Math.abs(whole[k])));
    }
  }
});

test("a Hessian by products gives the same as the matrix", async () => {
  const { problem, x, lambda } = randomProblem(7);
  const { hessianLagrangian, ...rest } = problem;
  const products: EqualityProblem = {
    ...rest,
    hessianVectorProduct: async (at, multiplier, v) =>
      multiply((await hessianLagrangian?.(at, multiplier)) ?? denseMatrix([], 0, 0), v),
  };
  const [one, two] = [
    await exactAugmentedLagrangian(problem, x, lambda, eta),
    await exactAugmentedLagrangian(products, x, lambda, eta),
  ];
  expect(two.value).toBe(one.value);
  two.gradientX.forEach((value, j) => {
    expect(value).toBeCloseTo(one.gradientX[j], 10);
  });
});

describe.each(["HS7", "HS78", "BT11"])("at the KKT point of %s", (name) => {
  test.each([
    [1, 0.1],
    [100, 0.001],
    [0.01, 5],
  ])("L_eta = f and its gradient is 0 with eta = (%d, %d)", async (eta1, eta2) => {
    const { problem, start } =
      equalityTestProblems.find((entry) => entry.name === name) ?? equalityTestProblems[0];
    const { x, lambda, value } = await minimizeEquality(problem, start, {
      sketch: "exact",
      tolerance: 1e-11,
    });
    const merit = await exactAugmentedLagrangian(problem, x, lambda, { eta1, eta2 });
    expect(merit.value).toBeCloseTo(value, 10);
    expect(Math.hypot(...merit.gradientX, ...merit.gradientLambda)).toBeLessThan(1e-8);
  });
});

test("bad input is named", async () => {
  const { problem, x, lambda } = randomProblem(1);
  await expect(exactAugmentedLagrangian(problem, x, lambda, { eta1: 0, eta2: 1 })).rejects.toThrow(
    ArgumentError,
  );
  await expect(exactAugmentedLagrangian(problem, x.slice(1), lambda, eta)).rejects.toThrow(
    "x0 must have 6 numbers, got 5",
  );
  await expect(
    exactAugmentedLagrangian({ ...problem, value: () => Number.NaN }, x, lambda, eta),
  ).rejects.toThrow(ConvergenceError);
});
