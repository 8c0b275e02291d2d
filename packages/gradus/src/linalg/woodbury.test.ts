import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { SingularMatrixError } from "./factorize/errors.ts";
import { luFactorize, luSolve } from "./factorize/lu.ts";
import { denseMatrix } from "./matrix.ts";
import { gaussianNumbers, largestDifference } from "./test-matrices.ts";
import { woodburySolve } from "./woodbury.ts";

const problems = fc.record({
  n: fc.integer({ min: 1, max: 10 }),
  k: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat(10_000),
  symmetric: fc.boolean(),
});

test("agrees with a direct solve of the changed matrix", () => {
  fc.assert(
    fc.property(problems, ({ n, k, seed, symmetric }) => {
      const A = gaussianNumbers(seed, n * n);
      for (let i = 0; i < n; i++) A[i * n + i] += 8;
      const [U, W] = [gaussianNumbers(seed + 1, n * k), gaussianNumbers(seed + 2, n * k)];
      const V = symmetric ? U : W;
      const c = gaussianNumbers(seed + 3, k);
      if (k > 1) c[0] = 0;
      const changed = A.map((value, p) => {
        const [i, j] = [Math.floor(p / n), p % n];
        for (let a = 0; a < k; a++) value += U[i * k + a] * c[a] * V[j * k + a];
        return value;
      });
      const b = gaussianNumbers(seed + 4, n);
      const F = luFactorize(denseMatrix(A, n, n));
      const solve = woodburySolve(
        (side) => luSolve(F, side),
        denseMatrix(U, n, k),
        c,
        symmetric ? undefined : denseMatrix(V, n, k),
      );
      const direct = luSolve(luFactorize(denseMatrix(changed, n, n)), b);
      const size = direct.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      expect(largestDifference(solve(b), direct)).toBeLessThan(1e-9 * size * size);
    }),
  );
});

test("k = 1 on the identity is the formula of Sherman and Morrison", () => {
  // (I + c u u^T)^-1 b = b - c u (u^T b) / (1 + c u^T u)
  const u = denseMatrix([1, 2, 2], 3, 1);
  const solve = woodburySolve((b) => b.slice(), u, Float64Array.of(0.5));
  const x = solve(Float64Array.of(3, 0, 3));
  const factor = (0.5 * 9) / (1 + 0.5 * 9);
  expect(largestDifference(x, [3 - factor, -2 * factor, 3 - 2 * factor])).toBeLessThan(1e-15);
});

test("a change that makes the matrix singular is refused", () => {
  const u = denseMatrix([0.6, 0.8], 2, 1);
  expect(() => woodburySolve((b) => b.slice(), u, Float64Array.of(-1))).toThrow(SingularMatrixError);
  expect(() => woodburySolve((b) => b.slice(), u, Float64Array.of(-1))).toThrow(
    "A + U diag(c) V^T is singular",
  );
});

test("sizes that do not fit are refused; no change is no change", () => {
  const identity = (b: Float64Array) => b.slice();
  expect(() => woodburySolve(identity, denseMatrix(new Float64Array(5), 5, 1), new Float64Array(2))).toThrow(
    ArgumentError,
  );
  expect(woodburySolve(identity, denseMatrix([], 3, 0), new Float64Array(0))).toBe(identity);
});
