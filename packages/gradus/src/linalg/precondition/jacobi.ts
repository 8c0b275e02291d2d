import { ArgumentError } from "../../check/errors.ts";
import { isSparse, type Matrix } from "../matrix.ts";
import type { LinearOperator } from "../operator/contract.ts";
import { diagonalOperator } from "../operator/structured.ts";
import { csrFromDense } from "../sparse/build.ts";
import { csrDiagonal } from "../sparse/csr.ts";
import { checkEntries } from "./entries.ts";

/**
 * The inverse of A's diagonal, as a preconditioner; 1 where the diagonal is 0 (an empty row of a masked grid).
 *
 * @throws ArgumentError when A is no matrix, or naming a diagonal entry that is negative
 */
export function jacobiPreconditioner(A: Matrix): LinearOperator {
  checkEntries("A", A);
  const diagonal = csrDiagonal(isSparse(A) ? A : csrFromDense(A));
  for (let i = 0; i < diagonal.length; i++) {
    if (diagonal[i] < 0)
      throw new ArgumentError(`the diagonal of A must be non-negative, got ${diagonal[i]} in row ${i}`);
    diagonal[i] = diagonal[i] === 0 ? 1 : 1 / diagonal[i];
  }
  return diagonalOperator(diagonal);
}
