import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { cholesky } from "./factorize/cholesky.ts";
import { conjugateGradient } from "./krylov/conjugate-gradient.ts";
import { minres } from "./krylov/minres.ts";
import { checkFiniteEntries, checkMatrix, denseMatrix } from "./matrix.ts";
import { multiply, multiplyTransposed } from "./multiply.ts";
import { matrixOperator } from "./operator/matrix-operator.ts";
import { csrFromDense, csrFromTriplets } from "./sparse/build.ts";
import { checkSymmetric } from "./symmetric.ts";

test("a dense matrix is plain data, its numbers not copied", () => {
  const values = Float64Array.of(1, 2, 3, 4, 5, 6);
  const A = denseMatrix(values, 2, 3);
  expect(A).toEqual({ rows: 2, columns: 3, values });
  expect(A.values).toBe(values);
  expect(denseMatrix([1, 2], 1, 2).values).toEqual(Float64Array.of(1, 2));
  expect(() => denseMatrix(values, 2, 2)).toThrow("values must have rows * columns = 2 * 2 numbers, got 6");
  expect(() => denseMatrix(values, 1.5, 4)).toThrow("rows must be a non-negative integer, got 1.5");
});

test("dense and sparse products are the sums of their definition", () => {
  const A = denseMatrix([1, 0, 2, 0, -3, 4], 2, 3);
  for (const matrix of [A, csrFromDense(A)]) {
    expect(Array.from(multiply(matrix, Float64Array.of(1, 2, 3)))).toEqual([7, 6]);
    expect(Array.from(multiplyTransposed(matrix, Float64Array.of(5, 1)))).toEqual([5, -3, 14]);
    expect(() => multiply(matrix, new Float64Array(2))).toThrow(ArgumentError);
  }
});

test("products read the entries that a matrix has when they are called", () => {
  const A = denseMatrix([1, 0, 2, 0, -3, 4], 2, 3);
  for (const matrix of [A, csrFromDense(A)]) {
    multiply(matrix, Float64Array.of(1, 2, 3));
    multiplyTransposed(matrix, Float64Array.of(5, 1));
    matrix.values[0] = 10;
    expect(Array.from(multiply(matrix, Float64Array.of(1, 2, 3)))).toEqual([16, 6]);
    expect(Array.from(multiplyTransposed(matrix, Float64Array.of(5, 1)))).toEqual([50, -3, 14]);
    matrix.values[0] = 1;
  }
});

test("what is no matrix is refused by name", () => {
  expect(() => multiply(new Float64Array(4) as never, new Float64Array(2))).toThrow(
    "A must be a matrix { rows, columns, values } with a Float64Array of values, got Float64Array of length 4",
  );
  const single = { rows: 2, columns: 2, values: new Float32Array(4) };
  expect(() => multiply(single as never, new Float64Array(2))).toThrow(
    "A must be a matrix { rows, columns, values } with a Float64Array of values, got values: Float32Array of length 4",
  );
  const short = { rows: 2, columns: 2, values: new Float64Array(3) };
  expect(() => checkMatrix("A", short)).toThrow("A must have 2 x 2 numbers, got 3");
  const broken = csrFromDense(denseMatrix([0, 1, 2, 0], 2, 2));
  broken.values[1] = Number.NaN;
  expect(() => checkFiniteEntries("A", broken)).toThrow("A must be finite, got NaN in row 1, column 0");
});

test("an asymmetric entry is found wherever it is, in dense and sparse matrices", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 80 }), fc.nat(), fc.nat(), (n, a, b) => {
      const [i, j] = [a % n, b % n];
      fc.pre(i !== j);
      const values = new Float64Array(n * n);
      for (let k = 0; k < n; k++) values[k * n + ((k + 1) % n)] = values[((k + 1) % n) * n + k] = 1;
      const A = denseMatrix(values, n, n);
      for (const matrix of [A, csrFromDense(A)]) expect(() => checkSymmetric("A", matrix)).not.toThrow();
      values[i * n + j] += 1e-6;
      for (const matrix of [A, csrFromDense(A)]) expect(() => checkSymmetric("A", matrix)).toThrow(DataError);
      expect(() => checkSymmetric("A", A, { asymmetry: 1e-5 })).not.toThrow();
    }),
  );
});

test("methods for symmetric systems refuse other matrices", async () => {
  const A = denseMatrix([2, 1, 0, 2], 2, 2);
  const b = Float64Array.of(1, 1);
  for (const method of [conjugateGradient, minres]) {
    expect(() => method(A, b)).toThrow("A must be symmetric; row 1, column 0 is 0, its mirror 1");
    expect(() => method(matrixOperator(A), b)).toThrow("A must be symmetric: an operator declares it");
    for await (const { x, done } of method(denseMatrix([2, 1, 1, 3], 2, 2), b))
      if (done) expect(Array.from(x)).toEqual([expect.closeTo(0.4, 12), expect.closeTo(0.2, 12)]);
    expect(() => method(A, b, { tolerance: 1 } as never)).toThrow(/symmetric/);
    expect(() => method(denseMatrix([1], 1, 1), Float64Array.of(1), { tolerance: 1 } as never)).toThrow(
      'has no option "tolerance"',
    );
  }
  expect(() => matrixOperator(A, { symmetric: true })).toThrow(DataError);
  expect(() => cholesky(csrFromDense(A) as never)).toThrow("A must be a dense matrix, got a sparse one");
});

test("a sparse matrix is symmetric where the dense one is, whatever zeros it stores", () => {
  const entry = fc.record({
    i: fc.nat(5),
    j: fc.nat(5),
    value: fc.constantFrom(0, 1, -2),
    mirrored: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 14 }), (entries) => {
      const cells = new Map<string, number>();
      for (const { i, j, value, mirrored } of entries) {
        cells.set(`${i} ${j}`, value);
        if (mirrored) cells.set(`${j} ${i}`, value);
      }
      const [rows, columns, values]: [number[], number[], number[]] = [[], [], []];
      const dense = new Float64Array(36);
      for (const [place, value] of cells) {
        const [i, j] = place.split(" ").map(Number);
        rows.push(i);
        columns.push(j);
        values.push(value);
        dense[i * 6 + j] = value;
      }
      const isSymmetric = dense.every((value, k) => value === dense[(k % 6) * 6 + Math.floor(k / 6)]);
      const A = csrFromTriplets(6, 6, { rows, columns, values });
      const check = () => checkSymmetric("A", A);
      if (isSymmetric) expect(check).not.toThrow();
      else expect(check).toThrow("A must be symmetric");
    }),
    { numRuns: 500 },
  );
});
