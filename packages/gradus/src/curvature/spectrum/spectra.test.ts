import { describe, expect, test } from "vitest";
import { ArgumentError, ConvergenceError, DataError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import { extremeEigenpairs } from "../../linalg/krylov/extreme-eigenpairs.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { deflateOperator } from "../../linalg/operator/combine.ts";
import { matrixOperator } from "../../linalg/operator/matrix-operator.ts";
import { diagonalOperator } from "../../linalg/operator/structured.ts";
import { randomStream } from "../../random/stream.ts";
import { lanczosQuadrature } from "./lanczos-quadrature.ts";
import { rayleighQuotientSearch } from "./rayleigh-quotient.ts";
import { logSpectralDensity, spectralDensity, spectralMean } from "./spectral-density.ts";
import { symmetricMatrix } from "./symmetric-matrix.ts";

/** Q diag(values) Q^T for a random orthogonal Q. */
function withSpectrum(values: Float64Array, seed = 1) {
  const n = values.length;
  const { values: Q } = randomStream(seed).orthogonal(n);
  const A = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += Q[i * n + k] * values[k] * Q[j * n + k];
      A[i * n + j] = sum;
    }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) A[j * n + i] = A[i * n + j];
  return matrixOperator(denseMatrix(A, n, n), { symmetric: true });
}

const integral = (grid: Float64Array, density: Float64Array): number =>
  density.reduce((sum, value) => sum + value, 0) * (grid[1] - grid[0]);

describe("Lanczos quadrature", () => {
  test("refuses operators that are not symmetric, by word or by their entries", async () => {
    const skew = {
      rows: 2,
      columns: 2,
      apply(x: Float64Array, out: Float64Array) {
        out[0] = x[0] + x[1];
        out[1] = x[1];
      },
    };
    expect(() => lanczosQuadrature(skew)).toThrow("A must be symmetric");
    await expect(symmetricMatrix({ ...skew, symmetric: true })).rejects.toThrow(
      "A must be symmetric; row 1, column 0 is 0, its mirror 1",
    );
    await expect(symmetricMatrix({ ...skew, symmetric: true })).rejects.toThrow(DataError);
  });

  const values = Float64Array.from({ length: 60 }, (_, i) => (i < 57 ? Math.cos(i) : 5 + i));
  const A = withSpectrum(values);

  test.each([1e-200, 1e200])("gives standard errors in units of %d", async (unit) => {
    const estimateOf = async (of: number) => {
      const scaled = diagonalOperator(values.map((value) => of * value));
      const { rules } = (await solve(lanczosQuadrature(scaled, { probes: 10, steps: 25 }))).iterate;
      return spectralMean(rules);
    };
    const [{ standardError }, one] = [await estimateOf(unit), await estimateOf(1)];
    expect(standardError / unit / one.standardError).toBeCloseTo(1, 10);
  });

  test("gives moments within their standard errors, and a density of mass 1", async () => {
    const { rules, products } = (await solve(lanczosQuadrature(A, { probes: 40, steps: 25, seed: 3 })))
      .iterate;
    expect(products).toBe(40 * 25);
    for (const power of [1, 2, 3, 8]) {
      const exact = values.reduce((sum, value) => sum + value ** power / 60, 0);
      const { value, standardError } = spectralMean(rules, (t) => t ** power);
      expect(Math.abs(value - exact)).toBeLessThan(4 * standardError);
    }
    const { grid, density, standardError, sigma } = spectralDensity(rules);
    expect(integral(grid, density)).toBeCloseTo(1, 6);
    // at the outlier 64 stand 1/60 of the eigenvalues: the peak of one Gaussian
    const peak = grid.findIndex((t) => t > 64);
    const height = 1 / (60 * sigma * Math.sqrt(2 * Math.PI));
    expect(Math.abs(density[peak] - height)).toBeLessThan(4 * standardError[peak] + 0.05 * height);
  });

  test.each([1, 3, 5, 40])(
    "a multiple of the identity of order %d has one peak, wherever it is",
    async (n) => {
      // in units of 1 where it is 0
      for (const size of [-(2 ** -30), 0, 1, 2 ** 30]) {
        const { iterate } = await solve(lanczosQuadrature(withSpectrum(new Float64Array(n).fill(size))));
        const { grid, density, sigma } = spectralDensity(iterate.rules);
        expect(sigma / (Math.abs(size) || 1)).toBeCloseTo(0.01, 10);
        expect(integral(grid, density)).toBeCloseTo(1, 6);
      }
    },
  );

  test("with as many steps as the order, a probe's moments are exact", async () => {
    const probe = randomStream(5).split("probes").split(0).fillNormal(new Float64Array(60));
    const product = new Float64Array(60);
    A.apply(probe, product);
    let [square, moment] = [0, 0];
    for (let i = 0; i < 60; i++) {
      square += probe[i] ** 2;
      moment += product[i] ** 2;
    }
    const { rules } = (await solve(lanczosQuadrature(A, { probes: 1, steps: 60, seed: 5 }))).iterate;
    expect(spectralMean(rules, (t) => t * t).value).toBeCloseTo(moment / square, 9);
    expect(spectralMean(rules).standardError).toBeNaN();
  });

  test("by decades shows both signs and what is near zero, of mass 1 together", async () => {
    const spread = Float64Array.from({ length: 80 }, (_, i) =>
      i < 20 ? 0 : i < 40 ? -1e-3 : 10 ** ((i % 5) - 3),
    );
    const { rules } = (await solve(lanczosQuadrature(diagonalOperator(spread), { probes: 30 }))).iterate;
    const { positive, negative, nearZero } = logSpectralDensity(rules);
    const [plus, minus] = [positive, negative].map(({ grid, density }) => integral(grid, density));
    expect(plus + minus + nearZero.value).toBeCloseTo(1, 6);
    expect(Math.abs(nearZero.value - 0.25)).toBeLessThan(4 * nearZero.standardError);
    expect(Math.abs(minus - 0.25)).toBeLessThan(0.05);
    const top = negative.density.reduce((best, value, i, all) => (value > all[best] ? i : best), 0);
    expect(negative.grid[top]).toBeCloseTo(-3, 1);
  });

  test("of what is left when the outliers are deflated has their places at 0", async () => {
    const { vectors } = await extremeEigenpairs(A, { count: 3 });
    const { rules } = (await solve(lanczosQuadrature(deflateOperator(A, vectors), { probes: 5, steps: 60 })))
      .iterate;
    for (const { nodes } of rules) expect(nodes[nodes.length - 1]).toBeLessThan(1 + 1e-9);
  });

  test("resumes with the next probe, stops on a signal and names a probe that fails", async () => {
    const whole = (await solve(lanczosQuadrature(A, { probes: 4, steps: 9 }))).iterate;
    const half = (await solve(lanczosQuadrature(A, { probes: 4, steps: 9 }), { maxIterations: 2 })).iterate;
    const resumed = (await solve(lanczosQuadrature(A, { probes: 4, steps: 9, resume: half }))).iterate;
    expect(resumed.rules).toEqual(whole.rules);
    const signal = AbortSignal.abort(new Error("closed"));
    await expect(solve(lanczosQuadrature(A, { signal }))).rejects.toThrow("closed");
    const broken = diagonalOperator(Float64Array.of(1, Number.NaN, 2));
    await expect(solve(lanczosQuadrature(broken))).rejects.toThrow(/probe 0: alpha is NaN at step 1/);
    await expect(solve(lanczosQuadrature(broken))).rejects.toThrow(ConvergenceError);
    expect(() => lanczosQuadrature(A, { probes: 0 })).toThrow("probes must be a positive integer, got 0");
    expect(() => spectralMean([])).toThrow(ArgumentError);
    expect(() => spectralDensity(whole.rules, { sigma: 0 })).toThrow("sigma must be");
    expect(() => spectralDensity(whole.rules, { points: 1 })).toThrow("points must be");
    expect(() => logSpectralDensity(whole.rules, { floor: -1 })).toThrow("floor must be");
  });
});

describe("the Rayleigh quotient's search", () => {
  const values = Float64Array.from({ length: 40 }, (_, i) => (i < 38 ? Math.sin(i) : i));
  const A = withSpectrum(values, 2);

  test("finds the ends of the spectrum, with more products than Lanczos", async () => {
    const lanczos = await extremeEigenpairs(A, { count: 1 });
    const top = (await solve(rayleighQuotientSearch(A, { tolerance: 1e-9 }), { maxIterations: 500 })).iterate;
    expect(top.quotient).toBeCloseTo(39, 8);
    expect(top.products).toBeGreaterThan(lanczos.products);
    const second = await solve(rayleighQuotientSearch(A, { tolerance: 1e-9, found: [top.vector] }), {
      maxIterations: 500,
    });
    expect(second.iterate.quotient).toBeCloseTo(38, 8);
    const least = await solve(rayleighQuotientSearch(A, { tolerance: 1e-9, which: "smallest" }), {
      maxIterations: 500,
    });
    expect(least.iterate.quotient).toBeCloseTo(Math.min(...values), 8);
  });

  test("stops anywhere where its absolute tolerance is large beside the eigenvalues, and resumes", async () => {
    const tiny = withSpectrum(
      values.map((value) => value * 1e-7),
      2,
    );
    const { iterate } = await solve(rayleighQuotientSearch(tiny));
    expect(iterate.products).toBe(1);
    expect(iterate.quotient).toBeLessThan(20e-7);
    const whole = await solve(rayleighQuotientSearch(A), { maxIterations: 12 });
    const half = await solve(rayleighQuotientSearch(A), { maxIterations: 5 });
    const resumed = await solve(rayleighQuotientSearch(A, { resume: half.iterate }), { maxIterations: 12 });
    expect(resumed.iterate).toEqual(whole.iterate);
    expect(() => rayleighQuotientSearch(matrixOperator(denseMatrix(new Float64Array(4), 2, 2)))).toThrow(
      "symmetric",
    );
    expect(() => rayleighQuotientSearch(A, { memory: 0 })).toThrow(ArgumentError);
  });
});
