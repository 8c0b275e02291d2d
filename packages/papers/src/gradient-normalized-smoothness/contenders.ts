import type { Method } from "gradus/iterate";
import type { Objective } from "gradus/objectives";
import {
  type GnsNewtonOptions,
  gnsNewton,
  gradientMethod,
  type InnerProduct,
  type RegularizedIterate,
} from "gradus/optimize";
import type { Resumed } from "../experiment.ts";
import type { Start } from "./descent.ts";

/** A function with a starting point, and the inner product of its norms, the usual one when left out. */
export interface DescentProblem {
  readonly objective: Objective;
  readonly x0: Float64Array;
  readonly metric?: InnerProduct;
}

/** A method that is compared with others on the same problem. */
export type Contender = (
  problem: DescentProblem,
  options: { readonly signal: AbortSignal; readonly resume?: Resumed },
) => Method<RegularizedIterate>;

export const EXACT = "exact Hessian";
export const METRIC_GRADIENT = "gradient, metric AᵀA";
export const GRADIENT = "gradient";

/** The paper's method with a matrix in place of the Hessian, by name. */
export const newton =
  (hessian: GnsNewtonOptions["hessian"]): Contender =>
  ({ objective, x0, metric }, options) =>
    gnsNewton(objective, x0, { metric, ...options, hessian });

/** The gradient method in the problem's metric. */
export const metricGradient: Contender = ({ objective, x0, metric }, options) =>
  gradientMethod(objective, x0, { metric, ...options });

/** The gradient method in the Euclidean metric. */
export const gradient: Contender = ({ objective, x0 }, options) => gradientMethod(objective, x0, options);

/** A contender on a problem. */
export const startOf =
  (contender: Contender, problem: DescentProblem, signal: AbortSignal): Start =>
  (resume) =>
    contender(problem, { signal, resume });
