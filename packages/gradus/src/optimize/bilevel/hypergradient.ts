import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegative, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import { pacer } from "../../iterate/iterate.ts";
import { norm2 } from "../../linalg/vector.ts";
import { explicitHypergradient, productsOf } from "./explicit-hypergradient.ts";
import { checkLowerPoint, lowerPair, penalizedSlope, penaltyDirection } from "./hyperobjective.ts";
import { implicitDirection, iterativeDirection } from "./implicit.ts";
import { isLater } from "./inner-step.ts";
import { solveLower } from "./lower-solve.ts";
import { checkBounded, countedOracle } from "./oracle.ts";
import { type BilevelProblem, checkFeasible, checkStart } from "./problem.ts";
import { sigmaUnit } from "./sigma-unit.ts";

const hypergradientMethods = ["explicit", "penalty", "aid", "itd"] as const;

export interface HypergradientOptions {
  /**
   * "penalty" (the default): of first order, with an error O(sigma); "explicit": the formula with the pseudo-inverse, also
   * for several lower solutions and for constraints; "aid": implicit differentiation by conjugate residuals; "itd": through
   * gradient steps of the lower level.
   */
  readonly method?: (typeof hypergradientMethods)[number];
  /** Where the lower level starts; 0 without it. */
  readonly y0?: Float64Array;
  /**
   * For "explicit": the minimizer of f over the lower solutions, or of sigma f + g where `sigma` is given. Without it that of
   * sigma f + g is found by descent, and the gradient has an error O(sigma) as that of "penalty"; where there is one lower
   * solution, the `y` that "aid" returns has none.
   */
  readonly y?: Float64Array;
  /**
   * For "penalty", in the units of g over those of f: the error grows as sigma f / g. Without it 1e-4 times the curvature of g
   * in y over that of f, the nearest power of 16, which is 1 for levels in like units. For "explicit": the formula of
   * sigma f + g in place of g, which needs `upperProducts`.
   */
  readonly sigma?: number;
  /**
   * Of the prox residuals of the lower problems, absolute, in the units of the gradient of g in y; sigma times this for
   * "penalty" and "explicit". 1e-8 by default, or that share of the gradient's scale where that is below 1, and never below
   * rounding ("itd": 1e-8).
   */
  readonly tolerance?: number;
  readonly maxIterations?: number;
  /** For "explicit": a constraint with q_i(y) >= -activeTolerance, in the units of q, is active. */
  readonly activeTolerance?: number;
  /** For "itd": T gradient steps and their size. */
  readonly innerSteps?: number;
  readonly innerStepSize?: number;
  readonly signal?: AbortSignal;
}

/** A gradient of the hyper-objective and what it rests on. */
export interface Hypergradient {
  /** dimensionX numbers. */
  readonly gradient: Float64Array;
  /** The lower-level point at which it was computed. */
  readonly y: Float64Array;
  /** For "explicit": multipliers and places of the active constraints; empty otherwise. */
  readonly multipliers: Float64Array;
  readonly active: readonly number[];
  readonly oracleCalls: number;
  readonly products: number;
  /** The latter, too, where sigma is so small that f's slope is lost in the rounding of g's. */
  readonly status: "converged" | "inner-not-converged";
}

const AID_TOLERANCE = 1e-10;
const DEFAULT_SIGMA = 1e-4;

/**
 * The gradient of the hyper-objective psi(x) = min { f(x, y) : y in S(x) } at x by one of four methods. The explicit
 * formula is
 *
 *     grad psi(x) = grad_x f - [0, d^2 g/dx dy] M^+ [0; grad_y f],
 *     M = [[0, grad q], [grad q^T, d^2 g/dy^2 + sum_i lambda_i d^2 q_i/dy^2]],
 *
 * at the minimizer y of f over S(x), with the active constraints q and a pseudo-inverse that cuts off at 1e-10; with a
 * sigma, and h = sigma f + g in place of g, it is d^2 l/(dx dsigma) of l(x, sigma) = min_y h(x, y), at that y. "aid" uses
 * the pseudo-inverse too, at the lower solution that descent reaches; "aid" and "itd" need a lower level without projection.
 * Source: Kwon, Kwon, Wright & Nowak 2023, arXiv 2309.01753, Theorem 3.2; Pedregosa 2016 for "aid".
 *
 * @param x dimensionX numbers
 * @throws ArgumentError when an option or a size does not fit, or the problem lacks products with second derivatives
 * @throws ConvergenceError naming what is not finite and the point, a lower level without bound, or constraints whose
 * gradients are linearly dependent
 */
export async function hypergradient(
  problem: BilevelProblem,
  x: Float64Array,
  options: HypergradientOptions = {},
): Promise<Hypergradient> {
  checkOptions("hypergradient", options, [
    "method",
    "y0",
    "y",
    "sigma",
    "tolerance",
    "maxIterations",
    "activeTolerance",
    "innerSteps",
    "innerStepSize",
    "signal",
  ]);
  const {
    method = "penalty",
    y0 = new Float64Array(problem.dimensionY),
    sigma = DEFAULT_SIGMA,
    tolerance = 1e-8,
    maxIterations = 100_000,
    activeTolerance = 1e-3,
    innerSteps = 100,
    innerStepSize,
    signal,
  } = options;
  signal?.throwIfAborted();
  checkOneOf(hypergradientMethods, { method });
  checkPositive({ sigma, tolerance });
  checkNonNegative({ activeTolerance });
  checkPositiveInteger({ maxIterations, innerSteps });
  const { y0: start } = checkStart(problem, { x0: x, y0 });
  const oracle = countedOracle(problem);
  const finish = (gradient: Float64Array, y: Float64Array, converged = true) => ({
    gradient,
    y,
    multipliers: new Float64Array(),
    active: [],
    oracleCalls: oracle.calls,
    products: oracle.products,
    status: converged ? ("converged" as const) : ("inner-not-converged" as const),
  });
  const limits = { relative: options.tolerance === undefined, maxIterations, signal };
  const pairAt = async (at: number, from: Float64Array) => ({
    sigma: at,
    ...(await lowerPair(problem, oracle, x, {
      sigma: at,
      start: from,
      tolerance: Math.min(at, sigma) * tolerance,
      ...limits,
    })),
  });
  const pair = async () => {
    const first = await pairAt(sigma, start);
    if (options.sigma !== undefined) return first;
    const unit = await sigmaUnit({ oracle, project: problem.projectY }, x, first.plain.y, first.penalized.y);
    return unit === 1 ? first : pairAt(unit * sigma, first.plain.y);
  };

  if (method === "penalty") {
    const { plain, penalized, sigma: chosen } = await pair();
    const gradient = await penaltyDirection(oracle, x, penalized.y, plain.y, chosen);
    return finish(gradient, penalized.y, plain.converged && penalized.converged);
  }
  if (method === "explicit") {
    productsOf(problem, method);
    if (options.sigma !== undefined) productsOf(problem, method, "upperProducts");
    if (options.y) {
      checkLowerPoint("y", options.y, problem.dimensionY);
      checkFeasible("y must be a point of Y", problem.lowerConstraints, options.y, activeTolerance);
    }
    const found = options.y ? undefined : await pair();
    const y = options.y?.slice() ?? found?.penalized.y ?? start;
    const converged = !found || (found.plain.converged && found.penalized.converged);
    const { gradient, active, multipliers } = await explicitHypergradient(problem, oracle, x, y, {
      activeTolerance,
      sigma: options.sigma ?? 0,
    });
    return { ...finish(gradient, y, converged), active, multipliers };
  }
  if (problem.projectY)
    throw new ArgumentError(
      `projectY must be absent for the "${method}" hypergradient, which has no constraints`,
    );
  productsOf(problem, method);
  const slope = penalizedSlope(problem, oracle, x, 0);
  if (method === "aid") {
    const lower = await solveLower({
      gradient: slope,
      project: undefined,
      start,
      tolerance,
      ...limits,
    });
    const plan = { relativeTolerance: AID_TOLERANCE, maxProducts: 10 * problem.dimensionY, start: undefined };
    const { gradient, converged } = await implicitDirection(problem, oracle, x, lower.y, plan);
    return finish(gradient, lower.y, lower.converged && converged);
  }
  checkPositive({ innerStepSize });
  const step = innerStepSize ?? Number.NaN;
  const path = [start];
  const out = new Float64Array(start.length);
  let residual = Number.POSITIVE_INFINITY;
  let firstStep = 0;
  const pace = pacer();
  for (let t = 0; t < innerSteps; t++) {
    const turn = pace();
    if (turn) await turn;
    signal?.throwIfAborted();
    const last = path[t];
    const result = slope(last, out);
    const values = isLater(result) ? await result : result;
    residual = norm2(values);
    path.push(last.map((value, i) => value - step * values[i]));
    if (t === 0) firstStep = norm2(start) + step * residual;
    checkBounded("y, the lower level's solution,", path[t + 1], firstStep);
  }
  const gradient = await iterativeDirection(problem, oracle, x, path, step);
  return finish(gradient, path[innerSteps], residual <= tolerance);
}
