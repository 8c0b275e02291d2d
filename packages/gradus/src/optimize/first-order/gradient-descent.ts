import { checkFunction, checkOptions } from "../../check/options.ts";
import type { Method, MethodOptions } from "../../iterate/iterate.ts";
import { dot } from "../../linalg/vector.ts";
import type { Objective } from "../../objectives/objective.ts";
import { descentOptions } from "../descent/descent.ts";
import {
  type Direction,
  type LineSearchIterate,
  type LineSearchState,
  lineSearchMethod,
  similarStep,
  steepestLine,
  VALUE_ROUNDING,
} from "../descent/line-search-method.ts";
import { armijo } from "../line-search/armijo.ts";
import type { LineSearch } from "../line-search/contract.ts";

/** What gradient descent remembers of the last step. */
export interface GradientDescentMemory {
  readonly last: { readonly stepSize: number; readonly slope: number } | undefined;
}

export interface GradientDescentOptions extends MethodOptions<LineSearchState<GradientDescentMemory>> {
  /** How far to go; Armijo's backtracking by default. */
  readonly search?: LineSearch;
}

/** Lets steps grow where backtracking never shortens them. */
const GROWTH = 1.1;

const steepestDescent: Direction<GradientDescentMemory> = {
  init: () => ({ last: undefined }),
  at({ gradient }, { last }) {
    const { direction, initialStep } = steepestLine(gradient);
    const step = last ? similarStep(last, dot(gradient, direction)) : initialStep;
    return { direction, initialStep: GROWTH * step };
  },
  next: (_, { before, direction, stepSize }) => ({
    last: { stepSize, slope: dot(before.gradient, direction) },
  }),
};

const backtracking: LineSearch = (objective, start, first) =>
  armijo(objective, start, { ...first, valueTolerance: VALUE_ROUNDING });

/**
 * Gradient descent  x+ = x - t g.  The search finds t: Armijo's backtracking from a little more than the step that would
 * change the value as much as the last one did, `fixedStep(t)`, or `strongWolfe`.
 * Source: Cauchy 1847; Nocedal and Wright 2006, section 3.5.
 *
 * @throws ArgumentError when an argument does not fit or the objective is not finite at x0
 */
export function gradientDescent(
  objective: Objective,
  x0: Float64Array,
  options: GradientDescentOptions = {},
): Method<LineSearchIterate<GradientDescentMemory>> {
  checkOptions("gradientDescent", options, ["search", ...descentOptions]);
  const { search = backtracking, ...driver } = options;
  checkFunction({ search });
  return lineSearchMethod(objective, x0, driver, steepestDescent, search);
}
