import type { DesignMatrix } from "../../../objectives/design-matrix.ts";
import { rowNumbers } from "../../../objectives/design-matrix.ts";
import { columnsOfDesign } from "../columns.ts";
import type { BlockProblem } from "../problem.ts";

/**
 * Least squares  f(x) = 1/2 ||A x - c||^2  by blocks;  g = A^T (A x - c), H_b = A_b^T A_b. The residual is carried
 * along x: a move costs the entries of |b| columns, a full gradient all entries of A. With a small Gram matrix at
 * hand, `blockQuadratic(A^T A, A^T c)` moves in |b| neighborhoods instead.
 *
 * @param A m x n: dense, or by compressed rows; it must not change while it is in use
 * @param c m numbers
 * @throws ArgumentError when the sizes of A and c differ
 * @throws DataError naming the place of a number that is not finite
 */
export function blockLeastSquares(A: DesignMatrix, c: ArrayLike<number>): BlockProblem {
  const columns = columnsOfDesign(A);
  const target = rowNumbers(c, columns.rows, "c");
  const image = new Float64Array(columns.rows);
  return {
    dimension: columns.columns,
    lipschitz: columns.squaredNorms(),
    quadratic: true,
    carry(x) {
      const residual = new Float64Array(columns.rows);
      columns.product(x, residual);
      for (let i = 0; i < residual.length; i++) residual[i] -= target[i];
      return residual;
    },
    value(_, residual) {
      let sum = 0;
      for (let i = 0; i < residual.length; i++) sum += residual[i] * residual[i];
      return sum / 2;
    },
    gradient(_, residual, out) {
      columns.adjoint(residual, out);
    },
    partials(_, residual, block, out) {
      columns.blockAdjoint(residual, block, out);
    },
    bound(block, out) {
      columns.gram(block, undefined, out);
    },
    hessian(_x, _residual, block, out) {
      columns.gram(block, undefined, out);
    },
    move(x, residual, block, step) {
      for (let p = 0; p < block.length; p++) x[block[p]] += step[p];
      columns.addColumns(block, step, residual);
    },
    boundProduct(block, values, out) {
      image.fill(0);
      columns.addColumns(block, values, image);
      columns.adjoint(image, out);
    },
    boundRowSums: columns.gramRowSums,
    gradientFlops: 2 * columns.entries,
    blockFlops: (block) => 2 * columns.blockEntries(block),
  };
}
