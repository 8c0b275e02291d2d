import { expect, test } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { conjugateGradient } from "../krylov/conjugate-gradient.ts";
import { lsmr } from "../krylov/lsmr.ts";
import { spectralRadius } from "../krylov/spectral-radius.ts";
import { type DenseMatrix, denseMatrix, type Matrix } from "../matrix.ts";
import { csrFromDense } from "../sparse/build.ts";
import { matrixOperator } from "./matrix-operator.ts";
import { residentOperatorOf, symmetricResidentOf } from "./resident-operator.ts";

/** A Gaussian matrix of more entries than methods multiply by in JavaScript. */
function gaussian(rows: number, columns: number, seed: number): DenseMatrix {
  return denseMatrix(randomStream(seed).fillNormal(new Float64Array(rows * columns)), rows, columns);
}

const residentMatrix = (A: Matrix) => matrixOperator(A, { resident: true });

/** The largest |out_i - sum_j A_ij x_j|, or of A^T. */
function errorOf(
  { values, rows, columns }: DenseMatrix,
  x: Float64Array,
  out: Float64Array,
  transposed: boolean,
): number {
  const exact = new Float64Array(transposed ? columns : rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      exact[transposed ? j : i] += values[i * columns + j] * x[transposed ? i : j];
  return exact.reduce((worst, value, i) => Math.max(worst, Math.abs(value - out[i])), 0);
}

test("products with the matrix and its transpose, which return no promise", () => {
  for (const [rows, columns] of [
    [3, 2],
    [300, 500],
  ]) {
    const A = gaussian(rows, columns, 1);
    const operator = residentOperatorOf("A", A);
    const x = randomStream(2).fillNormal(new Float64Array(columns));
    const v = randomStream(3).fillNormal(new Float64Array(rows));
    const [forward, backward] = [new Float64Array(rows), new Float64Array(columns)];
    expect(operator.apply(x, forward)).toBeUndefined();
    expect(operator.applyAdjoint?.(v, backward)).toBeUndefined();
    expect(errorOf(A, x, forward, false)).toBeLessThan(1e-12);
    expect(errorOf(A, v, backward, true)).toBeLessThan(1e-12);
  }
});

test.each([4, 260])("a sparse matrix of order %i has the products of the dense one", (n) => {
  const dense = gaussian(n, n, 7);
  for (let k = 0; k < n * n; k++) if (k % 3 !== 0) dense.values[k] = 0;
  const [x, out] = [randomStream(8).fillNormal(new Float64Array(n)), new Float64Array(n)];
  for (const operator of [residentMatrix, (A: Matrix) => residentOperatorOf("A", A)].map((make) =>
    make(csrFromDense(dense)),
  )) {
    operator.apply(x, out);
    expect(errorOf(dense, x, out, false)).toBeLessThan(1e-12);
    operator.applyAdjoint?.(x, out);
    expect(errorOf(dense, x, out, true)).toBeLessThan(1e-12);
  }
});

test("conjugate gradients with a matrix in WebAssembly memory solve the system", async () => {
  expect.hasAssertions();
  const n = 300;
  // I + ones: x = b - sum(b) / (n + 1)
  const entries = Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 2 : 1));
  const A = matrixOperator(denseMatrix(entries, n, n), { symmetric: true, resident: true });
  const b = Float64Array.from({ length: n }, (_, i) => Math.sin(i));
  const mean = b.reduce((sum, value) => sum + value, 0) / (n + 1);
  for await (const { x, outcome } of conjugateGradient(A, b, { relativeTolerance: 1e-12 }))
    if (outcome) for (const [i, value] of x.entries()) expect(value).toBeCloseTo(b[i] - mean, 10);
});

test("what is no matrix is refused, and so is one that is not symmetric", () => {
  const options = { symmetric: true, resident: true };
  expect(() => matrixOperator(gaussian(3, 3, 9), options)).toThrow("A must be symmetric");
  expect(() => residentMatrix({ ...gaussian(3, 3, 9), columns: 4 })).toThrow("3 x 4 numbers");
});

test("methods take it as any other matrix", async () => {
  const A = gaussian(450, 300, 4);
  const solution = randomStream(5).fillNormal(new Float64Array(300));
  const b = new Float64Array(450);
  for (let i = 0; i < 450; i++) for (let j = 0; j < 300; j++) b[i] += A.values[i * 300 + j] * solution[j];
  for await (const { x, outcome } of lsmr(residentOperatorOf("A", A), b, { relativeTolerance: 1e-12 }))
    if (outcome) for (const [j, value] of solution.entries()) expect(x[j]).toBeCloseTo(value, 9);

  // ones and diag(0 .. 399): the secular equation sum_k 1 / (lambda - k) = 1 gives the largest eigenvalue
  const n = 400;
  const entries = Float64Array.from({ length: n * n }, (_, k) => 1 + (k % (n + 1) === 0 ? k / (n + 1) : 0));
  const { eigenvalue } = await spectralRadius(denseMatrix(entries, n, n), { tolerance: 1e-10 });
  let sum = 0;
  for (let k = 0; k < n; k++) sum += 1 / (eigenvalue - k);
  expect(sum).toBeCloseTo(1, 9);
});

test("symmetry and sizes are still checked", () => {
  const A = gaussian(400, 400, 6);
  expect(() => symmetricResidentOf("A", A)).toThrow("A must be symmetric");
  expect(() => residentOperatorOf("A", { ...A, columns: 401 })).toThrow("400 x 401 numbers");
});
