import { checkDense } from "../../linalg/matrix.ts";
import { whenReady } from "../../objectives/objective.ts";
import type { EqualityProblem } from "./problem.ts";

/** Bounds of the factor: a start at which the gradient almost vanishes says nothing about its size elsewhere. */
const LEAST = 1e-8;
const MOST = 1e8;

/**
 * The factor of the objective that makes the largest entry of its gradient at the start 1 in absolute value:
 * sigma = 1 / ||grad f(x0)||_inf, kept between 1e-8 and 1e8; 1 where the gradient is 0 or not finite.
 * Source: Wächter & Biegler 2006, section 3.8, whose factor only reduces gradients above 100.
 */
export function gradientScale(gradient: Float64Array): number {
  let largest = 0;
  for (const value of gradient) largest = Math.max(largest, Math.abs(value));
  if (largest === 0 || !Number.isFinite(largest)) return 1;
  return Math.min(Math.max(1 / largest, LEAST), MOST);
}

/** min sigma f(x) subject to c(x) = 0: the same minimizers, with multipliers times sigma. */
export function scaleObjective(problem: EqualityProblem, sigma: number): EqualityProblem {
  const times = (values: Float64Array) => values.map((value) => sigma * value);
  // H = hess f + sum_i lambda_i hess c_i:  the scaled problem's at lambda is sigma times the problem's at lambda / sigma
  const unscaled = (lambda: Float64Array) => lambda.map((value) => value / sigma);
  const { dimension, constraintCount, hessianLagrangian, hessianVectorProduct, hessianFlops } = problem;
  return {
    dimension,
    constraintCount,
    value: (x) => whenReady(problem.value(x), (value) => sigma * value),
    gradient: (x) => whenReady(problem.gradient(x), times),
    constraints: (x) => problem.constraints(x),
    jacobian: (x) => problem.jacobian(x),
    ...(hessianLagrangian && {
      hessianLagrangian: (x, lambda) =>
        whenReady(hessianLagrangian.call(problem, x, unscaled(lambda)), (H) => {
          checkDense("hessianLagrangian", H);
          return { ...H, values: times(H.values) };
        }),
    }),
    ...(hessianVectorProduct && {
      hessianVectorProduct: (x, lambda, v) =>
        whenReady(hessianVectorProduct.call(problem, x, unscaled(lambda), v), times),
    }),
    ...(hessianFlops && { hessianFlops }),
  };
}
