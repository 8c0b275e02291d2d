import { hessianVectorProduct, type Tensor } from "@gradus/graph";
import type { ValuesOf } from "../../tree/arrays.ts";
import { checkProblem } from "./check-problem.ts";
import { compileProducts } from "./compiled-products.ts";
import type { CurvatureOperator, LossProblem } from "./contract.ts";
import { checkTracedMeanLoss } from "./mean-loss.ts";

/**
 * The Hessian of a traced loss in its parameters (or in one group of them), as products by forward over reverse mode:
 *
 *     H v = d/dt grad L(w + t v),   L(w) = (1/n) sum_i l(w, x_i)
 *
 * Time of a product: about four forward passes over the data. Where the loss has no second derivative (a rectifier at
 * exactly 0) the derivative that the graph picks counts, which is 0 for rectifiers.
 * Source: Pearlmutter 1994, "Fast exact multiplication by the Hessian".
 *
 * @throws ArgumentError, DataError naming what is not usable, or a memory limit that one row exceeds
 * @throws ArgumentError when the loss is a sum over the rows, or anything but their mean
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
