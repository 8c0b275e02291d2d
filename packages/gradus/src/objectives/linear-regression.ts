import { checkOptions } from "../check/options.ts";
import { squaredLoss } from "../losses/squared.ts";
import { designMap } from "./design-map.ts";
import { type DesignMatrix, rowNumbers } from "./design-matrix.ts";
import { type LossReduction, linearLoss, reductionScale } from "./linear-loss.ts";
import { lossPoint } from "./loss-point.ts";
import type { SmoothObjective } from "./objective.ts";

/**
 * Least squares  f(x) = 1/2 ||A x - b||^2, divided by the number of rows for the mean; H = A^T A.
 *
 * @param A n x d, dense or sparse
 * @param b n numbers
 * @throws ArgumentError when sizes do not fit
 * @throws DataError when a number is not finite
 */
export function linearRegression(
  A: DesignMatrix,
  b: ArrayLike<number>,
  options: { reduction?: LossReduction } = {},
): SmoothObjective {
  checkOptions("linearRegression", options, ["reduction"]);
  const { reduction = "sum" } = options;
  const map = designMap(A);
  const targets = rowNumbers(b, map.rows, "b");
  const { products, weightedGram, weightedGramDiagonal, ...objective } = linearLoss(
    map,
    reductionScale(reduction, map.rows),
    lossPoint(map, squaredLoss, targets),
  );
  const ones = new Float64Array(map.rows).fill(1);
  return {
    ...objective,
    approximations: {
      diagonal: () => ({ kind: "diagonal", values: weightedGramDiagonal(ones) }),
    },
  };
}
