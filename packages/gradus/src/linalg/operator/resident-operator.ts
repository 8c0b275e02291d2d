import { blasAvailable } from "@gradus/blas";
import { designRows } from "@gradus/blas/rows";
import { isSparse } from "../matrix.ts";
import type { LinearOperator } from "./contract.ts";
import { type OperatorOrMatrix, operatorOf, symmetricOperatorOf } from "./matrix-operator.ts";

/** Entries from which a dense matrix is copied, and up to which copies stay in memory. */
const RESIDENT = { from: 2 ** 17, to: 2 ** 25 };

/**
 * A large dense matrix with compiled products, anything else as it is. The matrix is copied into WebAssembly memory with
 * the first product: at order 1,000 in the time of one product in JavaScript, of which a compiled one takes a third. The
 * copies used last take at most 256 MiB together, and garbage collection frees them.
 */
function resident(A: OperatorOrMatrix, checked: LinearOperator): LinearOperator {
  if ("apply" in A || isSparse(A) || !blasAvailable()) return checked;
  const entries = A.rows * A.columns;
  if (entries < RESIDENT.from || entries > RESIDENT.to) return checked;
  const rows = designRows(A);
  return {
    ...checked,
    apply: (x, out) => rows.product(x, out),
    applyAdjoint: (v, out) => rows.adjoint(v, out),
  };
}

/**
 * `operatorOf` for methods with tens of products that carry compiled code anyway, with a large dense matrix in
 * WebAssembly memory.
 *
 * @throws OutOfMemoryError of @gradus/blas, from the first product, where there is no room for the copy
 */
export function residentOperatorOf(name: string, A: OperatorOrMatrix): LinearOperator {
  return resident(A, operatorOf(name, A));
}

/** As `residentOperatorOf` with `symmetricOperatorOf`. */
export function symmetricResidentOf(name: string, A: OperatorOrMatrix): LinearOperator {
  return resident(A, symmetricOperatorOf(name, A));
}
