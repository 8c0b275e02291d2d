import { ConvergenceError } from "../errors.ts";
import type { Frame } from "../memory.ts";
import { powerOfTwo } from "../power-of-two.ts";
import { eigen } from "./family.ts";

/** A symmetric tridiagonal matrix in the heap, its entries near 1. */
export interface Tridiagonal {
  readonly n: number;
  readonly diagonal: number;
  /** n numbers, of which the last has no meaning. */
  readonly offDiagonal: number;
}

/**
 * Divides by a power of two, which rounds nothing.
 *
 * @returns the power
 */
export function normalize({ heap }: Frame, { n, diagonal, offDiagonal }: Tridiagonal): number {
  const { numbers } = heap;
  const d = numbers.subarray(diagonal / 8, diagonal / 8 + n);
  const e = numbers.subarray(offDiagonal / 8, offDiagonal / 8 + n - 1);
  let largest = 0;
  for (const value of d) largest = Math.max(largest, Math.abs(value));
  for (const value of e) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return 1;
  const size = powerOfTwo(largest);
  for (let i = 0; i < n; i++) d[i] /= size;
  for (let i = 0; i < n - 1; i++) e[i] /= size;
  return size;
}

/** @throws ConvergenceError unless the compiled function returned 0 */
function checkConverged(code: number): void {
  if (code !== 0) throw new ConvergenceError("the eigenvalues of a tridiagonal matrix did not converge");
}

/** Numbers of the heap times the factors, one after the other, in descending order. */
export function sortedValues(
  { heap }: Frame,
  address: number,
  count: number,
  factors: readonly number[],
): Float64Array<ArrayBuffer> {
  const values = heap.numbers.slice(address / 8, address / 8 + count).sort();
  for (const factor of factors) for (let i = 0; i < count; i++) values[i] *= factor;
  return values.reverse();
}

/** Overwrites the diagonal with the eigenvalues, unordered. */
export function solveValues({ n, diagonal, offDiagonal }: Tridiagonal): void {
  checkConverged(eigen().tridiagonalValues(n, diagonal, offDiagonal));
}

/**
 * Overwrites the diagonal with the eigenvalues, unordered, and the n rows of `components`, of `width` numbers each, with
 * those components of the vectors that stood in them as columns of the identity.
 */
export function solveComponents(
  { n, diagonal, offDiagonal }: Tridiagonal,
  components: number,
  width: number,
): void {
  checkConverged(eigen().tridiagonalVectors(n, diagonal, offDiagonal, width, components, 8 * width));
}

/** Bytes of workspace that `solveVectors` needs. */
export function vectorsWorkspace(n: number): number {
  return eigen().divideWorkspace(n);
}

/** Where `solveVectors` works. */
export interface VectorsRoom {
  /** Gets n x n numbers: row i is the vector of eigenvalue i. */
  readonly vectors: number;
  /** Gets n i32 numbers: the order in which the eigenvalues ascend. */
  readonly order: number;
  readonly work: number;
}

/** Overwrites the diagonal with the eigenvalues, unordered, and makes their vectors. */
export function solveVectors(
  { heap }: Frame,
  { n, diagonal, offDiagonal }: Tridiagonal,
  { vectors, order, work }: VectorsRoom,
): void {
  const { numbers } = heap;
  numbers.fill(0, vectors / 8, vectors / 8 + n * n);
  for (let i = 0; i < n; i++) numbers[vectors / 8 + i * (n + 1)] = 1;
  checkConverged(eigen().divideAndConquer(n, diagonal, offDiagonal, vectors, 8 * n, order, work));
}
