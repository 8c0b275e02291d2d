import { ArgumentError } from "../../check/errors.ts";
import { checkPositive } from "../../check/numbers.ts";
import { denseMultiply } from "../../linalg/dense.ts";
import { type ExactPenalties, meritGradient, meritValue } from "./merit.ts";
import { checkProblem, type EqualityProblem, hessianAt, pointAt, requireDefined } from "./problem.ts";

/** The exact augmented Lagrangian and its gradient. */
export interface ExactAugmentedLagrangian {
  readonly value: number;
  /** n numbers. */
  readonly gradientX: Float64Array;
  /** m numbers. */
  readonly gradientLambda: Float64Array;
}

/** @throws ArgumentError naming a penalty that is not a finite number > 0 */
export function checkPenalties(penalties: ExactPenalties): void {
  checkPositive({ eta1: penalties.eta1, eta2: penalties.eta2 });
}

/**
 * The exact augmented Lagrangian
 *
 *     L_eta(x, lambda) = f + lambda^T c + (eta1/2) ||c||^2 + (eta2/2) ||grad_x L||^2,
 *
 * whose stationary points are the KKT points for eta1 large and eta2 small enough, at a finite eta1; there it equals f
 * and its gradient is 0. The gradient needs one Hessian-vector product.
 * Source: Pillo & Grippo 1979, "A new class of augmented Lagrangians in nonlinear programming"; as the merit function
 * of Hong, Na, Mahoney & Kolar 2023.
 *
 * @param x n numbers
 * @param lambda m numbers
 * @throws ArgumentError when something does not fit or a penalty is not > 0
 * @throws ConvergenceError naming what is not finite
 */
export async function exactAugmentedLagrangian(
  problem: EqualityProblem,
  x: Float64Array,
  lambda: Float64Array,
  penalties: ExactPenalties,
): Promise<ExactAugmentedLagrangian> {
  checkProblem(problem, x, lambda);
  checkPenalties(penalties);
  const counts = { objective: 0, constraints: 0, gradient: 0, jacobian: 0, hessian: 0 };
  const point = await pointAt(problem, x, lambda, counts, 0);
  const n = problem.dimension;
  const curved = problem.hessianVectorProduct
    ? await problem.hessianVectorProduct(x, lambda, point.lagrangianGradient)
    : denseMultiply(await hessianAt(problem, point, counts, 0), n, n, point.lagrangianGradient);
  if (curved.length !== n)
    throw new ArgumentError(`hessianVectorProduct must return n = ${n} numbers, got ${curved.length}`);
  const wrong = curved.findIndex((value) => !Number.isFinite(value));
  requireDefined(wrong < 0 ? undefined : `hessianVectorProduct[${wrong}] is ${curved[wrong]}`, 0);
  return { value: meritValue(point, penalties), ...meritGradient(point, curved, penalties) };
}
