import { denseMultiply, denseMultiplyTransposed } from "../../linalg/dense.ts";
import { dot } from "../../linalg/vector.ts";
import type { PrimalDualPoint } from "./problem.ts";

/** Penalties of the exact augmented Lagrangian, both > 0. */
export interface ExactPenalties {
  readonly eta1: number;
  readonly eta2: number;
}

/** L_eta = f + lambda^T c + (eta1/2) ||c||^2 + (eta2/2) ||grad_x L||^2 at a point. */
export function meritValue(
  { value, lambda, constraints, lagrangianGradient }: PrimalDualPoint,
  { eta1, eta2 }: ExactPenalties,
): number {
  return (
    value +
    dot(lambda, constraints) +
    (eta1 / 2) * dot(constraints, constraints) +
    (eta2 / 2) * dot(lagrangianGradient, lagrangianGradient)
  );
}

/**
 * The merit function's gradient at a point:  grad_x L + eta1 G^T c + eta2 H grad_x L  and  c + eta2 G grad_x L.
 *
 * @param curved H grad_x L, n numbers
 */
export function meritGradient(
  { constraints, jacobian, lagrangianGradient }: PrimalDualPoint,
  curved: Float64Array,
  { eta1, eta2 }: ExactPenalties,
): { readonly gradientX: Float64Array; readonly gradientLambda: Float64Array } {
  const [n, m] = [lagrangianGradient.length, constraints.length];
  const gradientX = denseMultiplyTransposed(jacobian, m, n, constraints);
  for (let j = 0; j < n; j++) gradientX[j] = lagrangianGradient[j] + eta1 * gradientX[j] + eta2 * curved[j];
  const gradientLambda = denseMultiply(jacobian, m, n, lagrangianGradient);
  for (let i = 0; i < m; i++) gradientLambda[i] = constraints[i] + eta2 * gradientLambda[i];
  return { gradientX, gradientLambda };
}
