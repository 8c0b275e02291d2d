import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import { cholesky } from "../factorize/cholesky.ts";
import { poissonOperator } from "../grids/diffusion.ts";
import { conjugateGradient } from "../krylov/conjugate-gradient.ts";
import { denseMatrix } from "../matrix.ts";
import { operatorEntries } from "../operator/contract.ts";
import { diagonalOperator } from "../operator/structured.ts";
import { csrFromDense, csrFromTriplets } from "../sparse/build.ts";
import { type CsrMatrix, csrToDense } from "../sparse/csr.ts";
import { gaussianNumbers, largestDifference } from "../test-matrices.ts";
import { factoredPreconditioner, incompleteCholesky } from "./incomplete-cholesky.ts";
import { jacobiPreconditioner } from "./jacobi.ts";

/** The five-point Laplacian on an N x N grid; with Neumann walls its rows sum to 0. */
function laplacian(N: number, neumann = false): CsrMatrix {
  const triplets = { rows: [] as number[], columns: [] as number[], values: [] as number[] };
  const put = (row: number, column: number, value: number) => {
    triplets.rows.push(row);
    triplets.columns.push(column);
    triplets.values.push(value);
  };
  for (let i = 0; i < N; i++)
    for (let j = 0; j < N; j++) {
      const cell = i * N + j;
      const neighbors = [
        [i - 1, j],
        [i + 1, j],
        [i, j - 1],
        [i, j + 1],
      ].filter(([a, b]) => a >= 0 && b >= 0 && a < N && b < N);
      put(cell, cell, neumann ? neighbors.length : 4);
      for (const [a, b] of neighbors) put(cell, a * N + b, -1);
    }
  return csrFromTriplets(N * N, N * N, triplets);
}

describe("incompleteCholesky", () => {
  test("is the whole factor where there is no fill-in", () => {
    const n = 12;
    const dense = Float64Array.from({ length: n * n }, (_, k) => {
      const gap = Math.abs(Math.floor(k / n) - (k % n));
      return gap === 0 ? 3 : gap === 1 ? -1.2 : 0;
    });
    const L = csrToDense(incompleteCholesky(csrFromDense(denseMatrix(dense, n, n))));
    expect(largestDifference(L.values, cholesky(denseMatrix(dense, n, n)).L.values)).toBeLessThan(1e-15);
  });

  test("L L^T equals A on A's pattern: what defines it", () => {
    const A = laplacian(6);
    const n = 36;
    const [dense, L] = [csrToDense(A).values, csrToDense(incompleteCholesky(A)).values];
    let elsewhere = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += L[i * n + k] * L[j * n + k];
        if (dense[i * n + j] !== 0) expect(sum).toBeCloseTo(dense[i * n + j], 13);
        else elsewhere = Math.max(elsewhere, Math.abs(sum));
      }
    expect(elsewhere).toBeGreaterThan(0.1);
  });

  test("its solves invert L L^T", async () => {
    const L = incompleteCholesky(laplacian(5));
    const [dense, inverse] = [csrToDense(L), await operatorEntries(factoredPreconditioner(L))].map(
      ({ values }) => values,
    );
    const n = 25;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++)
          for (let l = 0; l < n; l++) sum += dense[i * n + l] * dense[k * n + l] * inverse[k * n + j];
        expect(sum).toBeCloseTo(i === j ? 1 : 0, 12);
      }
  });

  test("floors the pivots of a semidefinite matrix and of empty rows", () => {
    const L = incompleteCholesky(laplacian(4, true));
    const dense = csrToDense(L).values;
    for (let i = 0; i < 16; i++) expect(dense[i * 16 + i]).toBeGreaterThanOrEqual(1e-4);
    const empty = csrFromTriplets(2, 2, { rows: [1], columns: [1], values: [4] });
    expect(Array.from(csrToDense(incompleteCholesky(empty, { pivotFloor: 0.25 })).values)).toEqual([
      0.5, 0, 0, 2,
    ]);
  });

  test("refuses what is not square and a floor that is not positive", () => {
    expect(() => incompleteCholesky(csrFromDense(denseMatrix(new Float64Array(6), 2, 3)))).toThrow(
      "square, got 2 x 3",
    );
    expect(() => incompleteCholesky(laplacian(2), { pivotFloor: 0 })).toThrow(ArgumentError);
  });
});

test("conjugate gradients take about a third of the steps with an incomplete factor", async () => {
  const A = laplacian(32);
  const b = gaussianNumbers(1, 1024);
  const options = { relativeTolerance: 1e-8 };
  const plain = await solve(conjugateGradient(A, b, options));
  const preconditioner = factoredPreconditioner(incompleteCholesky(A));
  const better = await solve(conjugateGradient(A, b, { ...options, preconditioner }));
  expect(better.iterate.iteration).toBeLessThan(0.45 * plain.iterate.iteration);
  expect(largestDifference(better.iterate.x, plain.iterate.x)).toBeLessThan(1e-5);
});

test("Jacobi's preconditioner divides by the diagonal, by 1 where it is 0", async () => {
  const A = csrFromTriplets(3, 3, { rows: [0, 2, 2], columns: [0, 2, 0], values: [4, 0.5, 1] });
  expect(Array.from((await operatorEntries(jacobiPreconditioner(A))).values)).toEqual([
    0.25, 0, 0, 0, 1, 0, 0, 0, 2,
  ]);
  const negative = csrFromTriplets(2, 2, { rows: [1], columns: [1], values: [-1] });
  expect(() => jacobiPreconditioner(negative)).toThrow("got -1 in row 1");
});

test("dense matrices are taken too, and what is no matrix is refused", () => {
  const A = laplacian(4);
  const dense = csrToDense(A);
  expect(incompleteCholesky(dense)).toEqual(incompleteCholesky(A));
  const r = gaussianNumbers(1, 16);
  const [a, b] = [new Float64Array(16), new Float64Array(16)];
  jacobiPreconditioner(dense).apply(r, a);
  jacobiPreconditioner(A).apply(r, b);
  expect(a).toEqual(b);
  const operator = { rows: 16, columns: 16, symmetric: true, apply: () => {} };
  const message = "A must be a matrix { rows, columns, values }";
  // @ts-expect-error: an operator has no entries
  expect(() => incompleteCholesky(operator)).toThrow(message);
  // @ts-expect-error: an operator has no entries
  expect(() => jacobiPreconditioner(operator)).toThrow(message);
});

test("an operator that comes for a matrix is told where its matrix is", async () => {
  const poisson = poissonOperator({ shape: [3, 3] });
  for (const made of [jacobiPreconditioner, incompleteCholesky]) {
    // @ts-expect-error: an operator has no entries
    expect(() => made(poisson)).toThrow("got an operator; pass its matrix, A.toCsr()");
    expect(() => made(poisson.toCsr())).not.toThrow();
    const operator = diagonalOperator(Float64Array.of(1, 2));
    // @ts-expect-error: an operator has no entries
    expect(() => made(operator)).toThrow("got an operator; pass its matrix, await operatorEntries(A)");
    const entries = await operatorEntries(operator);
    expect(() => made(entries)).not.toThrow();
  }
});
