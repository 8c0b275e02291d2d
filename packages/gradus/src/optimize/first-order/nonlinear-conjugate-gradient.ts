import { checkFunction, checkOneOf, checkOptions } from "../../check/options.ts";
import type { Method, MethodOptions } from "../../iterate/iterate.ts";
import { dot } from "../../linalg/vector.ts";
import type { Objective } from "../../objectives/objective.ts";
import { descentOptions } from "../descent/descent.ts";
import {
  type Direction,
  type LineSearchIterate,
  type LineSearchState,
  lengthUnit,
  lineSearchMethod,
  similarStep,
  unboundedStep,
  VALUE_ROUNDING,
} from "../descent/line-search-method.ts";
import type { LineSearch } from "../line-search/contract.ts";
import { strongWolfe } from "../line-search/strong-wolfe.ts";

/** Powell's (1977) test: successive gradients of a quadratic are orthogonal; where they are not, directions are useless. */
function isOrthogonal(newSquare: number, product: number): boolean {
  return Math.abs(product) < 0.2 * newSquare;
}

const formulas = {
  "fletcher-reeves": ({ newSquare, oldSquare, product }) =>
    isOrthogonal(newSquare, product) ? newSquare / oldSquare : 0,
  "polak-ribiere": ({ newSquare, oldSquare, product }) => Math.max(0, (newSquare - product) / oldSquare),
  "hestenes-stiefel": ({ newSquare, product, change }) => Math.max(0, (newSquare - product) / change),
  "dai-yuan": ({ newSquare, change, product }) => (isOrthogonal(newSquare, product) ? newSquare / change : 0),
} as const satisfies Record<string, (figures: BetaFigures) => number>;

/** g+^T g+, g^T g, g+^T g and d^T (g+ - g). */
interface BetaFigures {
  readonly newSquare: number;
  readonly oldSquare: number;
  readonly product: number;
  readonly change: number;
}

/** The formula of beta. */
export type ConjugateFormula = keyof typeof formulas;

/** What nonlinear conjugate gradients remember. */
export interface ConjugateMemory {
  readonly last:
    | {
        readonly direction: Float64Array;
        readonly beta: number;
        readonly stepSize: number;
        readonly slope: number;
      }
    | undefined;
  /** Of directions: a power of two near the gradient norm at x0 where its square may leave the doubles, else 1. */
  readonly unit?: number;
}

export interface NonlinearConjugateGradientOptions extends MethodOptions<LineSearchState<ConjugateMemory>> {
  readonly formula?: ConjugateFormula;
  /** How far to go; a strong Wolfe search with curvature 0.1 by default. */
  readonly search?: LineSearch;
}

function conjugateDirection(formula: ConjugateFormula): Direction<ConjugateMemory> {
  return {
    init: ({ gradientNorm }) => ({ last: undefined, unit: lengthUnit(gradientNorm) }),
    at({ gradient, gradientNorm }, { last, unit = 1 }) {
      const direction = gradient.map((gj, j) => (last ? last.beta * last.direction[j] : 0) - gj / unit);
      let slope = dot(gradient, direction);
      if (!(slope < 0)) {
        for (let j = 0; j < gradient.length; j++) direction[j] = -gradient[j] / unit;
        slope = dot(gradient, direction);
      }
      return {
        direction,
        initialStep: last ? similarStep(last, slope) : Math.min(1, 1 / gradientNorm) * unit,
      };
    },
    next({ unit = 1 }, { before, gradient, direction, stepSize }) {
      const slope = dot(before.gradient, direction);
      const [now, then] = [gradient, before.gradient].map((g) => g.map((gj) => gj / unit));
      const beta = formulas[formula]({
        newSquare: dot(now, now),
        oldSquare: dot(then, then),
        product: dot(now, then),
        change: dot(direction, now) - slope / unit,
      });
      return { last: { direction, beta: Number.isFinite(beta) ? beta : 0, stepSize, slope }, unit };
    },
    restart: ({ last, unit }) => (last ? { last: undefined, ...(unit && { unit }) } : undefined),
  };
}

const wolfe: LineSearch = (objective, start, first) =>
  strongWolfe(objective, start, {
    maximalStep: Math.max(unboundedStep(start), first.initialStep),
    ...first,
    curvature: 0.1,
    valueTolerance: VALUE_ROUNDING,
  });

/**
 * Nonlinear conjugate gradients  d+ = -g+ + beta d,  with beta by
 *
 *     "polak-ribiere" (by default)  max(0, g+^T y / g^T g)     "hestenes-stiefel"  max(0, g+^T y / d^T y)
 *     "fletcher-reeves"             g+^T g+ / g^T g             "dai-yuan"          g+^T g+ / d^T y,      y = g+ - g
 *
 * A direction along which the value does not fall is replaced by -g, and so are those of Fletcher-Reeves and Dai-Yuan
 * where |g+^T g| >= 0.2 g+^T g+ (Powell 1977), which the other two do by themselves.
 * Source: Fletcher & Reeves 1964; Polak & Ribiere 1969, cut off at 0 by Powell 1986; Hestenes & Stiefel 1952; Dai &
 * Yuan 1999.
 *
 * @throws ArgumentError when an argument does not fit or the objective is not finite at x0
 */
export function nonlinearConjugateGradient(
  objective: Objective,
  x0: Float64Array,
  options: NonlinearConjugateGradientOptions = {},
): Method<LineSearchIterate<ConjugateMemory>> {
  checkOptions("nonlinearConjugateGradient", options, ["formula", "search", ...descentOptions]);
  const { formula = "polak-ribiere", search = wolfe, ...driver } = options;
  checkOneOf(Object.keys(formulas), { formula });
  checkFunction({ search });
  return lineSearchMethod(objective, x0, driver, conjugateDirection(formula), search);
}
