import type { Frame } from "../memory.ts";
import { dense } from "./family.ts";

/** Where a matrix is, in bytes: from a row to the next, and from a column. */
export interface Stored {
  readonly address: number;
  readonly row: number;
  readonly column: number;
}

/** A matrix without gaps between its rows, or its transpose. */
export function stored(address: number, columns: number, transposed = false): Stored {
  return transposed ? { address, row: 8, column: 8 * columns } : { address, row: 8 * columns, column: 8 };
}

/** The entries of a result that are computed. */
const parts = { all: 0, lower: 1, upper: 2 } as const;

/** The product of m x k by k x n; c has no gaps between its rows. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly alpha: number;
  readonly a: Stored;
  readonly b: Stored;
  readonly beta: number;
  readonly c: number;
  readonly part?: keyof typeof parts;
}

/** Computes a product of matrices in WebAssembly memory. */
export function multiplyStored(frame: Frame, { m, n, k, alpha, a, b, beta, c, part = "all" }: Product): void {
  const { gemm, gemmWorkspace } = dense();
  const work = frame.bytes(gemmWorkspace(m, n, k));
  const factors = [a.address, a.row, a.column, b.address, b.row, b.column] as const;
  gemm(m, n, k, alpha, ...factors, beta, c, 8 * n, parts[part], work);
}
