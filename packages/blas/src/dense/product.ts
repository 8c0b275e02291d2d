import { leadingDimension, writeRows } from "../matrix.ts";
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

/** Where a matrix is, in bytes: from a row to the next, and from a column. */
interface Stored {
  readonly address: number;
  readonly row: number;
  readonly column: number;
}

/** Of the inner dimension, so much is in WebAssembly memory at a time: long factors are never there as a whole. */
const DEPTH = 1024;

const turned = ({ address, row, column }: Stored): Stored => ({ address, row: column, column: row });

/** Computes a product. */
export function multiply(frame: Frame, product: Product): void {
  const { m, n, k, alpha, a, b, beta, c, part } = product;
  const { gemm, gemmWorkspace } = dense();
  const depth = Math.min(k, DEPTH);
  const sliceA = sliceOf(frame, a.matrix, a.transposed ? "rows" : "columns", depth);
  const same = a.matrix === b.matrix && a.transposed !== b.transposed;
  const sliceB = same ? undefined : sliceOf(frame, b.matrix, b.transposed ? "columns" : "rows", depth);
  const work = frame.bytes(gemmWorkspace(m, n, depth));
  for (let from = 0; from === 0 || from < k; from += depth) {
    const count = Math.min(depth, k - from);
    const storedA = sliceA(from, count);
    const storedB = sliceB ? sliceB(from, count) : storedA;
    const [x, y] = [a.transposed ? turned(storedA) : storedA, b.transposed ? turned(storedB) : storedB];
    const factors = [x.address, x.row, x.column, y.address, y.row, y.column] as const;
    gemm(m, n, count, alpha, ...factors, from === 0 ? beta : 1, c, 8 * n, parts[part], work);
    if (depth === 0) break;
  }
}

/** Brings a number of rows or columns, from one on, into WebAssembly memory; those of a resident are there. */
function sliceOf(
  frame: Frame,
  matrix: AnyMatrix,
  direction: "rows" | "columns",
  most: number,
): (from: number, count: number) => Stored {
  const { rows, columns } = matrix;
  if (matrix instanceof ResidentMatrix) {
    const address = addressOf(matrix);
    const step = direction === "rows" ? 8 * columns : 8;
    return (from) => ({ address: address + from * step, row: 8 * columns, column: 8 });
  }
  const address = frame.numbers(most * (direction === "rows" ? columns : rows));
  const stride = leadingDimension(matrix);
  return (from, count) => {
    const part =
      direction === "rows"
        ? { rows: count, columns, values: matrix.values.subarray(from * stride), leadingDimension: stride }
        : { rows, columns: count, values: matrix.values.subarray(from), leadingDimension: stride };
    writeRows(frame.heap.numbers, address / 8, part);
    return { address, row: 8 * part.columns, column: 8 };
  };
}
