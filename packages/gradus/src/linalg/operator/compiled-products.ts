import { designRows } from "@gradus/blas/rows";
import { sparseRows } from "@gradus/blas/sparse";
import { isSparse, type Matrix } from "../matrix.ts";
import type { LinearOperator } from "./contract.ts";

/**
 * Compiled products with a copy of a well-formed matrix in WebAssembly memory, made with the first product; the matrix
 * must not change from then on. The copies used last take at most 256 MiB together, and garbage collection frees them.
 */
export function compiledProducts(A: Matrix): Required<Pick<LinearOperator, "apply" | "applyAdjoint">> {
  const rows = isSparse(A) ? sparseRows(A) : designRows(A);
  return {
    apply: (x, out) => rows.product(x, out),
    applyAdjoint: (v, out) => rows.adjoint(v, out),
  };
}
