import { trsm } from "@gradus/blas/dense";
import { checkLength } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { compiledFrom } from "../compiled.ts";
import { checkDense, type DenseMatrix } from "../matrix.ts";
import { checkSquare } from "../square.ts";

/** Right-hand sides of a linear system: one vector, or a matrix with one in each column. */
export type RightSide = Float64Array | DenseMatrix;

/**
 * Right-hand sides of a system of order n as a matrix, not copied.
 *
 * @throws ArgumentError when the sizes do not fit
 */
export function sideOf(B: RightSide, n: number): DenseMatrix {
  if (B instanceof Float64Array) {
    checkLength("the right-hand side", B, n);
    return { rows: n, columns: 1, values: B };
  }
  checkDense("the right-hand side", B);
  if (B.rows !== n) throw new ArgumentError(`the right-hand side must have ${n} rows, got ${shown(B.rows)}`);
  return B;
}

/** A copy of right-hand sides. */
export function copyOfSide<B extends RightSide>(B: B): B;
export function copyOfSide(B: RightSide): RightSide {
  return B instanceof Float64Array ? B.slice() : { ...B, values: B.values.slice() };
}

/** The order of a triangular matrix. */
function orderOf(name: string, A: DenseMatrix): number {
  checkDense(name, A);
  return checkSquare(A, name);
}

/** sum_j T_{row + j} x_j,  from <= j < to, in four parts, so that an addition does not wait for the one before it. */
function partialProduct(T: Float64Array, row: number, x: Float64Array, from: number, to: number): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let j = from;
  for (; j + 4 <= to; j += 4) {
    sum0 += T[row + j] * x[j];
    sum1 += T[row + j + 1] * x[j + 1];
    sum2 += T[row + j + 2] * x[j + 2];
    sum3 += T[row + j + 3] * x[j + 3];
  }
  for (; j < to; j++) sum0 += T[row + j] * x[j];
  return sum0 + sum1 + (sum2 + sum3);
}

/**
 * Solves L X = B in place, L lower triangular; what stands above its diagonal is not read.
 *
 * @param L n x n
 * @param B one right-hand side of n numbers, or a matrix with one in each column; overwritten by X
 * @returns B
 * @throws ArgumentError when the sizes do not fit
 */
export function solveLower<B extends RightSide>(L: DenseMatrix, B: B): B {
  solveLowerInPlace(L.values, orderOf("L", L), sideOf(B, L.rows));
  return B;
}

/** `solveLower` for an L with ones on the diagonal, which is not read either. */
export function solveUnitLower<B extends RightSide>(L: DenseMatrix, B: B): B {
  solveLowerInPlace(L.values, orderOf("L", L), sideOf(B, L.rows), true);
  return B;
}

function solveLowerInPlace(
  L: Float64Array,
  n: number,
  { columns: k, values: B }: DenseMatrix,
  unitDiagonal = false,
): void {
  if (k === 1) {
    for (let i = 0; i < n; i++) {
      B[i] -= partialProduct(L, i * n, B, 0, i);
      if (!unitDiagonal) B[i] /= L[i * n + i];
    }
    return;
  }
  if (n * n * k >= compiledFrom.triangular) {
    trsm({
      t: { rows: n, columns: n, values: L },
      triangle: "lower",
      unitDiagonal,
      b: { rows: n, columns: k, values: B },
    });
    return;
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const factor = L[i * n + j];
      if (factor !== 0) for (let c = 0; c < k; c++) B[i * k + c] -= factor * B[j * k + c];
    }
    if (!unitDiagonal) for (let c = 0; c < k; c++) B[i * k + c] /= L[i * n + i];
  }
}

/**
 * Solves L^T X = B in place, L lower triangular; what stands above its diagonal is not read.
 *
 * @param L n x n
 * @param B one right-hand side of n numbers, or a matrix with one in each column; overwritten by X
 * @returns B
 * @throws ArgumentError when the sizes do not fit
 */
export function solveLowerTransposed<B extends RightSide>(L: DenseMatrix, B: B): B {
  solveLowerTransposedInPlace(L.values, orderOf("L", L), sideOf(B, L.rows));
  return B;
}

/** x_i of  L^T x = b,  what follows it being done. */
function solveRow(L: Float64Array, n: number, i: number, B: Float64Array): number {
  B[i] /= L[i * n + i];
  return B[i];
}

/** The last four of the first `end` unknowns of  L^T x = b,  and their share in those before, which are read once. */
function solveFourRows(L: Float64Array, n: number, end: number, B: Float64Array): void {
  const first = end - 4;
  const r0 = first * n;
  const r1 = r0 + n;
  const r2 = r1 + n;
  const r3 = r2 + n;
  const x3 = solveRow(L, n, first + 3, B);
  B[first + 2] -= L[r3 + first + 2] * x3;
  const x2 = solveRow(L, n, first + 2, B);
  B[first + 1] -= L[r3 + first + 1] * x3 + L[r2 + first + 1] * x2;
  const x1 = solveRow(L, n, first + 1, B);
  B[first] -= L[r3 + first] * x3 + L[r2 + first] * x2 + L[r1 + first] * x1;
  const x0 = solveRow(L, n, first, B);
  for (let j = 0; j < first; j++) B[j] -= L[r0 + j] * x0 + L[r1 + j] * x1 + (L[r2 + j] * x2 + L[r3 + j] * x3);
}

function solveLowerTransposedInPlace(
  L: Float64Array,
  n: number,
  { columns: k, values: B }: DenseMatrix,
): void {
  if (k === 1) {
    let i = n;
    for (; i >= 4; i -= 4) solveFourRows(L, n, i, B);
    while (i > 0) {
      i -= 1;
      const x = solveRow(L, n, i, B);
      for (let j = 0; j < i; j++) B[j] -= L[i * n + j] * x;
    }
    return;
  }
  if (n * n * k >= compiledFrom.triangular) {
    trsm({
      t: { rows: n, columns: n, values: L },
      triangle: "lower",
      transpose: true,
      b: { rows: n, columns: k, values: B },
    });
    return;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let c = 0; c < k; c++) B[i * k + c] /= L[i * n + i];
    for (let j = 0; j < i; j++) {
      const factor = L[i * n + j];
      if (factor !== 0) for (let c = 0; c < k; c++) B[j * k + c] -= factor * B[i * k + c];
    }
  }
}

/**
 * Solves U X = B in place, U upper triangular; what stands below its diagonal is not read.
 *
 * @param U n x n
 * @param B one right-hand side of n numbers, or a matrix with one in each column; overwritten by X
 * @returns B
 * @throws ArgumentError when the sizes do not fit
 */
export function solveUpper<B extends RightSide>(U: DenseMatrix, B: B): B {
  solveUpperInPlace(U.values, orderOf("U", U), sideOf(B, U.rows));
  return B;
}

function solveUpperInPlace(U: Float64Array, n: number, { columns: k, values: B }: DenseMatrix): void {
  if (k === 1) {
    for (let i = n - 1; i >= 0; i--) B[i] = (B[i] - partialProduct(U, i * n, B, i + 1, n)) / U[i * n + i];
    return;
  }
  if (n * n * k >= compiledFrom.triangular) {
    trsm({
      t: { rows: n, columns: n, values: U },
      triangle: "upper",
      b: { rows: n, columns: k, values: B },
    });
    return;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) {
      const factor = U[i * n + j];
      if (factor !== 0) for (let c = 0; c < k; c++) B[i * k + c] -= factor * B[j * k + c];
    }
    for (let c = 0; c < k; c++) B[i * k + c] /= U[i * n + i];
  }
}
