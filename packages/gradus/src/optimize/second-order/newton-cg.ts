import { checkAtLeast } from "../../check/numbers.ts";
import { checkFunction, checkOptions } from "../../check/options.ts";
import type { Method, MethodOptions } from "../../iterate/iterate.ts";
import { systemScale } from "../../linalg/krylov/system-scale.ts";
import { checkObjective, type Objective } from "../../objectives/objective.ts";
import { descentOptions } from "../descent/descent.ts";
import {
  type Direction,
  type LineSearchIterate,
  type LineSearchState,
  lineSearchMethod,
  steepestLine,
  wolfeSearch,
} from "../descent/line-search-method.ts";
import type { LineSearch } from "../line-search/contract.ts";
import { countedHessian, type TruncatedNewtonOptions, truncatedSolve } from "./truncated-solve.ts";

/** What Newton-CG remembers: nothing but whether Newton's direction failed at this point. */
export interface NewtonCgMemory {
  readonly steepest: boolean;
}

export interface NewtonCgOptions
  extends TruncatedNewtonOptions,
    MethodOptions<LineSearchState<NewtonCgMemory>> {
  /** How far to go; a strong Wolfe search from 1 by default. */
  readonly search?: LineSearch;
}

/**
 * Newton-CG, the truncated Newton method with a line search: d solves  H d = -g  by conjugate gradients to the relative
 * residual min(1/2, sqrt(||g||)). Where a direction of negative curvature turns up, d is what was reached before it, or
 * that direction itself where it is the first.
 * Source: Dembo & Steihaug 1983; Nocedal and Wright 2006, Algorithm 7.1.
 *
 * @throws ArgumentError when an argument does not fit, the objective has no such Hessian or is not finite at x0
 * @throws ConvergenceError when a Hessian-vector product is not finite
 */
export function newtonCg(
  objective: Objective,
  x0: Float64Array,
  options: NewtonCgOptions = {},
): Method<LineSearchIterate<NewtonCgMemory>> {
  checkOptions("newtonCg", options, ["hessian", "maxProducts", "search", ...descentOptions]);
  checkObjective(objective);
  const { hessian, search = wolfeSearch, ...rest } = options;
  const { maxProducts = Math.max(100, 10 * objective.dimension), ...driver } = rest;
  checkAtLeast(1, { maxProducts });
  checkFunction({ search });
  const operatorAt = countedHessian(objective, hessian);
  const direction: Direction<NewtonCgMemory> = {
    init: () => ({ steepest: false }),
    async at({ x, gradient }, { steepest }, counts) {
      if (steepest) return steepestLine(gradient);
      const solved = await truncatedSolve(await operatorAt(x, counts), gradient, maxProducts);
      if (solved.outcome !== "nonpositive-curvature" || solved.steps > 1)
        return { direction: solved.d, initialStep: 1 };
      // the first direction, -g, has negative curvature: as long as one of that positive curvature would be
      const scale = systemScale(gradient, undefined);
      return {
        direction: gradient.map((gj) => -gj / scale),
        initialStep: scale / Math.abs(solved.curvature || 1),
      };
    },
    next: () => ({ steepest: false }),
    restart: ({ steepest }) => (steepest ? undefined : { steepest: true }),
  };
  return lineSearchMethod(objective, x0, driver, direction, search);
}
