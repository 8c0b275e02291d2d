import { ArgumentError } from "../../check/errors.ts";
import type { LinearOperator } from "../operator/contract.ts";
import { diagonalOperator } from "../operator/structured.ts";
import { type CsrMatrix, csrDiagonal } from "../sparse/csr.ts";

/**
 * The inverse of A's diagonal, as a preconditioner; 1 where the diagonal is 0 (an empty row of a masked grid).
 *
 * @throws ArgumentError naming a diagonal entry that is negative
 */
export function jacobiPreconditioner(A: CsrMatrix): LinearOperator {
  const diagonal = csrDiagonal(A);
  for (let i = 0; i < diagonal.length; i++) {
    if (diagonal[i] < 0)
      throw new ArgumentError(`the diagonal of A must be non-negative, got ${diagonal[i]} in row ${i}`);
    diagonal[i] = diagonal[i] === 0 ? 1 : 1 / diagonal[i];
  }
  return diagonalOperator(diagonal);
}
