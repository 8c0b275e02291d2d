import { checkNonNegative, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { norm2 } from "../../linalg/vector.ts";
import { randomStream } from "../../random/stream.ts";
import { lowerPair, penalizedSlope } from "./hyperobjective.ts";
import { solveLower } from "./lower-solve.ts";
import { countedOracle } from "./oracle.ts";
import { type BilevelProblem, checkStart, projected } from "./problem.ts";

export interface ErrorBoundOptions {
  /** Where the lower problems start; 0 without it. */
  readonly y0?: Float64Array;
  /** rho of the prox. */
  readonly proxParameter?: number;
  /** Points that are tried. */
  readonly samples?: number;
  /** They lie at most this far from the solution, their distances uniform: 1 by default, in the units of y. */
  readonly radius?: number;
  /**
   * Of the prox residuals of the lower problems, absolute. 1e-9 by default, or that share of the gradient's scale where that
   * is below 1, and never below rounding.
   */
  readonly tolerance?: number;
  readonly maxIterations?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** The smallest constant of the error bound that was seen. */
export interface ErrorBoundEstimate {
  /** The least ||y - prox|| / (rho dist(y, T)); Infinity where every point was a solution. */
  readonly constant: number;
  /** The point at which it was seen, and its distance from the solutions. */
  readonly y: Float64Array;
  readonly distance: number;
  readonly status: "converged" | "inner-not-converged";
}

const gap = (a: Float64Array, b: Float64Array): number => norm2(a.map((value, i) => value - b[i]));
/** Distances below this share of the radius are those of solutions. */
const SOLUTION = 1e-7;

/**
 * Estimates the constant mu of the proximal error bound  ||y - prox(y)|| / rho >= mu dist(y, T)  near the solutions T of
 * the penalized lower problem h = sigma f(x, .) + g(x, .) over Y, with prox(y) = argmin_w h(w) + ||w - y||^2 / (2 rho):
 * the smallest quotient over random points around a solution. The distance to T is that to the solution which descent
 * from the point reaches, so that a quotient is at most the true one. The penalty method's guarantees need mu not to fall
 * with sigma.
 * Source: Kwon, Kwon, Wright & Nowak 2023, arXiv 2309.01753, the small-error proximal error-bound condition.
 *
 * @param x dimensionX numbers
 * @param sigma >= 0; 0 is the lower level itself
 * @throws ArgumentError when an argument is out of range or a size does not fit
 * @throws ConvergenceError naming the level that is not finite and the point, or a lower level without bound
 */
export async function estimateErrorBound(
  problem: BilevelProblem,
  x: Float64Array,
  sigma: number,
  options: ErrorBoundOptions = {},
): Promise<ErrorBoundEstimate> {
  checkOptions("estimateErrorBound", options, [
    "y0",
    "proxParameter",
    "samples",
    "radius",
    "tolerance",
    "maxIterations",
    "seed",
    "signal",
  ]);
  const {
    y0 = new Float64Array(problem.dimensionY),
    proxParameter = 1,
    samples = 20,
    radius = 1,
    tolerance = 1e-9,
    maxIterations = 100_000,
    seed = 0,
    signal,
  } = options;
  checkNonNegative({ sigma });
  checkPositive({ proxParameter, radius, tolerance });
  checkPositiveInteger({ samples, maxIterations });
  const { y0: start } = checkStart(problem, { x0: x, y0 });
  const oracle = countedOracle(problem);
  const { projectY: project, dimensionY } = problem;
  const limits = { tolerance, relative: options.tolerance === undefined, maxIterations, signal };
  const slope = penalizedSlope(problem, oracle, x, sigma);
  const { penalized } = await lowerPair(problem, oracle, x, { sigma, start, ...limits });
  const stream = randomStream(seed);
  let converged = penalized.converged;
  let least = { constant: Number.POSITIVE_INFINITY, y: penalized.y, distance: 0 };
  for (let k = 0; k < samples; k++) {
    const away = stream.uniform() * radius;
    const direction = stream.unitSphere(dimensionY);
    const y = projected(
      project,
      penalized.y.map((value, i) => value + away * direction[i]),
    );
    const solution = await solveLower({ gradient: slope, project, start: y, ...limits });
    const distance = gap(y, solution.y);
    if (distance <= SOLUTION * radius) continue;
    const prox = await solveLower({
      async gradient(w, out) {
        const h = await slope(w, out);
        for (let i = 0; i < out.length; i++) out[i] = h[i] + (w[i] - y[i]) / proxParameter;
        return out;
      },
      project,
      start: y,
      ...limits,
    });
    converged &&= solution.converged && prox.converged;
    const constant = gap(y, prox.y) / (proxParameter * distance);
    if (constant < least.constant) least = { constant, y, distance };
  }
  return { ...least, status: converged ? "converged" : "inner-not-converged" };
}
