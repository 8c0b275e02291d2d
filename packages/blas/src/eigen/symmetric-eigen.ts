import { BlasArgumentError } from "../errors.ts";
import { copyIn, copyOut, leadingDimension, type Matrix, type Triangle, zeros } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
import { type AnyMatrix, checkSquareOperand } from "../operand.ts";
import { checkEither, checkOptions, TRIANGLES } from "../options.ts";
import { powerOfTwo } from "../power-of-two.ts";
import { addressOf, ResidentMatrix } from "../resident.ts";
import { eigen } from "./family.ts";
import {
  normalize,
  solveValues,
  solveVectors,
  sortedValues,
  type Tridiagonal,
  vectorsWorkspace,
} from "./tridiagonal.ts";

/** A = V diag(values) V^T. */
export interface SymmetricEigen {
  /** Descending. */
  readonly values: Float64Array;
  /** n x n; column j is the unit eigenvector of values[j]. */
  readonly vectors: Matrix;
}

/** A symmetric matrix. */
export interface SymmetricArguments {
  readonly a: AnyMatrix;
  /** The one that is read, the lower unless given. */
  readonly triangle?: Triangle;
}

/** Between this and its reciprocal, entries have squares that neither overflow nor underflow. */
const SAFE = 1e100;

/** @throws BlasArgumentError naming the first entry of the triangle that is not finite */
function refuse(a: Matrix, triangle: Triangle): never {
  for (let i = 0; ; i++) {
    const [from, to] = triangle === "lower" ? [0, i + 1] : [i, a.rows];
    for (let j = from; j < to; j++) {
      const entry = a.values[i * leadingDimension(a) + j];
      if (!Number.isFinite(entry))
        throw new BlasArgumentError(`a must be finite, got ${entry} in row ${i}, column ${j}`);
    }
  }
}

/** @returns the order of the matrix */
function checkSymmetric(problem: SymmetricArguments): number {
  checkOptions(problem, ["a", "triangle"]);
  return checkSquareOperand("a", problem.a);
}

/** The address of a copy of n x n numbers, of which the lower triangle counts. */
function copyLower(frame: Frame, a: AnyMatrix, triangle: Triangle): number {
  const n = a.rows;
  let address: number;
  if (a instanceof ResidentMatrix) {
    address = frame.numbers(n * n);
    const from = addressOf(a) / 8;
    frame.heap.numbers.copyWithin(address / 8, from, from + n * n);
  } else address = copyIn(frame, a);
  if (triangle === "upper") eigen().mirrorUpper(n, address, 8 * n);
  return address;
}

/** T = Q^T A Q, divided by powers of two. */
interface Reduced extends Tridiagonal {
  /** Their product may overflow. */
  readonly scales: readonly number[];
  /** Where the copy of A was, now with the reflections. */
  readonly reflections: number;
  readonly tau: number;
}

/** Reduces a copy of A, divided by a power of two; `work` has room for `reductionWorkspace(n)` bytes. */
function reduce(frame: Frame, { a, triangle = "lower" }: SymmetricArguments, work: number): Reduced {
  checkEither("triangle", triangle, TRIANGLES);
  const n = a.rows;
  const { largestEntry, tridiagonalReduction } = eigen();
  const address = copyLower(frame, a, triangle);
  const [diagonal, offDiagonal, tau] = [frame.numbers(n), frame.numbers(n), frame.numbers(n)];
  const largest = largestEntry(n, address, 8 * n);
  if (largest === Number.POSITIVE_INFINITY) refuse(a instanceof ResidentMatrix ? a.toMatrix() : a, triangle);
  let scale = 1;
  if (largest > SAFE || (largest > 0 && largest < 1 / SAFE)) {
    scale = powerOfTwo(largest);
    const { numbers } = frame.heap;
    for (let i = address / 8, end = i + n * n; i < end; i++) numbers[i] /= scale;
  }
  tridiagonalReduction(n, address, 8 * n, diagonal, offDiagonal, tau, work);
  const scales = [normalize(frame, { n, diagonal, offDiagonal }), scale];
  return { n, diagonal, offDiagonal, tau, scales, reflections: address };
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix: reduction to tridiagonal form in panels, divide and conquer,
 * and the reflections applied in blocks; 14 n^3 / 3 flops at most. DSYEVD of LAPACK, which has the eigenvalues ascending.
 *
 * @throws BlasArgumentError when A is not square, or an entry is not finite
 * @throws ConvergenceError, OutOfMemoryError
 */
export function symmetricEigen(problem: SymmetricArguments): SymmetricEigen {
  const n = checkSymmetric(problem);
  return withFrame(`the eigenvectors of a ${n} x ${n} matrix`, (frame) => {
    if (n === 0) return { values: new Float64Array(0), vectors: zeros(0, 0) };
    const { applyReflections, applyWorkspace, reductionWorkspace, transposeInOrder } = eigen();
    const needs = [reductionWorkspace(n), vectorsWorkspace(n), applyWorkspace(n, n)];
    const work = frame.bytes(Math.max(...needs));
    const z = frame.numbers(n * n);
    const order = frame.bytes(4 * n);
    const reduced = reduce(frame, problem, work);
    const { diagonal, reflections, tau, scales } = reduced;
    solveVectors(frame, reduced, { vectors: z, order, work });
    applyReflections(n, n, reflections, 8 * n, tau, z, work);
    transposeInOrder(n, z, order, reflections);
    const vectors = zeros(n, n);
    copyOut(frame, reflections, vectors);
    return { values: sortedValues(frame, diagonal, n, scales), vectors };
  });
}

/**
 * All eigenvalues of a symmetric matrix: reduction to tridiagonal form in panels and QL iterations without square
 * roots; 4 n^3 / 3 flops. DSYEVD of LAPACK without vectors.
 *
 * @returns in descending order
 * @throws BlasArgumentError when A is not square, or an entry is not finite
 * @throws ConvergenceError, OutOfMemoryError
 */
export function symmetricEigenvalues(problem: SymmetricArguments): Float64Array<ArrayBuffer> {
  const n = checkSymmetric(problem);
  return withFrame(`the eigenvalues of a ${n} x ${n} matrix`, (frame) => {
    if (n === 0) return new Float64Array(0);
    const reduced = reduce(frame, problem, frame.bytes(eigen().reductionWorkspace(n)));
    solveValues(reduced);
    return sortedValues(frame, reduced.diagonal, n, reduced.scales);
  });
}
