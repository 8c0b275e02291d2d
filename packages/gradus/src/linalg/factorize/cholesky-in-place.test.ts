import fc from "fast-check";
import { expect, test } from "vitest";
import { gaussianNumbers } from "../test-matrices.ts";
import { choleskyInPlace } from "./cholesky-in-place.ts";

fc.configureGlobal({ seed: 1 });

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

test("the first pivot that is not positive is named", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 13 }), fc.nat(), (n, at) => {
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
