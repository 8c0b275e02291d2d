import { DataError } from "../../../check/errors.ts";
import { isSparse } from "../../../linalg/matrix.ts";
import { checkCsr, csrFromDense } from "../../../linalg/sparse/build.ts";
import { csrDiagonal, csrMultiply } from "../../../linalg/sparse/csr.ts";
import { checkSquare } from "../../../linalg/square.ts";
import { checkSymmetric } from "../../../linalg/symmetric.ts";
import { checkDesign, type DesignMatrix, rowNumbers } from "../../../objectives/design-matrix.ts";
import type { BlockProblem } from "../problem.ts";

/**
 * A sparse quadratic  f(x) = 1/2 x^T A x - c^T x  by blocks;  g = A x - c, H_b = A_bb. The gradient itself is carried
 * along x, so that a move costs the neighbors of |b| coordinates.
 *
 * @param matrix A, n x n, symmetric, positive semidefinite, dense or by compressed rows; both triangles
 * @param c n numbers
 * @throws ArgumentError when A is not square or the sizes of A and c differ
 * @throws DataError when A is not symmetric, has a negative diagonal entry, or a number is not finite
 */
export function blockQuadratic(matrix: DesignMatrix, c: ArrayLike<number>): BlockProblem {
  checkDesign(matrix);
  const A = isSparse(matrix) ? matrix : csrFromDense(matrix);
  const { rows: n, rowPointers, columnIndices, values } = checkCsr(A);
  checkSquare(A);
  const linear = rowNumbers(c, n, "c");
  checkSymmetric("A", A);
  const diagonal = csrDiagonal(A);
  const negative = diagonal.findIndex((value) => value < 0);
  if (negative >= 0)
    throw new DataError(
      `A must be positive semidefinite, got ${diagonal[negative]} on the diagonal at ${negative}`,
    );
  const place = new Int32Array(n).fill(-1);

  function submatrix(block: Int32Array, out: Float64Array): void {
    const size = block.length;
    out.fill(0, 0, size * size);
    for (let p = 0; p < size; p++) place[block[p]] = p;
    for (let p = 0; p < size; p++) {
      const end = rowPointers[block[p] + 1];
      for (let k = rowPointers[block[p]]; k < end; k++) {
        const q = place[columnIndices[k]];
        if (q >= 0) out[p * size + q] = values[k];
      }
    }
    for (let p = 0; p < size; p++) place[block[p]] = -1;
  }

  function addColumns(block: Int32Array, step: Float64Array, v: Float64Array): void {
    for (let p = 0; p < block.length; p++) {
      const s = step[p];
      const end = rowPointers[block[p] + 1];
      for (let k = rowPointers[block[p]]; k < end; k++) v[columnIndices[k]] += s * values[k];
    }
  }

  return {
    dimension: n,
    lipschitz: diagonal,
    quadratic: true,
    carry(x) {
      const gradient = csrMultiply(A, x);
      for (let i = 0; i < n; i++) gradient[i] -= linear[i];
      return gradient;
    },
    value(x, gradient) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += x[i] * (gradient[i] - linear[i]);
      return sum / 2;
    },
    gradient(_, gradient, out) {
      out.set(gradient);
    },
    partials(_, gradient, block, out) {
      for (let p = 0; p < block.length; p++) out[p] = gradient[block[p]];
    },
    bound: submatrix,
    hessian(_x, _gradient, block, out) {
      submatrix(block, out);
    },
    move(x, gradient, block, step) {
      for (let p = 0; p < block.length; p++) x[block[p]] += step[p];
      addColumns(block, step, gradient);
    },
    boundProduct(block, step, out) {
      out.fill(0);
      addColumns(block, step, out);
    },
    boundRowSums() {
      const sums = new Float64Array(n);
      for (let i = 0; i < n; i++)
        for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++) sums[i] += Math.abs(values[k]);
      return sums;
    },
    gradientFlops: n,
    blockFlops(block) {
      let count = 0;
      for (let p = 0; p < block.length; p++) count += rowPointers[block[p] + 1] - rowPointers[block[p]];
      return 2 * count;
    },
    graph: A,
  };
}
