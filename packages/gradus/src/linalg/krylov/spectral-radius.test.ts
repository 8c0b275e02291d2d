import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { randomStream } from "../../random/stream.ts";
import type { LinearOperator } from "../operator/contract.ts";
import { spectralRadius } from "./spectral-radius.ts";

/** Q diag(values) Q^T with Q = I - 2 w w^T, by its products. */
function withSpectrum(values: readonly number[], seed: number): LinearOperator {
  const n = values.length;
  const w = randomStream(seed).fillNormal(new Float64Array(n));
  const length = Math.hypot(...w);
  const reflect = (x: Float64Array): Float64Array => {
    const inner = x.reduce((sum, value, i) => sum + (value * w[i]) / length, 0);
    return x.map((value, i) => value - (2 * inner * w[i]) / length);
  };
  return {
    rows: n,
    columns: n,
    symmetric: true,
    apply(x, out) {
      out.set(reflect(reflect(x).map((value, i) => values[i] * value)));
    },
  };
}

test("is the largest size of an eigenvalue, of either sign", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 40 }),
      fc.nat(1000),
      async (values, seed) => {
        const { radius, eigenvalue, vector, residual, converged } = await spectralRadius(
          withSpectrum(values, seed),
        );
        const exact = Math.max(...values.map(Math.abs));
        expect(converged).toBe(true);
        expect(Math.abs(radius - exact)).toBeLessThan(1e-7 * Math.max(exact, 1e-100));
        expect(Math.abs(eigenvalue)).toBe(radius);
        expect(residual).toBeLessThanOrEqual(1e-8 * Math.max(exact, 1));
        expect(Math.hypot(...vector)).toBeCloseTo(1, 10);
      },
    ),
    { seed: 1, numRuns: 60 },
  );
});

test("tells where x -> x - eta A x stops contracting", async () => {
  const A = withSpectrum([0.3, 1, 2.5, 4], 2);
  const { radius } = await spectralRadius(A);
  const grows = (eta: number): boolean => {
    let x = new Float64Array(4).fill(1);
    const product = new Float64Array(4);
    for (let step = 0; step < 3000; step++) {
      A.apply(x, product);
      x = x.map((value, i) => value - eta * product[i]);
    }
    return Math.hypot(...x) > 2;
  };
  expect(grows(1.99 / radius)).toBe(false);
  expect(grows(2.01 / radius)).toBe(true);
});

test("says when it has not converged, and refuses what is not symmetric or unknown", async () => {
  const values = Array.from({ length: 200 }, (_, i) => 1 + i / 1e4);
  const early = await spectralRadius(withSpectrum(values, 3), { maxSteps: 3, tolerance: 1e-12 });
  expect(early).toMatchObject({ converged: false, steps: 3 });
  expect(early.radius).toBeLessThanOrEqual(1 + 199 / 1e4 + 1e-14);
  const { rows, columns, apply } = withSpectrum([1, 2], 1);
  await expect(spectralRadius({ rows, columns, apply })).rejects.toThrow("A must be symmetric");
  await expect(spectralRadius(withSpectrum([1, 2], 1), { which: "LM" } as object)).rejects.toThrow(
    ArgumentError,
  );
});
