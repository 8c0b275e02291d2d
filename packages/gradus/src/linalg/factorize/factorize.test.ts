import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError } from "../../check/errors.ts";
import { denseMatrix } from "../matrix.ts";
import { gaussianNumbers, jacobiEigenvalues, largestDifference } from "../test-matrices.ts";
import { hilbert, product, sizes, transpose } from "./dense-testing.ts";
import { SingularMatrixError } from "./errors.ts";
import { luDeterminant, luFactorize, luSolve } from "./lu.ts";
import {
  qrApply,
  qrApplyAdjoint,
  qrFactorize,
  qrMultiplyAdjoint,
  qrOrthonormal,
  qrRank,
  qrUpper,
} from "./qr.ts";
import { singularValueDecomposition, singularValues } from "./singular-values.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";
import { symmetricEigenvalues } from "./symmetric-eigenvalues.ts";

const identity = (n: number) => Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));
/** The second-difference matrix, whose eigenvalues are 2 - 2 cos(j pi / (n + 1)). */
const secondDifference = (n: number) =>
  Float64Array.from({ length: n * n }, (_, k) => {
    const gap = Math.abs(Math.floor(k / n) - (k % n));
    return gap === 0 ? 2 : gap === 1 ? -1 : 0;
  });

describe("luFactorize", () => {
  const toeplitz = Float64Array.of(
    ...[2, 5, -2, 0, 1],
    ...[-1, 2, 5, -2, 0],
    ...[0, -1, 2, 5, -2],
    ...[3, 0, -1, 2, 5],
    ...[1, 3, 0, -1, 2],
  );

  test("P A = L U", () => {
    fc.assert(
      fc.property(sizes, ({ n, k, seed }) => {
        const A = gaussianNumbers(seed, n * n);
        const F = luFactorize(denseMatrix(A, n, n));
        const rows = Float64Array.from(
          { length: n * n },
          (_, p) => A[F.permutation[Math.floor(p / n)] * n + (p % n)],
        );
        expect(largestDifference(product(F.L.values, F.U.values, n, n, n), rows)).toBeLessThan(1e-13);
        const X = gaussianNumbers(seed + 1, n * k);
        const B = product(A, X, n, n, k);
        const residual = largestDifference(product(A, luSolve(F, denseMatrix(B, n, k)).values, n, n, k), B);
        expect(residual).toBeLessThan(1e-11);
      }),
    );
  });

  // python3 -c "import numpy as np, scipy.linalg as la; A = la.toeplitz([2,-1,0,3,1], [2,5,-2,0,1]);
  //   print(la.solve(A, [1,2,3,4,5]), np.linalg.det(A))"
  test("gives what scipy prints for a Toeplitz matrix", () => {
    const F = luFactorize(denseMatrix(toeplitz, 5, 5));
    const expected = [-11.23636364, 2.99272727, -1.43272727, 4.02909091, 5.64363636];
    expect(largestDifference(luSolve(F, Float64Array.of(1, 2, 3, 4, 5)), expected)).toBeLessThan(1e-8);
    expect(luDeterminant(F)).toBeCloseTo(-275, 10);
    expect(luDeterminant(luFactorize(denseMatrix(Float64Array.of(0, 1, 1, 0), 2, 2)))).toBe(-1);
    expect(luDeterminant(luFactorize(denseMatrix(Float64Array.of(0, 1, 0, 0, 0, 1, 1, 0, 0), 3, 3)))).toBe(1);
  });

  test("gives sign and logarithm of a determinant, also where it is no double", () => {
    const one = luFactorize(denseMatrix(toeplitz, 5, 5)).logDeterminant;
    expect(one.sign).toBe(-1);
    expect(one.logAbsolute).toBeCloseTo(Math.log(275), 12);
    // det(c A) = c^n det A, of 2^(n k) times that of a permutation and signs
    const n = 40;
    for (const [power, exchanges, negatives] of [
      [-100, 0, 0],
      [100, 1, 0],
      [-100, 0, 1],
      [100, 3, 5],
    ]) {
      const A = new Float64Array(n * n);
      for (let i = 0; i < n; i++) {
        // rows 2 k and 2 k + 1 exchanged
        const j = i < 2 * exchanges ? (i % 2 === 0 ? i + 1 : i - 1) : i;
        A[i * n + j] = 2 ** power * (i < negatives ? -1 : 1);
      }
      const F = luFactorize(denseMatrix(A, n, n));
      expect(Math.abs(luDeterminant(F))).toBe(power < 0 ? 0 : Number.POSITIVE_INFINITY);
      const { sign, logAbsolute } = F.logDeterminant;
      expect(sign).toBe((-1) ** (exchanges + negatives));
      expect(logAbsolute / (n * power * Math.LN2)).toBeCloseTo(1, 14);
    }
  });

  test("has a backward error of rounding, with multipliers of at most 1, around block sizes", () => {
    for (const [seed, n] of [1, 2, 7, 31, 32, 33, 64, 65, 130].entries()) {
      const A = gaussianNumbers(seed, n * n);
      const { L, U, permutation } = luFactorize(denseMatrix(A, n, n));
      expect(L.values.every((value) => Math.abs(value) <= 1)).toBe(true);
      const permuted = Float64Array.from(
        { length: n * n },
        (_, k) => A[permutation[Math.floor(k / n)] * n + (k % n)],
      );
      const error = largestDifference(product(L.values, U.values, n, n, n), permuted);
      expect(error / (n * Number.EPSILON * largestDifference(A, new Float64Array(n * n)))).toBeLessThan(5);
    }
  });

  test("keeps both factors in one matrix; L and U are made once, and copied with it", () => {
    const n = 7;
    const F = luFactorize(denseMatrix(gaussianNumbers(3, n * n), n, n));
    const { L, U, packed } = F;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const kept = packed.values[i * n + j];
        expect(L.values[i * n + j]).toBe(i === j ? 1 : i > j ? kept : 0);
        expect(U.values[i * n + j]).toBe(i > j ? 0 : kept);
      }
    expect([F.L, F.U]).toEqual([L, U]);
    expect(F.L).toBe(L);
    const b = gaussianNumbers(4, n);
    expect(luSolve(structuredClone(F), b)).toEqual(luSolve(F, b));
    expect(structuredClone(F)).toEqual({
      L,
      U,
      packed,
      permutation: F.permutation,
      logDeterminant: F.logDeterminant,
    });
  });

  test("refuses a singular matrix and a right-hand side that does not fit", () => {
    expect(() => luFactorize(denseMatrix(Float64Array.of(1, 2, 2, 4), 2, 2))).toThrow(SingularMatrixError);
    expect(() => luFactorize(denseMatrix(Float64Array.of(1, 2, 2, 4), 2, 2))).toThrow("pivot 1 of 2 is 0");
    expect(() => luSolve(luFactorize(denseMatrix(toeplitz, 5, 5)), new Float64Array(7))).toThrow(
      "the right-hand side must have 5 numbers, got 7",
    );
  });
});

describe("symmetricEigen", () => {
  test("finds the known spectrum of the second difference, with orthonormal eigenvectors", () => {
    const n = 40;
    const A = secondDifference(n);
    const { values, vectors: V } = symmetricEigen(denseMatrix(A, n, n));
    const vectors = V.values;
    for (let j = 0; j < n; j++)
      expect(values[j]).toBeCloseTo(2 - 2 * Math.cos(((n - j) * Math.PI) / (n + 1)), 13);
    expect(largestDifference(product(transpose(vectors, n, n), vectors, n, n, n), identity(n))).toBeLessThan(
      1e-13,
    );
    const scaled = vectors.map((value, k) => value * values[k % n]);
    expect(largestDifference(product(A, vectors, n, n, n), scaled)).toBeLessThan(1e-13);
  });

  test("names the entries of an asymmetric matrix", () => {
    expect(() => symmetricEigen(denseMatrix(Float64Array.of(1, 2, 2.1, 1), 2, 2))).toThrow(
      "row 1, column 0 is 2.1, its mirror 2",
    );
    expect(() => symmetricEigen(denseMatrix(Float64Array.of(1, 2, 2.1, 1), 2, 2))).toThrow(DataError);
    expect(
      symmetricEigen(denseMatrix(Float64Array.of(1, 2, 2.1, 1), 2, 2), { asymmetry: 0.1 }).values[0],
    ).toBeCloseTo(3.05, 14);
  });
});

describe("symmetricEigenvalues", () => {
  // python3 -c "import scipy.linalg as la; print(la.eigh(la.hilbert(8))[0][::-1])"
  test("gives what scipy prints for the Hilbert matrix of order 8", () => {
    const expected = [
      1.695939, 2.98125211e-1, 2.62128436e-2, 1.46768812e-3, 5.43694337e-5, 1.29433209e-6, 1.79887375e-8,
      1.111539e-10,
    ];
    const values = symmetricEigenvalues(denseMatrix(hilbert(8, 8), 8, 8));
    for (let j = 0; j < 8; j++) expect(Math.abs(values[j] - expected[j])).toBeLessThan(5e-9);
    expect(values[7] / expected[7]).toBeCloseTo(1, 5);
  });

  test("are those that Jacobi's rotations find and that come with the vectors, whatever the matrix", () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: -150, max: 150 }), ({ n, seed }, exponent) => {
        const G = gaussianNumbers(seed, n * n).map((value, k) => ((k + seed) % 3 === 0 ? 0 : value));
        const scale = 10 ** exponent;
        const A = G.map((value, k) => scale * (value + G[(k % n) * n + Math.floor(k / n)]));
        const values = symmetricEigenvalues(denseMatrix(A, n, n));
        const size = Math.max(...values.map(Math.abs));
        expect(largestDifference(values, symmetricEigen(denseMatrix(A, n, n)).values)).toBeLessThanOrEqual(
          1e-13 * size,
        );
        expect(largestDifference(values, jacobiEigenvalues(A, n))).toBeLessThanOrEqual(1e-13 * size);
      }),
    );
  });

  test("are exact for diagonal matrices and refuse asymmetric ones", () => {
    const A = identity(5).map((value, k) => value * [3, -1, 0, 2, -3][k % 5]);
    expect(Array.from(symmetricEigenvalues(denseMatrix(A, 5, 5)))).toEqual([3, 2, 0, -1, -3]);
    expect(() => symmetricEigenvalues(denseMatrix(Float64Array.of(1, 2, 2.1, 1), 2, 2))).toThrow(
      "row 1, column 0 is 2.1",
    );
    expect(Array.from(symmetricEigenvalues(denseMatrix(Float64Array.of(7), 1, 1)))).toEqual([7]);
  });
});

describe("singularValueDecomposition", () => {
  test("multiplies back, with orthonormal factors, whatever the shape", () => {
    fc.assert(
      fc.property(
        fc.record({
          m: fc.integer({ min: 1, max: 9 }),
          n: fc.integer({ min: 1, max: 9 }),
          seed: fc.nat(1000),
        }),
        ({ m, n, seed }) => {
          const A = gaussianNumbers(seed, m * n);
          const k = Math.min(m, n);
          const svd = singularValueDecomposition(denseMatrix(A, m, n));
          const [U, s, V] = [svd.U.values, svd.s, svd.V.values];
          const scaled = U.map((value, p) => value * s[p % k]);
          expect(largestDifference(product(scaled, transpose(V, n, k), m, k, n), A)).toBeLessThan(1e-13);
          expect(largestDifference(product(transpose(U, m, k), U, k, m, k), identity(k))).toBeLessThan(1e-13);
          expect(largestDifference(product(transpose(V, n, k), V, k, n, k), identity(k))).toBeLessThan(1e-13);
          expect(s).toEqual(s.toSorted().reverse());
          expect(largestDifference(singularValues(denseMatrix(A, m, n)), s)).toBeLessThan(1e-13);
        },
      ),
    );
  });

  // python3 -c "import scipy.linalg as la; print(la.svd(la.hilbert(8)[:, :5])[1])"
  test("gives what scipy prints for five columns of the Hilbert matrix", () => {
    const expected = [1.62600764, 2.47090168e-1, 1.70092946e-2, 6.54422824e-4, 1.29739792e-5];
    const { s } = singularValueDecomposition(denseMatrix(hilbert(8, 5), 8, 5));
    for (let j = 0; j < 5; j++) expect(Math.abs(s[j] / expected[j] - 1)).toBeLessThan(1e-8);
  });
});

describe("qrFactorize", () => {
  test("many columns are multiplied by the transpose of Q as each alone is", () => {
    const [m, n, k] = [50, 40, 6];
    const F = qrFactorize(denseMatrix(gaussianNumbers(1, m * n), m, n));
    const B = gaussianNumbers(2, m * k);
    const adjoint = qrMultiplyAdjoint(F, denseMatrix(B, m, k)).values;
    for (let j = 0; j < k; j++) {
      const column = (of: Float64Array) => Float64Array.from({ length: m }, (_, i) => of[i * k + j]);
      expect(largestDifference(column(adjoint), qrApplyAdjoint(F, column(B)))).toBeLessThan(1e-13);
    }
  });

  const shapes = fc.record({
    m: fc.integer({ min: 1, max: 10 }),
    n: fc.integer({ min: 1, max: 10 }),
    pivoting: fc.boolean(),
    seed: fc.nat(1000),
  });

  test("multiplies back to A P with orthonormal Q, and pivots descend", () => {
    fc.assert(
      fc.property(shapes, ({ m, n, pivoting, seed }) => {
        const A = gaussianNumbers(seed, m * n);
        const k = Math.min(m, n);
        const F = qrFactorize(denseMatrix(A, m, n), { pivoting });
        const [Q, R] = [qrOrthonormal(F).values, qrUpper(F).values];
        const permuted = A.map((_, p) => A[Math.floor(p / n) * n + F.permutation[p % n]]);
        expect(largestDifference(product(Q, R, m, k, n), permuted)).toBeLessThan(1e-13);
        expect(largestDifference(product(transpose(Q, m, k), Q, k, m, k), identity(k))).toBeLessThan(1e-14);
        const b = gaussianNumbers(seed + 1, m);
        expect(largestDifference(qrApplyAdjoint(F, qrApply(F, b.slice())), b)).toBeLessThan(1e-13);
        const pivots = Array.from({ length: k }, (_, j) => Math.abs(R[j * n + j]));
        if (pivoting) expect(pivots).toEqual(pivots.toSorted((a, c) => c - a));
        else expect(Array.from(F.permutation)).toEqual(Array.from({ length: n }, (_, j) => j));
      }),
    );
  });

  // python3 -c "import numpy as np, scipy.linalg as la; V = np.vander(np.linspace(0, 1, 8), 6);
  //   q, r, p = la.qr(V, mode='economic', pivoting=True); print(p, abs(np.diag(r)))"
  test("pivots a Vandermonde matrix as LAPACK does", () => {
    const vandermonde = Float64Array.from({ length: 48 }, (_, k) => (Math.floor(k / 6) / 7) ** (5 - (k % 6)));
    const F = qrFactorize(denseMatrix(vandermonde, 8, 6), { pivoting: true });
    expect(Array.from(F.permutation)).toEqual([5, 3, 0, 4, 2, 1]);
    const R = qrUpper(F).values;
    const expected = [2.82842712, 9.62867438e-1, 3.4229556e-1, 1.52675472e-1, 1.53818097e-2, 1.58255669e-3];
    for (let j = 0; j < 6; j++) expect(Math.abs(R[7 * j]) / expected[j]).toBeCloseTo(1, 8);
  });

  test("reveals the rank of a product, also after scaling over many orders", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.nat(1000),
        fc.integer({ min: -200, max: 200 }),
        (rank, seed, e) => {
          const A = product(
            gaussianNumbers(seed, 20 * rank),
            gaussianNumbers(seed + 1, rank * 8),
            20,
            rank,
            8,
          );
          const F = qrFactorize(
            denseMatrix(
              A.map((value) => value * 10 ** e),
              20,
              8,
            ),
            { pivoting: true },
          );
          expect(qrRank(F)).toBe(rank);
        },
      ),
    );
  });

  test("keeps zero columns and refuses vectors that do not fit", () => {
    const F = qrFactorize(denseMatrix(new Float64Array(6), 3, 2), { pivoting: true });
    expect(qrRank(F)).toBe(0);
    expect(Array.from(qrUpper(F).values)).toEqual([0, 0, 0, 0]);
    expect(() => qrApply(F, new Float64Array(2))).toThrow("b must have 3 numbers, got 2");
    expect(() => qrMultiplyAdjoint(F, denseMatrix(new Float64Array(4), 2, 2))).toThrow(
      "B must have 6 numbers, got 4",
    );
    expect(() => qrFactorize(denseMatrix(new Float64Array(0), 0, 2))).toThrow("at least one row");
  });
});
