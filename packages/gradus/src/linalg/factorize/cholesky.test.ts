import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { type DenseMatrix, denseMatrix } from "../matrix.ts";
import { gaussianNumbers, largestDifference } from "../test-matrices.ts";
import { cholesky, choleskyLogDeterminant, choleskySolve, solvePositiveDefinite } from "./cholesky.ts";
import { hilbert, product, sizes, transpose } from "./dense-testing.ts";
import { NotPositiveDefiniteError } from "./errors.ts";

describe("cholesky", () => {
  test("multiplies back to A, solves A X = B", () => {
    fc.assert(
      fc.property(sizes, ({ n, k, seed }) => {
        const G = gaussianNumbers(seed, n * n);
        const A = product(G, transpose(G, n, n), n, n, n);
        for (let i = 0; i < n; i++) A[i * n + i] += 1;
        const F = cholesky(denseMatrix(A, n, n));
        expect(largestDifference(product(F.L.values, transpose(F.L.values, n, n), n, n, n), A)).toBeLessThan(
          1e-12,
        );
        const X = gaussianNumbers(seed + 1, n * k);
        const B = product(A, X, n, n, k);
        const solution = choleskySolve(F, denseMatrix(B, n, k));
        expect(largestDifference(solution.values, X)).toBeLessThan(1e-10);
        expect([solution.rows, solution.columns]).toEqual([n, k]);
        const first = Float64Array.from({ length: n }, (_, i) => B[i * k]);
        const kept = first.slice();
        const alone = choleskySolve(F, first);
        for (let i = 0; i < n; i++) expect(alone[i]).toBeCloseTo(X[i * k], 9);
        expect(first).toEqual(kept);
      }),
    );
  });

  // python3 -c "import numpy as np, scipy.linalg as la; H = la.hilbert(8);
  //   print(la.cholesky(H, lower=True)[7], np.linalg.slogdet(H))"
  test("gives what scipy prints for the Hilbert matrix of order 8", () => {
    const F = cholesky(denseMatrix(hilbert(8, 8), 8, 8));
    const row = [
      1.25e-1, 1.68393829e-1, 1.30437299e-1, 7.01524969e-2, 2.65151515e-2, 6.7646776e-3, 1.05056855e-3,
      7.52327772e-5,
    ];
    expect(largestDifference(F.L.values.subarray(56), row)).toBeLessThan(1e-9);
    expect(choleskyLogDeterminant(F)).toBeCloseTo(-74.97842732, 5);
  });

  test("names the first pivot that fails", () => {
    const L = Float64Array.from({ length: 36 }, (_, k) => (Math.floor(k / 6) >= k % 6 ? 1 : 0));
    for (let failing = 0; failing < 6; failing++) {
      const scaled = L.map((value, k) => (k % 6 === failing ? -value : value));
      expect(() => cholesky(denseMatrix(product(scaled, transpose(L, 6, 6), 6, 6, 6), 6, 6))).toThrow(
        expect.objectContaining({ pivot: failing, name: "NotPositiveDefiniteError" }),
      );
    }
    expect(() => cholesky(denseMatrix(Float64Array.of(1, 1, 1, 1), 2, 2))).toThrow(NotPositiveDefiniteError);
    expect(() => cholesky(denseMatrix(Float64Array.of(1, 0, Number.NaN, 1), 2, 2))).toThrow(
      "got NaN in row 1, column 0",
    );
    expect(() => cholesky(denseMatrix(new Float64Array(3), 2, 2))).toThrow(ArgumentError);
  });

  test.each([3, 57, 58, 150])(
    "refuses what is not finite below the diagonal, and reads nothing above (order %i)",
    (n) => {
      const identity = () => Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));
      const unread = identity();
      unread[n - 1] = Number.NaN;
      expect(cholesky(denseMatrix(unread, n, n)).L.values).toEqual(identity());
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
        for (const [row, column] of [
          [0, 0],
          [n - 1, 0],
          [n - 1, n - 1],
          [n - 1, n - 2],
        ]) {
          const values = identity();
          values[row * n + column] = value;
          for (const factorize of [
            cholesky,
            (A: DenseMatrix) => solvePositiveDefinite(A, new Float64Array(n)),
          ])
            expect(() => factorize(denseMatrix(values, n, n))).toThrow(
              `A must be finite, got ${value} in row ${row}, column ${column}`,
            );
        }
    },
  );

  test("a system is solved once as by its factor", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 130 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(1000),
        (n, k, seed) => {
          const G = gaussianNumbers(seed, n * n);
          const A = product(G, transpose(G, n, n), n, n, n);
          for (let i = 0; i < n; i++) A[i * n + i] += n;
          const matrix = denseMatrix(A, n, n);
          const [keptA, B] = [A.slice(), gaussianNumbers(seed + 1, n * k)];
          const keptB = B.slice();
          const many = solvePositiveDefinite(matrix, denseMatrix(B, n, k));
          expect(largestDifference(product(A, many.values, n, n, k), B)).toBeLessThan(1e-11);
          const column = Float64Array.from({ length: n }, (_, i) => B[i * k]);
          const one = solvePositiveDefinite(matrix, column);
          expect(largestDifference(one, choleskySolve(cholesky(matrix), column))).toBeLessThan(1e-12);
          expect([A, B]).toEqual([keptA, keptB]);
        },
      ),
    );
    for (const n of [4, 80]) {
      const indefinite = new Float64Array(n * n).fill(1);
      expect(() => solvePositiveDefinite(denseMatrix(indefinite, n, n), new Float64Array(n))).toThrow(
        expect.objectContaining({ pivot: 1, name: "NotPositiveDefiniteError" }),
      );
      expect(() => solvePositiveDefinite(denseMatrix(indefinite, n, n), new Float64Array(n + 1))).toThrow(
        `the right-hand side must have ${n} numbers, got ${n + 1}`,
      );
    }
  });
});
