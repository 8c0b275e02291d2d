import { expect, test } from "vitest";
import { denseMultiply } from "../../linalg/dense.ts";
import { symmetricEigenvalues } from "../../linalg/factorize/symmetric-eigenvalues.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { hasPositiveReducedCurvature } from "./curvature.ts";

/** H = Z diag(inside) Z^T + N diag(outside) N^T with Z an orthonormal basis of the null space of G. */
function instance(seed: number, n: number, m: number, inside: number, outside: number) {
  const stream = randomStream(seed);
  const { values: Q } = stream.orthogonal(n);
  const G = new Float64Array(m * n);
  const { values: mix } = stream.orthogonal(m);
  for (let i = 0; i < m; i++)
    for (let k = 0; k < m; k++)
      for (let j = 0; j < n; j++) G[i * n + j] += (i + 1) * mix[i * m + k] * Q[j * n + k];
  const H = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const value = k < m ? outside : k === m ? inside : 1 + k / n;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) H[i * n + j] += value * Q[i * n + k] * Q[j * n + k];
  }
  return { H, G };
}

test.each(["cholesky", "lanczos"] as const)(
  "%s sees the least eigenvalue on the null space alone",
  async (how) => {
    for (const [n, m] of [
      [5, 2],
      [30, 11],
      [60, 1],
      [20, 19],
    ])
      for (const inside of [-3, -1e-3, 1e-3, 0.5])
        for (const outside of [-10, 10]) {
          const { H, G } = instance(n + m, n, m, inside, outside);
          expect(await hasPositiveReducedCurvature(H, G, n, m, 1e-6, how)).toBe(inside > 0);
        }
  },
);

test("the floor is compared with the eigenvalue", async () => {
  const { H, G } = instance(1, 12, 4, 0.25, -1);
  for (const how of ["cholesky", "lanczos"] as const) {
    expect(await hasPositiveReducedCurvature(H, G, 12, 4, 0.2499, how)).toBe(true);
    expect(await hasPositiveReducedCurvature(H, G, 12, 4, 0.2501, how)).toBe(false);
  }
});

test("a Hessian of zeros is flat", async () => {
  const G = Float64Array.of(1, 0, 0);
  for (const how of ["cholesky", "lanczos"] as const)
    expect(await hasPositiveReducedCurvature(new Float64Array(9), G, 3, 1, 1e-6, how)).toBe(false);
});

test("the instances are what they say", () => {
  const { H, G } = instance(3, 8, 3, -2, 5);
  const values = symmetricEigenvalues(denseMatrix(H, 8, 8));
  expect(values[7]).toBeCloseTo(-2, 12);
  expect(values[0]).toBeCloseTo(5, 12);
  expect(denseMultiply(G, 3, 8, new Float64Array(8))).toEqual(new Float64Array(3));
});
