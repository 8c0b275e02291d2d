import { checkDense, isSparse } from "../../../linalg/matrix.ts";
import { checkCsr } from "../../../linalg/sparse/build.ts";
import type { SystemMatrix } from "./contract.ts";

/** A symmetric system with rows and columns of about the same size: D A D y = D b, x = D y. */
export interface EquilibratedSystem {
  readonly A: SystemMatrix;
  /** The diagonal of D. */
  readonly scale: Float64Array;
}

const SWEEPS = 20;

/**
 * Symmetric equilibration: D with rows and columns of D A D of length about 1, by repeated division by the square
 * roots of the row lengths. Rows of zeros keep scale 1.
 * Source: Ruiz 2001, "A scaling algorithm to equilibrate both rows and columns norms in matrices", with Euclidean
 * norms.
 *
 * @param A symmetric; left as it is
 * @throws ArgumentError when the sizes of A do not fit
 */
export function equilibrate(A: SystemMatrix): EquilibratedSystem {
  if (isSparse(A)) checkCsr(A);
  else checkDense("A", A);
  const { rows: n } = A;
  const values = A.values.slice();
  const scale = new Float64Array(n).fill(1);
  const squares = new Float64Array(n);
  const sparse = isSparse(A) ? A : undefined;
  const begin = (i: number) => (sparse ? sparse.rowPointers[i] : i * n);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    squares.fill(0);
    for (let i = 0; i < n; i++)
      for (let k = begin(i); k < begin(i + 1); k++) squares[i] += values[k] * values[k];
    const factor = squares.map((square) => (square > 0 ? square ** -0.25 : 1));
    for (let i = 0; i < n; i++) {
      scale[i] *= factor[i];
      for (let k = begin(i); k < begin(i + 1); k++)
        values[k] *= factor[i] * factor[sparse ? sparse.columnIndices[k] : k - begin(i)];
    }
  }
  return { A: { ...A, values }, scale };
}
