import { hessianVectorProduct, type Tensor } from "@gradus/graph";
import type { ValuesOf } from "../../tree/arrays.ts";
import { checkProblem } from "./check-problem.ts";
import { compileProducts } from "./compiled-products.ts";
import type { CurvatureOperator, LossProblem } from "./contract.ts";
import { checkTracedMeanLoss } from "./mean-loss.ts";

/**
 * The Hessian of a traced loss in its parameters (or in one group of them), by products in forward-over-reverse mode:
 *
 *     H v = d/dt grad L(w + t v),   L(w) = (1/n) sum_i l(w, x_i)
 *
 * A product takes about the time of four forward passes over the data. Where the loss has no second derivative (a ReLU
 * at exactly 0), the graph's convention applies, which is 0 for ReLUs.
 * Source: Pearlmutter 1994, "Fast exact multiplication by the Hessian".
 *
 * @throws ArgumentError, DataError naming the argument that is not valid, or a memory limit that one row exceeds
 * @throws ArgumentError when the loss is not the mean over the rows
 * @throws ShapeError unless the loss is a floating-point scalar
 * @throws ConvergenceError (from a product) when a number is not finite
 */
export async function lossHessianOperator<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  problem: LossProblem<P, D>,
): Promise<CurvatureOperator<P, D>> {
  checkProblem("lossHessianOperator", problem, ["loss"]);
  const { loss, ...place } = problem;
  const operator = await compileProducts<P, D>(
    place,
    ({ point, parameters, batch }, vector) =>
      hessianVectorProduct((varying: readonly Tensor[]) => loss(parameters(varying), batch))(point, vector),
    "mean",
  );
  try {
    await checkTracedMeanLoss(problem);
  } catch (error) {
    operator.dispose();
    throw error;
  }
  return operator;
}
