import { checkLength } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkFunction, checkOptions } from "../../check/options.ts";
import type { Method, MethodOptions } from "../../iterate/iterate.ts";
import { SingularMatrixError } from "../../linalg/factorize/errors.ts";
import { dot, norm2 } from "../../linalg/vector.ts";
import { checkObjective, type Objective } from "../../objectives/objective.ts";
import { descentOptions } from "../descent/descent.ts";
import {
  type Direction,
  type LineSearchIterate,
  type LineSearchState,
  lengthUnit,
  lineSearchMethod,
  unboundedStep,
  VALUE_ROUNDING,
} from "../descent/line-search-method.ts";
import type { LineSearch } from "../line-search/contract.ts";
import { strongWolfe } from "../line-search/strong-wolfe.ts";
import { type Box, cauchyPoint } from "./cauchy-point.ts";
import { addPair, compactHessian, noPairs, type PairProducts } from "./compact-hessian.ts";
import { subspaceMinimizer } from "./subspace-minimization.ts";

export interface LbfgsbOptions extends MethodOptions<LineSearchState<PairProducts>> {
  /** n numbers, or one for all; -Infinity where there is no bound. */
  readonly lower?: ArrayLike<number> | number;
  /** n numbers, or one for all; Infinity where there is no bound. */
  readonly upper?: ArrayLike<number> | number;
  /** Pairs kept. */
  readonly memory?: number;
  /** How far to go; a strong Wolfe search up to the nearest bound by default. */
  readonly search?: LineSearch;
}

function boundsOf(name: string, bounds: ArrayLike<number> | number, n: number): Float64Array<ArrayBuffer> {
  if (typeof bounds === "number") return new Float64Array(n).fill(bounds);
  checkLength(name, bounds, n);
  return Float64Array.from(bounds);
}

/** @throws ArgumentError naming a bound that is NaN, or a lower one above the upper */
function boxOf(
  { lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY }: LbfgsbOptions,
  n: number,
): Box {
  const box = { lower: boundsOf("lower", lower, n), upper: boundsOf("upper", upper, n) };
  for (let i = 0; i < n; i++)
    if (!(box.lower[i] <= box.upper[i]))
      throw new ArgumentError(
        `lower must be at most upper, got ${box.lower[i]} and ${box.upper[i]} at index ${i}`,
      );
  return box;
}

const wolfe: LineSearch = (objective, start, first) =>
  strongWolfe(objective, start, {
    ...first,
    acceptMaximalStep: first.maximalStep !== undefined && first.maximalStep < unboundedStep(start),
    valueTolerance: VALUE_ROUNDING,
  });

/** The longest step along d that stays in the box. */
function longestStep(x: Float64Array, d: Float64Array, { lower, upper }: Box): number {
  let longest = unboundedStep({ x, direction: d });
  for (let i = 0; i < x.length; i++) {
    if (d[i] > 0) longest = Math.min(longest, (upper[i] - x[i]) / d[i]);
    else if (d[i] < 0) longest = Math.min(longest, (lower[i] - x[i]) / d[i]);
  }
  return longest;
}

/** The Cauchy point of the model and its minimizer; without the pairs where rounding makes their matrix singular. */
function modelMinimum(x: Float64Array, gradient: Float64Array, box: Box, pairs: PairProducts) {
  try {
    const B = compactHessian(pairs);
    const cauchy = cauchyPoint(x, gradient, box, B);
    return { cauchy, target: subspaceMinimizer(x, gradient, box, B, cauchy) };
  } catch (error) {
    if (!(error instanceof SingularMatrixError)) throw error;
    const cauchy = cauchyPoint(x, gradient, box, compactHessian(noPairs));
    return { cauchy, target: cauchy.x };
  }
}

/** Curvatures are squares of g times theta, which grows as its square where x is in small units. */
const FOURTH_POWER = 240;

/** The minimizer of the model depends on f and its pairs only up to a common factor. */
const inUnit = (gradient: Float64Array, { unit = 1 }: PairProducts) =>
  unit === 1 ? gradient : gradient.map((g) => g / unit);

/**
 * L-BFGS-B: limited-memory BFGS with bounds  lower <= x <= upper.  Each step finds the generalized Cauchy point of the
 * quasi-Newton model on the projected gradient path, minimizes the model over the coordinates that it leaves between
 * their bounds, and searches along the line there. x0 is moved into the box; every point stays in it. `gradientNorm` is
 * the largest entry of  P(x - g) - x.
 * Source: Byrd, Lu, Nocedal & Zhu 1995, "A limited memory algorithm for bound constrained optimization".
 *
 * @throws ArgumentError when an argument does not fit or the objective is not finite at x0
 */
export function lbfgsb(
  objective: Objective,
  x0: Float64Array,
  options: LbfgsbOptions = {},
): Method<LineSearchIterate<PairProducts>> {
  checkOptions("lbfgsb", options, ["lower", "upper", "memory", "search", ...descentOptions]);
  const { memory = 10, search = wolfe, resume, signal } = options;
  checkPositiveInteger({ memory });
  checkFunction({ search });
  checkObjective(objective); // before it is wrapped
  const box = boxOf(options, objective.dimension);
  const { lower, upper } = box;
  const project = (x: Float64Array) => x.map((xi, i) => Math.min(Math.max(xi, lower[i]), upper[i]));
  /** P(x - g) - x, in which a short g is not lost beside x. */
  const projectedStep = (x: Float64Array, gradient: Float64Array) =>
    gradient.map((g, i) => Math.min(Math.max(-g, lower[i] - x[i]), upper[i] - x[i]));
  // steps reach bounds up to rounding, and the objective may not be defined beyond
  const inside: Objective = {
    dimension: objective.dimension,
    value: (x) => objective.value(project(x)),
    gradient: (x) => objective.gradient(project(x)),
    valueAndGradient: (x) => objective.valueAndGradient(project(x)),
  };
  const direction: Direction<PairProducts> = {
    init: ({ gradient }) => ({ ...noPairs, unit: lengthUnit(norm2(gradient) || 1, FOURTH_POWER) }),
    at({ x, gradient: unscaled }, pairs) {
      const gradient = inUnit(unscaled, pairs);
      const { cauchy, target } = modelMinimum(x, gradient, box, pairs);
      let d = target.map((ti, i) => ti - x[i]);
      if (!(dot(gradient, d) < 0)) d = cauchy.x.map((ci, i) => ci - x[i]);
      if (!(dot(gradient, d) < 0)) d = projectedStep(x, gradient);
      const maximalStep = Math.max(longestStep(x, d, box), Number.MIN_VALUE);
      const wanted = pairs.s.length > 0 ? 1 : Math.min(1, 1 / norm2(d));
      return { direction: d, initialStep: Math.min(wanted, maximalStep), maximalStep };
    },
    next: (pairs, { before, x, gradient }) =>
      addPair(
        pairs,
        x.map((xj, j) => xj - before.x[j]),
        inUnit(
          gradient.map((gj, j) => gj - before.gradient[j]),
          pairs,
        ),
        memory,
      ),
    restart: ({ s, unit }) => (s.length > 0 ? { ...noPairs, ...(unit && { unit }) } : undefined),
    project,
    measure: (gradient, x) =>
      projectedStep(x, gradient).reduce((largest, moved) => Math.max(largest, Math.abs(moved)), 0),
  };
  return lineSearchMethod(
    inside,
    x0.length === lower.length ? project(x0) : x0,
    { resume, signal },
    direction,
    search,
  );
}
