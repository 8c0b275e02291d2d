import {
  curvatureOfMargin,
  decayOf,
  logisticLoss,
  lossOfMargin,
  weightAlone,
} from "../../../losses/logistic.ts";
import { type DesignMatrix, rowNumbers } from "../../../objectives/design-matrix.ts";
import { columnsOfDesign } from "../columns.ts";
import type { BlockProblem } from "../problem.ts";

/**
 * Logistic regression  f(x) = sum_i log(1 + e^(-y_i a_i^T x))  by blocks, without intercept and without 1/m;
 * g = -A^T (y s) with s_i = 1/(1 + e^(y_i a_i^T x)), block Hessian A_b^T diag(s (1 - s)) A_b, H_b = A_b^T A_b / 4.
 * The margins y_i a_i^T x are carried along x. `logisticRegression` is this divided by m: a penalty for it has to be
 * multiplied by m here.
 *
 * @param A m x n: dense, or by compressed rows; it must not change while it is in use
 * @param y m labels, -1 or +1
 * @throws ArgumentError when the sizes of A and y differ
 * @throws DataError naming the row of a label that is not -1 or +1, or the place of a number that is not finite
 */
export function blockLogistic(A: DesignMatrix, y: ArrayLike<number>): BlockProblem {
  const labels = rowNumbers(y, A.rows, "y");
  logisticLoss.checkLabels("y", labels);
  const columns = columnsOfDesign(A, labels);
  const m = columns.rows;
  const weights = new Float64Array(m);
  const image = new Float64Array(m);
  const lipschitz = columns.squaredNorms();
  for (let j = 0; j < lipschitz.length; j++) lipschitz[j] /= 4;
  const weigh = (margins: Float64Array) => {
    for (let i = 0; i < m; i++) weights[i] = -weightAlone(margins[i]);
  };
  return {
    dimension: columns.columns,
    lipschitz,
    quadratic: false,
    carry(x) {
      const margins = new Float64Array(m);
      columns.product(x, margins);
      return margins;
    },
    value(_, margins) {
      let sum = 0;
      for (let i = 0; i < m; i++) sum += lossOfMargin(margins[i], decayOf(margins[i]));
      return sum;
    },
    gradient(_, margins, out) {
      weigh(margins);
      columns.adjoint(weights, out);
    },
    partials(_, margins, block, out) {
      weigh(margins);
      columns.blockAdjoint(weights, block, out);
    },
    bound(block, out) {
      columns.gram(block, undefined, out);
      for (let k = 0; k < block.length ** 2; k++) out[k] /= 4;
    },
    hessian(_, margins, block, out) {
      for (let i = 0; i < m; i++) weights[i] = curvatureOfMargin(decayOf(margins[i]));
      columns.gram(block, weights, out);
    },
    move(x, margins, block, step) {
      for (let p = 0; p < block.length; p++) x[block[p]] += step[p];
      columns.addColumns(block, step, margins);
    },
    boundProduct(block, values, out) {
      image.fill(0);
      columns.addColumns(block, values, image);
      for (let i = 0; i < m; i++) image[i] /= 4;
      columns.adjoint(image, out);
    },
    boundRowSums: () => columns.gramRowSums().map((sum) => sum / 4),
    gradientFlops: 2 * columns.entries + 4 * m,
    blockFlops: (block) => 2 * columns.blockEntries(block),
  };
}
