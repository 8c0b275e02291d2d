import { denseMultiply } from "../../linalg/dense.ts";
import { dot } from "../../linalg/vector.ts";
import type { PrimalDualPoint } from "./problem.ts";

/** sum_i |v_i|. */
export function l1Norm(v: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += Math.abs(v[i]);
  return sum;
}

/** The local model of  f + mu ||c||_1  along a direction p, as functions of the penalty mu. */
export interface L1Model {
  /** Whether the model's reduction is at least  sigma mu max(||c||_1, ||G p + c||_1 - ||c||_1). */
  sufficient(mu: number, sigma: number): boolean;
  /** grad f^T p - mu (||c||_1 - ||G p + c||_1): the slope that Armijo's test uses. */
  slope(mu: number): number;
  /** max(mu, (grad f^T p + max(p^T B p / 2, 0)) / ((1 - tau) gain)),  gain = ||c||_1 - ||G p + c||_1 > 0, else mu. */
  raised(mu: number, tau: number): number;
}

/**
 * The model along p.
 *
 * @param B n x n, row-major
 */
export function l1Model(
  { gradient, constraints, jacobian }: PrimalDualPoint,
  B: Float64Array,
  p: Float64Array,
): L1Model {
  const [n, m] = [gradient.length, constraints.length];
  const linear = dot(gradient, p);
  const curvature = Math.max(dot(p, denseMultiply(B, n, n, p)) / 2, 0);
  const predicted = denseMultiply(jacobian, m, n, p);
  for (let i = 0; i < m; i++) predicted[i] += constraints[i];
  const now = l1Norm(constraints);
  const then = l1Norm(predicted);
  return {
    sufficient: (mu, sigma) =>
      -linear - curvature + mu * (now - then) >= sigma * mu * Math.max(now, then - now),
    slope: (mu) => linear - mu * (now - then),
    raised: (mu, tau) => (now > then ? Math.max(mu, (linear + curvature) / ((1 - tau) * (now - then))) : mu),
  };
}
