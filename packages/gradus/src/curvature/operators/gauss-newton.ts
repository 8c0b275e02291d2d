import { jvp, type Tensor, vjp } from "@gradus/graph";
import type { OutputCurvature } from "../../losses/output-curvature.ts";
import type { AsTensors, ValuesOf } from "../../tree/arrays.ts";
import { checkProblem } from "./check-problem.ts";
import { compileProducts } from "./compiled-products.ts";
import type { CurvatureOperator, CurvaturePlace } from "./contract.ts";

/** A traced model, the curvature of its loss in its outputs, and where the product is measured. */
export interface GaussNewtonProblem<P extends ValuesOf<P>, D extends ValuesOf<D>>
  extends CurvaturePlace<P, D> {
  /** The outputs [rows, .., K] of a batch: logits for softmax and logistic losses. Rows must not depend on each other. */
  readonly model: (parameters: AsTensors<P>, batch: AsTensors<D>) => Tensor;
  /** The curvature of a row's loss in the row's outputs, summed over axes between the first and the last. */
  readonly curvature: OutputCurvature;
}

/**
 * The generalized Gauss-Newton matrix of a model's loss (or its block of one group of parameters), by products:
 *
 *     G = (1/n) sum_i J_i^T S_i J_i,   J_i = d f(w, x_i)/dw,   S_i = d^2 l / df^2
 *
 * positive semidefinite where S is. A product takes one forward pass with tangents and one backward pass: S enters in
 * closed form, so it needs little more memory than a gradient. G is also the Fisher matrix of the model's own
 * distribution if the loss is its negative log-likelihood (softmax, logistic; squared with unit variance).
 * Source: Schraudolph 2002, "Fast curvature matrix-vector products", section 3; Martens 2020 for the Fisher matrix.
 *
 * @throws ArgumentError, DataError naming the argument that is not valid, or a memory limit that one row exceeds
 * @throws ConvergenceError (from a product) when a number is not finite
 */
export async function gaussNewtonOperator<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  problem: GaussNewtonProblem<P, D>,
): Promise<CurvatureOperator<P, D>> {
  checkProblem("gaussNewtonOperator", problem, ["model", "curvature"]);
  const { model, curvature, ...place } = problem;
  return compileProducts<P, D>(
    place,
    ({ point, parameters, batch }, vector) => {
      const outputs = (varying: readonly Tensor[]) => model(parameters(varying), batch);
      const { value, pullback } = vjp(outputs, point);
      const { tangent } = jvp(outputs, point, vector);
      return pullback(curvature.product(value, tangent));
    },
    "sum",
  );
}
