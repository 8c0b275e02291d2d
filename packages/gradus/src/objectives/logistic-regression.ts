import { checkOptions } from "../check/options.ts";
import { decayOf, logisticLoss, weightOfMargin } from "../losses/logistic.ts";
import { designMap } from "./design-map.ts";
import { type DesignMatrix, rowNumbers } from "./design-matrix.ts";
import { type HessianModel, zeroHessian } from "./hessian-model.ts";
import { type LossReduction, linearLoss, reductionScale } from "./linear-loss.ts";
import { logisticPointOf } from "./logistic-rows.ts";
import type { SmoothObjective } from "./objective.ts";

/** Matrices in place of the logistic loss's Hessian s A^T diag(s_i (1 - s_i)) A, s_i = 1/(1 + e^{m_i}). */
export interface LogisticApproximations {
  readonly [name: string]: (x: Float64Array) => HessianModel;
  /** Weights s_i^2. */
  empiricalFisher(x: Float64Array): HessianModel;
  /** Weights 1/4, the largest possible: H(x) is below it everywhere. */
  bound(x: Float64Array): HessianModel;
  /** The diagonal of H(x). */
  diagonal(x: Float64Array): HessianModel;
  zero(x: Float64Array): HessianModel;
}

/**
 * Logistic regression on labels -1 and +1 without intercept:
 *
 *     f(x) = (1/n) sum_i ln(1 + e^{-m_i}),   m_i = y_i <a_i, x>
 *
 * computed as max(0, -m) + ln(1 + e^{-|m|}), which neither overflows nor loses small losses.
 *
 * @param A n x d, dense or sparse
 * @param y n labels, -1 or +1
 * @param reduction "sum" leaves the 1/n out
 * @throws ArgumentError when sizes do not fit
 * @throws DataError when a number is not finite or a label is neither -1 nor +1
 */
export function logisticRegression(
  A: DesignMatrix,
  y: ArrayLike<number>,
  options: { reduction?: LossReduction } = {},
): SmoothObjective & { readonly approximations: LogisticApproximations } {
  checkOptions("logisticRegression", options, ["reduction"]);
  const { reduction = "mean" } = options;
  const map = designMap(A);
  const labels = rowNumbers(y, map.rows, "y");
  logisticLoss.checkLabels("y", labels);
  const { products, weightedGram, weightedGramDiagonal, ...objective } = linearLoss(
    map,
    reductionScale(reduction, map.rows),
    logisticPointOf(map, labels),
  );

  function weights(x: Float64Array, of: (probabilityOfWrong: number) => number): Float64Array<ArrayBuffer> {
    const z = products(x);
    return labels.map((label, i) => {
      const margin = label * z[i];
      return of(weightOfMargin(margin, decayOf(margin)));
    });
  }

  /** The weighted Gram matrix A^T diag(w) A of the design. */
  function gramModel(w: Float64Array): HessianModel {
    const { columns } = map;
    return { kind: "dense", matrix: { rows: columns, columns, values: weightedGram(w) } };
  }

  return {
    ...objective,
    approximations: {
      empiricalFisher: (x) => gramModel(weights(x, (s) => s * s)),
      bound: (x) => gramModel(weights(x, () => 0.25)),
      diagonal: (x) => ({ kind: "diagonal", values: weightedGramDiagonal(weights(x, (s) => s * (1 - s))) }),
      zero: () => zeroHessian,
    },
  };
}
