import { BlasArgumentError } from "../errors.ts";
import { checkedLength, checkVector, copyOut, zeros } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
import { checkOptions } from "../options.ts";
import { eigen } from "./family.ts";
import type { SymmetricEigen } from "./symmetric-eigen.ts";
import {
  normalize,
  solveComponents,
  solveValues,
  solveVectors,
  sortedValues,
  type Tridiagonal,
  vectorsWorkspace,
} from "./tridiagonal.ts";

/** A symmetric tridiagonal matrix. */
export interface TridiagonalArguments {
  /** n numbers. */
  readonly diagonal: Float64Array;
  /** n - 1 numbers. */
  readonly offDiagonal: Float64Array;
}

/** Eigenvalues, and the ends of the unit eigenvectors. */
export interface TridiagonalEnds {
  /** Descending. */
  readonly values: Float64Array;
  /** The first component of each vector; the squares are the weights of Gauss quadrature. */
  readonly first: Float64Array;
  readonly last: Float64Array;
}

/** @throws BlasArgumentError */
function checkTridiagonal(problem: TridiagonalArguments): number {
  checkOptions(problem, ["diagonal", "offDiagonal"]);
  const { diagonal, offDiagonal } = problem;
  const n = checkedLength("diagonal", diagonal);
  checkVector("offDiagonal", offDiagonal, Math.max(0, n - 1));
  for (const [name, values] of [
    ["diagonal", diagonal],
    ["offDiagonal", offDiagonal],
  ] as const) {
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) throw new BlasArgumentError(`${name} must be finite, got ${values[at]} at index ${at}`);
  }
  return n;
}

/** A copy in the heap, divided by a power of two. */
function copyTridiagonal(
  frame: Frame,
  { diagonal, offDiagonal }: TridiagonalArguments,
): Tridiagonal & { readonly scale: number } {
  const n = diagonal.length;
  const d = frame.copy(diagonal);
  const e = frame.numbers(n);
  frame.heap.numbers.set(offDiagonal, e / 8);
  const matrix = { n, diagonal: d, offDiagonal: e };
  return { ...matrix, scale: normalize(frame, matrix) };
}

/**
 * All eigenvalues and eigenvectors of a symmetric tridiagonal matrix, by divide and conquer. DSTEDC of LAPACK, which has
 * the eigenvalues ascending.
 *
 * @throws BlasArgumentError when the lengths do not fit, or a number is not finite
 * @throws ConvergenceError, OutOfMemoryError
 */
export function tridiagonalEigen(problem: TridiagonalArguments): SymmetricEigen {
  const n = checkTridiagonal(problem);
  return withFrame(`the eigenvectors of a tridiagonal matrix of order ${n}`, (frame) => {
    if (n === 0) return { values: new Float64Array(0), vectors: zeros(0, 0) };
    const work = frame.bytes(Math.max(vectorsWorkspace(n), 8 * n * n));
    const z = frame.numbers(n * n);
    const order = frame.bytes(4 * n);
    const matrix = copyTridiagonal(frame, problem);
    solveVectors(frame, matrix, { vectors: z, order, work });
    eigen().transposeInOrder(n, z, order, work);
    const vectors = zeros(n, n);
    copyOut(frame, work, vectors);
    return { values: sortedValues(frame, matrix.diagonal, n, [matrix.scale]), vectors };
  });
}

/**
 * All eigenvalues of a symmetric tridiagonal matrix, by QL iterations without square roots. DSTERF of LAPACK.
 *
 * @returns in descending order
 * @throws BlasArgumentError when the lengths do not fit, or a number is not finite
 * @throws ConvergenceError, OutOfMemoryError
 */
export function tridiagonalEigenvalues(problem: TridiagonalArguments): Float64Array<ArrayBuffer> {
  const n = checkTridiagonal(problem);
  return withFrame(`the eigenvalues of a tridiagonal matrix of order ${n}`, (frame) => {
    if (n === 0) return new Float64Array(0);
    const matrix = copyTridiagonal(frame, problem);
    solveValues(matrix);
    return sortedValues(frame, matrix.diagonal, n, [matrix.scale]);
  });
}

/**
 * All eigenvalues of a symmetric tridiagonal matrix with the first and the last components of the eigenvectors, in O(n^2).
 * Source: Golub & Welsch 1969, "Calculation of Gauss quadrature rules".
 *
 * @throws BlasArgumentError when the lengths do not fit, or a number is not finite
 * @throws ConvergenceError, OutOfMemoryError
 */
export function tridiagonalEnds(problem: TridiagonalArguments): TridiagonalEnds {
  const n = checkTridiagonal(problem);
  return withFrame(`the eigenvalues of a tridiagonal matrix of order ${n}`, (frame) => {
    const matrix = copyTridiagonal(frame, problem);
    const rows = frame.numbers(2 * n);
    const { numbers } = frame.heap;
    const ends = numbers.subarray(rows / 8, rows / 8 + 2 * n).fill(0);
    if (n > 0) {
      ends[0] = 1;
      ends[2 * n - 1] = 1;
      solveComponents(matrix, rows, 2);
    }
    const d = numbers.slice(matrix.diagonal / 8, matrix.diagonal / 8 + n);
    // equal ones in the order that they have in tridiagonalEigen
    const order = Array.from(d.keys())
      .sort((i, j) => d[i] - d[j])
      .reverse();
    return {
      values: Float64Array.from(order, (i) => d[i] * matrix.scale),
      first: Float64Array.from(order, (i) => ends[2 * i]),
      last: Float64Array.from(order, (i) => ends[2 * i + 1]),
    };
  });
}
