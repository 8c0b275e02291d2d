import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { ConvergenceError } from "../../check/errors.ts";
import { checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { isLater } from "./inner-step.ts";
import { GRADIENT_ROUNDING, solveLower } from "./lower-solve.ts";
import { countedOracle, type Oracle } from "./oracle.ts";
import { type BilevelProblem, checkStart, pointText } from "./problem.ts";

export interface PenaltyHyperobjectiveOptions {
  /** Where the lower problems start; 0 without it. */
  readonly y0?: Float64Array;
  /**
   * Prox residuals of both lower problems must be at most sigma times this, in the units of g's gradient in y. 1e-8 by
   * default, or that share of the gradient's scale where that is below 1, and never below rounding.
   */
  readonly tolerance?: number;
  /** Of each lower problem. */
  readonly maxIterations?: number;
  readonly signal?: AbortSignal;
}

/** The penalized hyper-objective at a point. */
export interface PenaltyHyperobjective {
  /** psi_sigma(x), at most psi(x) where both lower problems are solved. */
  readonly value: number;
  /** dimensionX numbers. */
  readonly gradient: Float64Array;
  /** Minimizes f(x, .) + g(x, .)/sigma. */
  readonly y: Float64Array;
  /** Minimizes g(x, .). */
  readonly z: Float64Array;
  /** Prox residuals of sigma f + g at y, and of g at z. */
  readonly residuals: readonly [number, number];
  /** Of both lower problems. */
  readonly innerIterations: number;
  readonly oracleCalls: number;
  /** The latter, too, where sigma is so small that f's slope is lost in the rounding of g's. */
  readonly status: "converged" | "inner-not-converged";
}

/** A level's value, checked. @throws ConvergenceError naming the level and the point */
export async function levelValue(
  problem: BilevelProblem,
  of: "upper" | "lower",
  x: Float64Array,
  y: Float64Array,
): Promise<number> {
  const result = problem[of].value(x, y);
  const value = isLater(result) ? await result : result;
  if (!Number.isFinite(value))
    throw new ConvergenceError(
      `the value of the ${of} level is ${value} at x = ${pointText(x)}, y = ${pointText(y)}`,
    );
  return value;
}

/** How two lower problems are solved. */
interface SolvePlan {
  readonly sigma: number;
  readonly start: Float64Array;
  readonly tolerance: number;
  readonly relative: boolean;
  readonly maxIterations: number;
  readonly signal: AbortSignal | undefined;
}

/** The gradient of sigma f + g in y, and g's alone where sigma is 0. */
export function penalizedSlope(problem: BilevelProblem, oracle: Oracle, x: Float64Array, sigma: number) {
  const fy = new Float64Array(problem.dimensionY);
  return (y: Float64Array, out: Float64Array) => {
    const g = oracle.lowerY(x, y, out);
    if (sigma === 0) return g;
    const f = oracle.upperY(x, y, fy);
    const add = (a: Float64Array, b: Float64Array) => {
      for (let i = 0; i < out.length; i++) out[i] = sigma * a[i] + b[i];
      return out;
    };
    if (!isLater(f) && !isLater(g)) return add(f, g);
    return Promise.all([f, g]).then(([a, b]) => add(a, b));
  };
}

/** What rounding leaves of a penalized problem is solved where it is at most so many tolerances, */
const LOOSEST = 1e5;
/** or this share of the first residual, which is sigma times f's slope. */
const RESOLVED = 1e-3;

/**
 * Minimizers of sigma f + g and of g over Y, the former from the latter. It has not converged where sigma is so small that
 * f's slope is lost in the rounding of g's.
 */
export async function lowerPair(problem: BilevelProblem, oracle: Oracle, x: Float64Array, plan: SolvePlan) {
  const { sigma, start, ...limits } = plan;
  const { projectY: project } = problem;
  const plain = await solveLower({
    gradient: penalizedSlope(problem, oracle, x, 0),
    project,
    start,
    ...limits,
  });
  const gradient = penalizedSlope(problem, oracle, x, sigma);
  const penalized = await solveLower({ gradient, project, start: plain.y, ...limits });
  const { residual, firstResidual } = penalized;
  const isLost =
    plan.relative && GRADIENT_ROUNDING > LOOSEST * plan.tolerance && residual > RESOLVED * firstResidual;
  return { plain, penalized: { ...penalized, converged: penalized.converged && !isLost } };
}

/** grad_x f(x, y) + (grad_x g(x, y) - grad_x g(x, z)) / sigma. */
export async function penaltyDirection(
  oracle: Oracle,
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
  sigma: number,
): Promise<Float64Array> {
  const fx = await oracle.upperX(x, y, new Float64Array(x.length));
  const gy = await oracle.lowerX(x, y, new Float64Array(x.length));
  const gz = await oracle.lowerX(x, z, new Float64Array(x.length));
  return Float64Array.from(fx, (value, i) => value + (gy[i] - gz[i]) / sigma);
}

/**
 * The penalized hyper-objective  psi_sigma(x) = min_y { f(x, y) + (g(x, y) - min_z g(x, z)) / sigma }  and its gradient
 * grad_x f(x, y) + (grad_x g(x, y) - grad_x g(x, z)) / sigma, with both lower problems solved by accelerated projected
 * gradient descent, the penalized one from the solution of the other. Where the minimizers of the lower level obey an
 * error bound, value and gradient are O(sigma)-close to those of the hyper-objective.
 * Source: Kwon, Kwon, Wright & Nowak 2023, arXiv 2309.01753, Theorem 1.1.
 *
 * @param x dimensionX numbers
 * @param sigma > 0
 * @returns `status` tells whether the lower problems met their tolerance: errors there are divided by sigma
 * @throws ArgumentError when an argument is out of range or a size does not fit
 * @throws ConvergenceError naming the level that is not finite and the point, or a lower level without bound
 */
export async function penaltyHyperobjective(
  problem: BilevelProblem,
  x: Float64Array,
  sigma: number,
  options: PenaltyHyperobjectiveOptions = {},
): Promise<PenaltyHyperobjective> {
  checkOptions("penaltyHyperobjective", options, ["y0", "tolerance", "maxIterations", "signal"]);
  const {
    y0 = new Float64Array(problem.dimensionY),
    tolerance = 1e-8,
    maxIterations = 100_000,
    signal,
  } = options;
  checkPositive({ sigma, tolerance });
  checkPositiveInteger({ maxIterations });
  const { y0: start } = checkStart(problem, { x0: x, y0 });
  const oracle = countedOracle(problem);
  const plan = {
    sigma,
    start,
    tolerance: sigma * tolerance,
    relative: options.tolerance === undefined,
    maxIterations,
    signal,
  };
  const { plain, penalized } = await lowerPair(problem, oracle, x, plan);
  const [y, z] = [penalized.y, plain.y];
  const gradient = await penaltyDirection(oracle, x, y, z, sigma);
  const upper = await levelValue(problem, "upper", x, y);
  const excess = (await levelValue(problem, "lower", x, y)) - (await levelValue(problem, "lower", x, z));
  return {
    value: upper + excess / sigma,
    gradient,
    y,
    z,
    residuals: [penalized.residual, plain.residual],
    innerIterations: penalized.iterations + plain.iterations,
    oracleCalls: oracle.calls,
    status: penalized.converged && plain.converged ? "converged" : "inner-not-converged",
  };
}

/** Checks a lower-level point that a caller gives. */
export function checkLowerPoint(name: string, y: Float64Array, dimension: number): void {
  checkLength(name, y, dimension);
  checkFiniteVector(name, y);
}
