import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { compiledFrom } from "../compiled.ts";
import { denseMultiply } from "../dense.ts";
import { denseMatrix } from "../matrix.ts";
import { gaussianNumbers } from "../test-matrices.ts";
import { choleskyInPlace, regularizedCholeskyInPlace } from "./cholesky-in-place.ts";
import { solveLower, solveLowerTransposed } from "./triangular.ts";

/** G G^T + I with numbers above the diagonal that must not matter. */
function lowerOf(n: number, seed: number): Float64Array {
  const G = gaussianNumbers(seed, n * n);
  const A = new Float64Array(n * n).fill(Number.NaN);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      A[i * n + j] = i === j ? 1 : 0;
      for (let k = 0; k < n; k++) A[i * n + j] += G[i * n + k] * G[j * n + k];
    }
  return A;
}

test("L L^T is the matrix, whatever its order", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 23 }), fc.integer({ min: 1, max: 1000 }), (n, seed) => {
      const A = lowerOf(n, seed);
      const L = A.slice();
      expect(choleskyInPlace(L, n)).toBe(n);
      for (let i = 0; i < n; i++) {
        expect(L[i * n + i]).toBeGreaterThan(0);
        for (let j = 0; j <= i; j++) {
          let sum = 0;
          for (let k = 0; k <= j; k++) sum += L[i * n + k] * L[j * n + k];
          expect(Math.abs(sum - A[i * n + j])).toBeLessThan(1e-10);
        }
      }
    }),
  );
});

test("the factor of a leading block is the leading block of the factor, compiled or not", () => {
  for (const n of [compiledFrom.cholesky, 64, 97, 150]) {
    const A = lowerOf(n, n);
    const whole = A.slice();
    expect(choleskyInPlace(whole, n)).toBe(n);
    const size = compiledFrom.cholesky - 1;
    const block = new Float64Array(size * size);
    for (let i = 0; i < size; i++) block.set(A.subarray(i * n, i * n + size), i * size);
    expect(choleskyInPlace(block, size)).toBe(size);
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        const [one, other] = [block[i * size + j], whole[i * n + j]];
        if (j > i) expect(other).toBeNaN();
        else expect(Math.abs(one - other)).toBeLessThan(1e-11);
      }
  }
});

test("the first pivot that is not positive is named", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(), (n, at) => {
      const A = lowerOf(n, 5);
      const i = at % n;
      // v^T A v < 0 for a unit vector v
      A[i * n + i] = -1e-3;
      expect(choleskyInPlace(A, n)).toBe(i);
    }),
  );
  expect(choleskyInPlace(Float64Array.of(0), 1)).toBe(0);
  expect(choleskyInPlace(Float64Array.of(Number.NaN), 1)).toBe(0);
  expect(choleskyInPlace(Float64Array.of(1, 0, 1, 1), 2)).toBe(1); // singular
});

test("a pivot must exceed its share of the diagonal", () => {
  // the second pivot of [[1, 1], [1, 1 + t]] is t
  const A = () => Float64Array.of(1, 0, 1, 1 + 2 ** -20);
  expect(choleskyInPlace(A(), 2, 2 ** -19)).toBe(1);
  expect(choleskyInPlace(A(), 2, 2 ** -21)).toBe(2);
});

describe("with a regularization that rounding may hide", () => {
  /** G G^T of whole numbers: exactly semidefinite, of the rank of G's columns. */
  function semidefinite(n: number, rank: number, seed: number): Float64Array {
    const stream = randomStream(seed);
    const G = Float64Array.from({ length: n * rank }, () => Math.floor(stream.uniform(-4, 5)));
    return Float64Array.from({ length: n * n }, (_, at) => {
      let sum = 0;
      for (let k = 0; k < rank; k++) sum += G[Math.floor(at / n) * rank + k] * G[(at % n) * rank + k];
      return sum;
    });
  }
  const largest = (values: Float64Array) =>
    values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const shifted = (H: Float64Array, n: number, lambda: number) =>
    H.map((value, at) => (at % (n + 1) === 0 ? value + lambda : value));

  test("the factor of a definite matrix is the plain one", () => {
    for (const n of [1, 4, 7, 30, 57, 58, 130]) {
      const [plain, regularized] = [lowerOf(n, 3), lowerOf(n, 3)];
      choleskyInPlace(plain, n);
      expect(regularizedCholeskyInPlace(regularized, n, new Float64Array(n).fill(1))).toBe(n);
      expect(regularized).toEqual(plain);
    }
  });

  test("a semidefinite matrix is never refused, and the solution's residual is rounding", () => {
    let refusedByThePlain = 0;
    const cases = fc.record({
      n: fc.integer({ min: 2, max: 40 }),
      defect: fc.integer({ min: 1, max: 39 }),
      seed: fc.integer({ min: 1, max: 10_000 }),
      exponent: fc.integer({ min: -30, max: -8 }),
    });
    fc.assert(
      fc.property(cases, ({ n, defect, seed, exponent }) => {
        const H = semidefinite(n, Math.max(1, n - defect), seed);
        const lambda = 10 ** exponent * largest(H);
        const A = shifted(H, n, lambda);
        if (choleskyInPlace(A.slice(), n) < n) refusedByThePlain += 1;
        const L = A.slice();
        expect(regularizedCholeskyInPlace(L, n, new Float64Array(n).fill(lambda))).toBe(n);
        const b = denseMultiply(H, n, n, gaussianNumbers(seed, n));
        const x = solveLowerTransposed(denseMatrix(L, n, n), solveLower(denseMatrix(L, n, n), b.slice()));
        const residual = largest(denseMultiply(A, n, n, x).map((value, i) => value - b[i]));
        const scale = n * largest(A) * largest(x) + largest(b);
        expect(residual).toBeLessThan(50 * Number.EPSILON * scale);
      }),
      { numRuns: 300 },
    );
    expect(refusedByThePlain).toBeGreaterThan(100);
  });

  test("nor is a large one, whose solution has the residual of Cholesky's, n^2 eps", () => {
    for (const [seed, n] of [58, 64, 65, 90, 130].entries())
      for (const rank of [1, 5, n - 3, n - 1]) {
        const H = semidefinite(n, rank, seed);
        const lambda = 1e-17 * largest(H);
        const A = shifted(H, n, lambda);
        const L = A.slice();
        expect(regularizedCholeskyInPlace(L, n, new Float64Array(n).fill(lambda))).toBe(n);
        const b = denseMultiply(H, n, n, gaussianNumbers(seed, n));
        const x = solveLowerTransposed(denseMatrix(L, n, n), solveLower(denseMatrix(L, n, n), b.slice()));
        const residual = largest(denseMultiply(A, n, n, x).map((value, i) => value - b[i]));
        expect(residual).toBeLessThan(n * n * Number.EPSILON * (largest(A) * largest(x) + largest(b)));
        A[(n - 1) * (n + 1)] -= 1;
        const indefinite = regularizedCholeskyInPlace(A, n, new Float64Array(n).fill(lambda));
        expect(indefinite).toBe(n - 1);
      }
  });

  test("a pivot that rounding hides becomes the regularization's, or the size of rounding", () => {
    const pivotOf = (least: number) => {
      const A = Float64Array.of(1, 0, 1, 1);
      expect(regularizedCholeskyInPlace(A, 2, Float64Array.of(least, least))).toBe(2);
      return A[3] ** 2;
    };
    expect(pivotOf(1e-3)).toBeCloseTo(1e-3, 15);
    expect(pivotOf(1e-30) / (4 * Number.EPSILON)).toBeCloseTo(1, 12); // x = (-1, 1)
  });

  test("an indefinite matrix is refused, and one that the regularization makes definite is not", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 1, max: 1000 }), (n, seed) => {
        // -size along each axis, of which some lie in the null space of H
        const H = semidefinite(n, Math.max(1, n - 3), seed);
        const size = 1e-6 * largest(H);
        const refused = (lambda: number) =>
          regularizedCholeskyInPlace(shifted(H, n, lambda - size), n, new Float64Array(n).fill(lambda)) < n;
        expect(refused(0.5 * size)).toBe(true);
        expect(refused(1e-9 * size)).toBe(true);
        expect(refused(1.5 * size)).toBe(false);
      }),
    );
    expect(regularizedCholeskyInPlace(Float64Array.of(Number.NaN), 1, Float64Array.of(1))).toBe(0);
  });
});
