import { copyRows, leadingDimension } from "../matrix.ts";
import type { Frame } from "../memory.ts";
import type { AnyMatrix } from "../operand.ts";
import { addressOf, ResidentMatrix } from "../resident.ts";
import { dense } from "./family.ts";

/** A factor of a product, X or X^T. */
export interface Factor {
  readonly matrix: AnyMatrix;
  readonly transposed: boolean;
}

/** The entries of a result that are computed. */
const parts = { all: 0, lower: 1, upper: 2 } as const;

/** C = alpha op(A) op(B) + beta C,  m x k by k x n. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly alpha: number;
  readonly a: Factor;
  readonly b: Factor;
  readonly beta: number;
  /** Address of C, which has no gaps between its rows. */
  readonly c: number;
  readonly part: keyof typeof parts;
}

/** Of the inner dimension, so much is in WebAssembly memory at a time: long factors are never there as a whole. */
const DEPTH = 1024;

/** Computes a product. */
export function multiply(frame: Frame, product: Product): void {
  const { m, n, k, alpha, a, b, beta, c, part } = product;
  const { gemm, gemmWorkspace } = dense();
  const depth = Math.min(k, DEPTH);
  const slicesA = slicesOf(frame, a.matrix, a.transposed, depth);
  const same = a.matrix === b.matrix && a.transposed !== b.transposed;
  const slicesB = same ? slicesA : slicesOf(frame, b.matrix, !b.transposed, depth);
  const work = frame.bytes(gemmWorkspace(m, n, depth));
  for (let from = 0; from === 0 || from < k; from += depth) {
    const count = Math.min(depth, k - from);
    const x = bring(frame, slicesA, from, count);
    const y = same ? x : bring(frame, slicesB, from, count);
    const rowA = rowBytes(slicesA, count);
    const rowB = rowBytes(slicesB, count);
    // a transpose is an exchange of strides
    const [acrossA, alongA] = a.transposed ? [8, rowA] : [rowA, 8];
    const [acrossB, alongB] = b.transposed ? [8, rowB] : [rowB, 8];
    const factor = from === 0 ? beta : 1;
    gemm(m, n, count, alpha, x, acrossA, alongA, y, acrossB, alongB, factor, c, 8 * n, parts[part], work);
    if (depth === 0) break;
  }
}

/** A factor that is brought into WebAssembly memory some rows or columns at a time, to the same address; a resident is there. */
interface Slices {
  readonly matrix: AnyMatrix;
  readonly byRows: boolean;
  readonly address: number;
}

/** @param most rows or columns of a slice */
function slicesOf(frame: Frame, matrix: AnyMatrix, byRows: boolean, most: number): Slices {
  const address =
    matrix instanceof ResidentMatrix
      ? addressOf(matrix)
      : frame.numbers(most * (byRows ? matrix.columns : matrix.rows));
  return { matrix, byRows, address };
}

/** The address of rows or columns `from` to `from + count`. */
function bring(frame: Frame, { matrix, byRows, address }: Slices, from: number, count: number): number {
  const { rows, columns } = matrix;
  if (matrix instanceof ResidentMatrix) return address + 8 * from * (byRows ? columns : 1);
  const stride = leadingDimension(matrix);
  const first = from * (byRows ? stride : 1);
  const [height, width] = byRows ? [count, columns] : [rows, count];
  copyRows(height, width, matrix.values, first, stride, frame.heap.numbers, address / 8, width);
  return address;
}

/** Bytes from a row of a slice to the next. */
function rowBytes({ matrix, byRows }: Slices, count: number): number {
  return 8 * (byRows || matrix instanceof ResidentMatrix ? matrix.columns : count);
}
