import { describe, expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { poissonOperator } from "../grids/diffusion.ts";
import { denseMatrix } from "../matrix.ts";
import { multiply } from "../multiply.ts";
import { diagonalOperator } from "../operator/structured.ts";
import { gaussianNumbers } from "../test-matrices.ts";
import { norm2 } from "../vector.ts";
import { conjugateGradient } from "./conjugate-gradient.ts";
import { lsmr } from "./lsmr.ts";
import { minres } from "./minres.ts";

const n = 30;

/** Q diag(eigenvalues) Q with the reflection Q = I - 2 v v^T, v = (1, ..., 1) / sqrt(n). */
function withEigenvalues(eigenvalues: Float64Array) {
  const order = eigenvalues.length;
  const reflection = (i: number, j: number) => Number(i === j) - 2 / order;
  const values = new Float64Array(order * order);
  for (let i = 0; i < order; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < order; k++) sum += reflection(i, k) * eigenvalues[k] * reflection(k, j);
      values[i * order + j] = sum;
      values[j * order + i] = sum;
    }
  return denseMatrix(values, order, order);
}

/** From 10^-decades/2 to 10^decades/2. */
const graded = (decades: number) =>
  Float64Array.from({ length: n }, (_, i) => 10 ** ((decades * i) / (n - 1) - decades / 2));

describe.each([1, 2, 3, 4, 5])(
  "what converged has a small residual, not that of the recurrence alone, %d",
  (seed) => {
    const b = gaussianNumbers(seed, n);
    const scaling = diagonalOperator(gaussianNumbers(seed + 10, n).map((value) => Math.exp(2 * value)));
    const measured = (A: ReturnType<typeof withEigenvalues>, x: Float64Array) => {
      const Ax = multiply(A, x);
      return norm2(b.map((value, i) => value - Ax[i]));
    };

    test.each([
      ["conjugateGradient", 8, conjugateGradient, undefined],
      ["conjugateGradient", 12, conjugateGradient, undefined],
      ["conjugateGradient", 12, conjugateGradient, scaling],
      ["minres", 8, minres, undefined],
      ["minres", 8, minres, scaling],
      ["minres", 12, minres, undefined],
      ["lsmr", 4, lsmr, undefined],
    ] as const)("%s, 10^%d as the condition number", async (_, decades, method, preconditioner) => {
      const A = withEigenvalues(graded(decades));
      const { iterate, status } = await solve<{
        readonly iteration: number;
        readonly state: unknown;
        readonly done: boolean;
        readonly x: Float64Array;
        readonly residualNorm: number;
        readonly outcome: string | undefined;
      }>(method(A, b, preconditioner && { preconditioner }), { maxIterations: 5000 });
      expect(["converged", "least-squares", "stagnated"]).toContain(iterate.outcome);
      expect(status).toBe(iterate.outcome === "stagnated" ? "finished" : "converged");
      const residual = measured(A, iterate.x);
      // rounding of the product itself, of eps ||A|| ||x||
      const rounding = 100 * Number.EPSILON * 10 ** (decades / 2) * norm2(iterate.x);
      expect(Math.abs(residual - iterate.residualNorm)).toBeLessThanOrEqual(rounding + 0.02 * residual);
      if (iterate.outcome === "converged") expect(iterate.residualNorm).toBeLessThanOrEqual(1e-8 * norm2(b));
    });

    test("lsmr, 10^10 as the condition number and no tolerance for A^T r", async () => {
      const A = withEigenvalues(graded(10));
      const { iterate, status } = await solve(lsmr(A, b, { stationarityTolerance: 0 }), {
        maxIterations: 50_000,
      });
      expect(status).toBe(iterate.outcome === "stagnated" ? "finished" : "converged");
      expect(iterate.outcome).not.toBe("least-squares"); // A is regular
      if (iterate.outcome === "converged") expect(iterate.residualNorm).toBeLessThanOrEqual(1e-8 * norm2(b));
      const rounding = 100 * Number.EPSILON * 1e5 * norm2(iterate.x);
      expect(Math.abs(measured(A, iterate.x) - iterate.residualNorm)).toBeLessThanOrEqual(rounding);
    });

    test("minres begins anew and reaches a tolerance of 1e-8 where the condition number is 10^8", async () => {
      const A = withEigenvalues(graded(8).map((value, i) => (i % 2 === 0 ? value : -value)));
      const { iterate } = await solve(minres(A, multiply(A, b)), { maxIterations: 5000 });
      expect(iterate.outcome).toBe("converged");
    });
  },
);

test("a tolerance that rounding keeps compiled conjugate gradients from", async () => {
  const A = poissonOperator({ shape: [40, 40], boundary: "dirichlet" });
  const b = gaussianNumbers(1, A.rows);
  const { iterate, status } = await solve(conjugateGradient(A, b, { relativeTolerance: 1e-18 }));
  expect([iterate.outcome, status]).toEqual(["stagnated", "finished"]);
  expect(iterate.residualNorm / norm2(b)).toBeGreaterThan(1e-18);
  expect(iterate.residualNorm / norm2(b)).toBeLessThan(1e-12);
});
