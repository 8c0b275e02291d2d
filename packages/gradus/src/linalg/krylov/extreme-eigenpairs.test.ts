import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import type { LinearOperator } from "../operator/contract.ts";
import { diagonalOperator, identityOperator } from "../operator/structured.ts";
import { asynchronous, tridiagonalOperator } from "../test-matrices.ts";
import { axpy, dot, norm2 } from "../vector.ts";
import { extremeEigenpairs } from "./extreme-eigenpairs.ts";

test("finds both ends of a known spectrum", async () => {
  const n = 80;
  const exact = (j: number) => 2 - 2 * Math.cos((j * Math.PI) / (n + 1));
  for (const A of [tridiagonalOperator(n, -1, 2, -1), asynchronous(tridiagonalOperator(n, -1, 2, -1))]) {
    const top = await extremeEigenpairs(A, { count: 3 });
    const bottom = await extremeEigenpairs(A, { count: 3, which: "smallest" });
    for (let j = 0; j < 3; j++) {
      expect(top.values[j]).toBeCloseTo(exact(n - j), 12);
      expect(bottom.values[j]).toBeCloseTo(exact(3 - j), 12);
    }
    expect(top.converged && bottom.converged).toBe(true);
    expect(top.products).toBeLessThanOrEqual(n);
  }
});

test("outliers need few products, and residuals are those of the pairs", async () => {
  const diagonal = Float64Array.from({ length: 500 }, (_, i) => (i < 5 ? 10 * (i + 1) : Math.sin(i)));
  const A = diagonalOperator(diagonal);
  const { values, vectors, residuals, products } = await extremeEigenpairs(A, {
    count: 5,
    tolerance: 1e-9,
    seed: 2,
  });
  expect(products).toBeLessThanOrEqual(40);
  for (let j = 0; j < 5; j++) {
    expect(values[j]).toBeCloseTo(50 - 10 * j, 9);
    const product = new Float64Array(500);
    A.apply(vectors[j], product);
    axpy(-values[j], vectors[j], product);
    expect(Math.abs(norm2(product) - residuals[j])).toBeLessThan(1e-11);
    expect(residuals[j]).toBeLessThanOrEqual(1e-9 * values[j] + 1e-12);
  }
});

test("finds the largest in size, in descending order", async () => {
  const A = diagonalOperator(Float64Array.from({ length: 50 }, (_, i) => [-9, 8, -7, 6][i] ?? i / 50));
  const { values } = await extremeEigenpairs(A, { count: 4, which: "magnitude" });
  for (const [j, value] of [8, 6, -7, -9].entries()) expect(values[j]).toBeCloseTo(value, 10);
});

test("finds the copies of multiple eigenvalues where the space ends, with orthonormal vectors", async () => {
  const spectra = fc.array(fc.constantFrom(4, 3, 1, 0, -2), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      spectra,
      fc.nat(1000),
      fc.constantFrom("largest", "smallest", "magnitude"),
      async (spectrum, seed, which) => {
        const count = 1 + (seed % spectrum.length);
        const key = {
          largest: (v: number) => -v,
          smallest: (v: number) => v,
          magnitude: (v: number) => -Math.abs(v),
        };
        const expected = spectrum
          .toSorted((a, b) => key[which](a) - key[which](b))
          .slice(0, count)
          .sort((a, b) => b - a);
        const result = await extremeEigenpairs(diagonalOperator(Float64Array.from(spectrum)), {
          count,
          seed,
          which,
        });
        expect(result.converged).toBe(true);
        for (let j = 0; j < count; j++) {
          expect(result.values[j]).toBeCloseTo(expected[j], 10);
          for (let i = 0; i <= j; i++)
            expect(dot(result.vectors[i], result.vectors[j])).toBeCloseTo(i === j ? 1 : 0, 10);
        }
      },
    ),
  );
});

test("finds the copies of multiple eigenvalues where the space does not end", async () => {
  // the Laplacian of a torus: 4 - 2 cos(2 pi i / n) - 2 cos(2 pi j / m), most of them four times
  const [n, m] = [20, 20];
  const cosines = (count: number) =>
    Array.from({ length: count }, (_, k) => 2 * Math.cos((2 * Math.PI * k) / count));
  const exact = cosines(n)
    .flatMap((a) => cosines(m).map((b) => 4 - a - b))
    .sort((a, b) => b - a);
  const torus: LinearOperator = {
    rows: n * m,
    columns: n * m,
    symmetric: true,
    apply(x, out) {
      const at = (i: number, j: number) => x[((i + n) % n) * m + ((j + m) % m)];
      for (let k = 0; k < n * m; k++) {
        const [i, j] = [Math.floor(k / m), k % m];
        out[k] = 4 * at(i, j) - at(i - 1, j) - at(i + 1, j) - at(i, j - 1) - at(i, j + 1);
      }
    },
  };
  for (const which of ["largest", "smallest"] as const) {
    const { values, vectors, residuals, converged } = await extremeEigenpairs(torus, { count: 9, which });
    expect(converged).toBe(true);
    const expected = which === "largest" ? exact.slice(0, 9) : exact.slice(-9);
    for (let j = 0; j < 9; j++) {
      expect(values[j]).toBeCloseTo(expected[j], 10);
      expect(residuals[j]).toBeLessThan(1e-7);
      for (let i = 0; i <= j; i++) expect(dot(vectors[i], vectors[j])).toBeCloseTo(i === j ? 1 : 0, 10);
    }
  }
  // a positive semidefinite matrix of half the rank
  const half = Float64Array.from({ length: 400 }, (_, i) =>
    i < 200 ? 0 : 10 ** (-4 + (4 * (i - 200)) / 199),
  );
  const bottom = await extremeEigenpairs(diagonalOperator(half), {
    ...{ count: 3, which: "smallest", tolerance: 1e-6, maxSteps: 390 },
  });
  for (const value of bottom.values) expect(Math.abs(value)).toBeLessThan(1e-9);
});

test("says when the steps were too few", async () => {
  const A = diagonalOperator(Float64Array.from({ length: 200 }, (_, i) => i));
  const few = await extremeEigenpairs(A, { count: 2, maxSteps: 10 });
  expect(few.converged).toBe(false);
  expect(few.products).toBe(10);
  expect(few.residuals[0]).toBeGreaterThan(1e-6);
});

test("refuses counts that are not there", async () => {
  await expect(extremeEigenpairs(identityOperator(3), { count: 4 })).rejects.toThrow(ArgumentError);
  await expect(extremeEigenpairs(identityOperator(9), { count: 4, maxSteps: 3 })).rejects.toThrow(
    "maxSteps must be an integer of at least 4, got 3",
  );
  const which = "LM" as "largest";
  await expect(extremeEigenpairs(identityOperator(3), { count: 1, which })).rejects.toThrow(
    'which must be "largest", "smallest" or "magnitude", got "LM"',
  );
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(extremeEigenpairs(identityOperator(3), { count: 1, signal })).rejects.toThrow("enough");
});
