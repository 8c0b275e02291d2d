import { blasAvailable } from "@gradus/blas";
import { isSparse } from "../matrix.ts";
import { compiledProducts } from "./compiled-products.ts";
import type { LinearOperator } from "./contract.ts";
import { type OperatorOrMatrix, operatorOf, symmetricOperatorOf } from "./matrix-operator.ts";

/** Entries from which a matrix is copied without being asked to, and up to which copies stay in memory. */
const RESIDENT = { fromDense: 2 ** 17, fromSparse: 2 ** 14, to: 2 ** 25 };

/** A large matrix with compiled products, anything else as it is. */
function resident(A: OperatorOrMatrix, checked: LinearOperator): LinearOperator {
  if ("apply" in A || !blasAvailable()) return checked;
  const entries = A.values.length;
  const from = isSparse(A) ? RESIDENT.fromSparse : RESIDENT.fromDense;
  return entries < from || entries > RESIDENT.to ? checked : { ...checked, ...compiledProducts(A) };
}

/**
 * `operatorOf` for methods with tens of products that carry compiled code anyway, with a large matrix in WebAssembly
 * memory, as by `matrixOperator` with `resident`.
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
