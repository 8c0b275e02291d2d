import { describe, expect, test } from "vitest";
import { ConvergenceError } from "../../check/errors.ts";
import { type Iterate, type Method, solve } from "../../iterate/iterate.ts";
import { denseMatrix } from "../matrix.ts";
import { diagonalOperator } from "../operator/structured.ts";
import { gaussianNumbers, ramp, tridiagonalOperator } from "../test-matrices.ts";
import { conjugateGradient } from "./conjugate-gradient.ts";
import { gmres } from "./gmres.ts";
import type { LinearSystemSolution } from "./linear-system-solution.ts";
import { lsmr } from "./lsmr.ts";
import { minres } from "./minres.ts";
import { systemScale } from "./system-scale.ts";

test("b and x0 of moderate size are left alone", () => {
  for (const size of [2 ** -300, 1e-60, 1, 1e60, 2 ** 300, 0, Number.NaN, Number.POSITIVE_INFINITY])
    expect(systemScale(Float64Array.of(0, -size), undefined)).toBe(1);
  expect(systemScale(Float64Array.of(1e-200), Float64Array.of(1))).toBe(1);
});

test("others are brought to between 1 and 2 by a power of two", () => {
  for (const size of [1e-320, 1e-200, 1e-100, 1e100, 1e200, Number.MAX_VALUE]) {
    const scale = systemScale(Float64Array.of(size / 2, -size), undefined);
    expect(Number.isInteger(Math.log2(scale))).toBe(true);
    expect(size / scale).toBeGreaterThanOrEqual(1);
    expect(size / scale).toBeLessThan(2);
  }
});

const n = 30;
const laplacian = tridiagonalOperator(n, -1, 2, -1);
const tall = denseMatrix(gaussianNumbers(3, 40 * n), 40, n);

describe.each([-1000, -700, 700, 950])("b times 2^%d", (exponent) => {
  const power = (x: Float64Array) => x.map((value) => value * 2 ** (exponent / 2) * 2 ** (exponent / 2));

  const tolerance = { relativeTolerance: 1e-12 };
  const square = ramp(n);
  const right = gaussianNumbers(4, 40);
  const preconditioner = diagonalOperator(gaussianNumbers(6, n).map(Math.exp));
  const methods: Record<
    string,
    (scaled: (x: Float64Array) => Float64Array) => Method<Iterate<unknown> & LinearSystemSolution>
  > = {
    conjugateGradient: (scaled) => conjugateGradient(laplacian, scaled(square), tolerance),
    minres: (scaled) => minres(laplacian, scaled(square), tolerance),
    "preconditioned minres": (scaled) => minres(laplacian, scaled(square), { ...tolerance, preconditioner }),
    gmres: (scaled) => gmres(laplacian, scaled(square), tolerance),
    lsmr: (scaled) => lsmr(tall, scaled(right), tolerance),
  };

  test.each(Object.entries(methods))("%s finds the solution times as much", async (_, method) => {
    const [one, other] = [await solve(method((x) => x)), await solve(method(power))];
    expect(other.iterate.iteration).toBe(one.iterate.iteration);
    const wanted = power(one.iterate.x);
    const size = Math.max(...wanted.map(Math.abs));
    for (let i = 0; i < n; i++)
      expect(Math.abs(other.iterate.x[i] - wanted[i])).toBeLessThanOrEqual(1e-9 * size);
  });
});

test.each(Object.entries({ conjugateGradient, minres, gmres, lsmr }))(
  "%s does not call a solution beyond the largest double converged",
  async (_, method) => {
    const A = diagonalOperator(Float64Array.from({ length: n }, (_, i) => 1e-10 * (1 + i)));
    await expect(solve<Iterate>(method(A, new Float64Array(n).fill(1e300)))).rejects.toThrow(
      ConvergenceError,
    );
  },
);

test.each(Object.entries({ conjugateGradient, minres, lsmr }))(
  "%s solves where ||b|| is beyond the largest double",
  async (_, method) => {
    const A = diagonalOperator(new Float64Array(n).fill(2));
    const { iterate } = await solve<Iterate & LinearSystemSolution>(
      method(A, new Float64Array(n).fill(1.6e308)),
    );
    for (const entry of iterate.x) expect(entry / 0.8e308).toBeCloseTo(1, 12);
  },
);

test("from a start of the same size, within a radius, and to an absolute tolerance", async () => {
  const b = ramp(n);
  const x0 = gaussianNumbers(5, n);
  const huge = (x: Float64Array) => x.map((value) => value * 2 ** 900);
  for (const limits of [{ x0, absoluteTolerance: 1e-3, relativeTolerance: 0 }, { radius: 4 }]) {
    const one = await solve(conjugateGradient(laplacian, b, limits));
    const other = await solve(
      conjugateGradient(laplacian, huge(b), {
        ...limits,
        ...(limits.x0 ? { x0: huge(limits.x0) } : {}),
        ...(limits.radius ? { radius: limits.radius * 2 ** 900 } : {}),
        ...(limits.absoluteTolerance ? { absoluteTolerance: limits.absoluteTolerance * 2 ** 900 } : {}),
      }),
    );
    expect(other.iterate.outcome).toBe(one.iterate.outcome);
    expect(other.iterate.iteration).toBe(one.iterate.iteration);
    expect(other.iterate.x).toEqual(huge(one.iterate.x));
    expect(other.iterate.direction).toEqual(huge(one.iterate.direction));
    expect(other.iterate.residualNorm).toBe(one.iterate.residualNorm * 2 ** 900);
  }
});

test.each([-700, 700])("lsmr solves for A times 2^%d", async (exponent) => {
  const b = gaussianNumbers(4, 40);
  const one = await solve(lsmr(tall, b));
  const scaled = denseMatrix(
    tall.values.map((value) => value * 2 ** exponent),
    40,
    n,
  );
  const other = await solve(lsmr(scaled, b));
  expect(other.iterate.outcome).toBe("least-squares");
  expect(other.iterate.iteration).toBe(one.iterate.iteration);
  for (let i = 0; i < n; i++) expect(other.iterate.x[i] * 2 ** exponent).toBeCloseTo(one.iterate.x[i], 8);
  expect(other.iterate.residualNorm).toBeCloseTo(one.iterate.residualNorm, 12);
});
