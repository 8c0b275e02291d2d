import { expandDims, jvp, mapTensors, type Tensor, vjp, vmap } from "@gradus/graph";
import { checkOneOf } from "../../check/options.ts";
import { logisticCurvature, softmaxCurvature, squaredCurvature } from "../../losses/output-curvature.ts";
import type { AsTensors, ValuesOf } from "../../tree/arrays.ts";
import { checkProblem } from "./check-problem.ts";
import { compileProducts } from "./compiled-products.ts";
import type { CurvatureOperator, LossProblem } from "./contract.ts";
import { type GaussNewtonProblem, gaussNewtonOperator } from "./gauss-newton.ts";

/** Each row's loss, [rows], from a loss that is the mean over a batch's rows. */
export function rowLosses<P, D>(
  loss: (parameters: P, batch: D) => Tensor,
): (parameters: P, batch: D) => Tensor {
  return (parameters, batch) =>
    vmap((row: D) =>
      loss(
        parameters,
        mapTensors((entry) => expandDims(entry, 0), row),
      ),
    )(batch);
}

/**
 * The empirical Fisher matrix, the second moment of the rows' gradients at the given labels, by products:
 *
 *     F = (1/n) sum_i g_i g_i^T,   g_i = grad l(w, x_i)
 *
 * computed as J^T (J v), with J the Jacobian of the rows' losses, without forming any row's gradient.
 *
 * @throws ArgumentError, DataError naming the argument that is not valid, or a memory limit that one row exceeds
 * @throws ConvergenceError (from a product) when a number is not finite
 */
export async function empiricalFisherOperator<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  problem: LossProblem<P, D>,
): Promise<CurvatureOperator<P, D>> {
  checkProblem("empiricalFisherOperator", problem, ["loss"]);
  const { loss, ...place } = problem;
  return compileProducts<P, D>(
    place,
    ({ point, parameters, batch }, vector) => {
      const losses = (varying: readonly Tensor[]) =>
        rowLosses<AsTensors<P>, AsTensors<D>>(loss)(parameters(varying), batch);
      const { pullback } = vjp(losses, point);
      return pullback(jvp(losses, point, vector).tangent);
    },
    "sum",
  );
}

/** The distribution whose parameters are the model's outputs. */
export type OutputDistribution =
  /** Logits of one of K classes. */
  | "categorical"
  /** Logits of independent binary labels. */
  | "bernoulli"
  /** Means of independent normal numbers of variance 1. */
  | "gaussian";

const curvatures = {
  categorical: softmaxCurvature,
  bernoulli: logisticCurvature,
  gaussian: squaredCurvature(),
} as const;

/**
 * The Fisher matrix of the model's own distribution of labels, by products:
 *
 *     F = (1/n) sum_i E_y [ g g^T ],   g = grad log p(y | f(w, x_i)),  y drawn from p(. | f(w, x_i))
 *
 * The expectation is taken exactly: for these distributions F is the generalized Gauss-Newton matrix.
 * Source: Martens 2020, "New insights and perspectives on the natural gradient method", section 9.
 *
 * @throws what `gaussNewtonOperator` throws; ArgumentError for an unknown distribution
 */
export async function fisherOperator<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  problem: Omit<GaussNewtonProblem<P, D>, "curvature"> & { readonly distribution: OutputDistribution },
): Promise<CurvatureOperator<P, D>> {
  checkProblem("fisherOperator", problem, ["model", "distribution"]);
  const { distribution, ...given } = problem;
  checkOneOf(Object.keys(curvatures), { distribution });
  return gaussNewtonOperator({ ...given, curvature: curvatures[distribution] });
}
