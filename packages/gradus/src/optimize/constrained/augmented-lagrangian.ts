import { ConvergenceError } from "../../check/errors.ts";
import { checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import { iterates, type Method } from "../../iterate/iterate.ts";
import { denseMultiplyTransposed } from "../../linalg/dense.ts";
import { choleskyInPlace } from "../../linalg/factorize/cholesky-in-place.ts";
import { symmetricEigenvalues } from "../../linalg/factorize/symmetric-eigenvalues.ts";
import { gmres } from "../../linalg/krylov/gmres.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { dot, norm2 } from "../../linalg/vector.ts";
import { checkConstrainedOptions, constrainedOptions } from "./ada-sketch-options.ts";
import { backtrack } from "./backtrack.ts";
import type {
  ConstrainedCounts,
  ConstrainedIterate,
  ConstrainedOptions,
  ConstrainedState,
} from "./contract.ts";
import {
  checkProblem,
  type EqualityProblem,
  feasibilityAt,
  hessianAt,
  type PrimalDualPoint,
  pointFrom,
  requireDefined,
  withMultiplier,
  zeroMultipliers,
} from "./problem.ts";
import { startAt, stateFields } from "./start.ts";
import { statusAt, viewOf } from "./termination.ts";

export interface AugmentedLagrangianOptions extends ConstrainedOptions {
  /** First penalty. */
  readonly penalty?: number;
  /** First tolerance on the subproblem's gradient; a tenth each time after, down to a tenth of `tolerance` and rounding. */
  readonly subproblemTolerance?: number;
  /**
   * "indefinite": the subproblem's Hessian is shifted where it is not positive definite, in its own units. "always": to a
   * least eigenvalue of 1 whatever it is, with tolerances without a lower limit, as in the comparison of Hong, Na, Mahoney &
   * Kolar: the method then depends on units, and fails on many a convex quadratic.
   */
  readonly shift?: "indefinite" | "always";
  /** Newton steps that a subproblem may take before the method gives up. */
  readonly maxSubproblemSteps?: number;
}

const ARMIJO = 0.1;
const GROWTH = 1.5;
const SHARPER = 0.1;
/** The least eigenvalue of a Hessian that is always shifted. */
const LEAST_CURVATURE = 1;
/** Definite: the least eigenvalue exceeds this share of the largest, or every pivot this share of its diagonal entry. */
const DEFINITE = 1e-14;
/** The shifted Hessian's least eigenvalue, as a share of its largest absolute one. */
const LEAST_SHARE = 1e-2;
/** The last tolerance of subproblems, as a share of the method's. */
const LAST_TOLERANCE = 0.1;
/** Steps below this share of the point are rounding. */
const POINT_ROUNDING = 4 * Number.EPSILON;
/** What rounding leaves of a gradient, as a share of its terms. */
const GRADIENT_ROUNDING = 8 * Number.EPSILON;
const GMRES_TOLERANCE = 1e-4;

function penalized(
  { value, lambda, constraints }: Pick<PrimalDualPoint, "value" | "lambda" | "constraints">,
  mu: number,
): number {
  return value + dot(lambda, constraints) + (mu / 2) * dot(constraints, constraints);
}

/** Whether two points differ by more than rounding. */
function isMove(from: Float64Array, to: Float64Array): boolean {
  return norm2(to.map((value, i) => value - from[i])) > POINT_ROUNDING * norm2(to);
}

/** What is added to the diagonal of A. */
function shiftOf(A: Float64Array, n: number, rule: "indefinite" | "always"): number {
  const eigenvalues = symmetricEigenvalues(denseMatrix(A, n, n));
  const [largest, least] = [eigenvalues[0], eigenvalues[n - 1]];
  if (rule === "always") return LEAST_CURVATURE - least;
  // pivots tell what eigenvalues cannot where variables have units far apart
  if (least > DEFINITE * largest || choleskyInPlace(A.slice(), n, DEFINITE) === n) return 0;
  return (LEAST_SHARE * Math.max(largest, -least) || 1) - least;
}

/** H(x, lambda + mu c) + mu G^T G, shifted by the rule. */
async function shiftedHessian(
  problem: EqualityProblem,
  point: PrimalDualPoint,
  { mu, rule }: { readonly mu: number; readonly rule: "indefinite" | "always" },
  counts: ConstrainedCounts,
  iteration: number,
): Promise<Float64Array> {
  const { lambda, constraints, jacobian } = point;
  const { dimension: n, constraintCount: m } = problem;
  const estimate = lambda.map((value, i) => value + mu * constraints[i]);
  const A = await hessianAt(problem, { ...point, lambda: estimate }, counts, iteration);
  for (let k = 0; k < m; k++)
    for (let i = 0; i < n; i++) {
      const factor = mu * jacobian[k * n + i];
      for (let j = 0; j < n; j++) A[i * n + j] += factor * jacobian[k * n + j];
    }
  const shift = shiftOf(A, n, rule);
  for (let i = 0; i < n; i++) A[i * n + i] += shift;
  return A;
}

/** What rounding leaves of the gradient of  f + lambda^T c + (mu/2) ||c||^2. */
function gradientRounding({ gradient, jacobian, lambda, constraints }: PrimalDualPoint, mu: number): number {
  const multipliers = norm2(lambda) + mu * norm2(constraints);
  return GRADIENT_ROUNDING * (norm2(gradient) + norm2(jacobian) * multipliers);
}

/**
 * The method of multipliers for min f(x) subject to c(x) = 0: minimizes  f + lambda^T c + (mu/2) ||c||^2  by Newton
 * steps (GMRES to 1e-4 on the Hessian, shifted by `shift`; Armijo) until its gradient is at most tau, then
 * lambda <- lambda + mu c,  mu <- 1.5 mu,  tau <- tau / 10.  One iterate per multiplier.
 * Source: Hestenes 1969, "Multiplier and gradient methods"; constants as in the comparison of Hong, Na, Mahoney &
 * Kolar 2023.
 *
 * @param x0 n numbers
 * @throws ArgumentError when an option, a size or a returned array does not fit
 * @throws ConvergenceError naming what of the problem is not finite, and at which iteration
 */
export function augmentedLagrangian(
  problem: EqualityProblem,
  x0: Float64Array,
  options: AugmentedLagrangianOptions = {},
): Method<ConstrainedIterate> {
  checkOptions("augmentedLagrangian", options, [
    "penalty",
    "subproblemTolerance",
    "maxSubproblemSteps",
    "shift",
    ...constrainedOptions,
  ]);
  const { penalty = 1, subproblemTolerance = 0.1, maxSubproblemSteps = 100 } = options;
  const { shift: rule = "indefinite", resume, signal } = options;
  const { lambda0 = zeroMultipliers(problem) } = options;
  const checked = checkConstrainedOptions(options);
  checkProblem(problem, x0, lambda0);
  checkPositive({ penalty, subproblemTolerance });
  checkPositiveInteger({ maxSubproblemSteps });
  checkOneOf(["indefinite", "always"], { shift: rule });
  const { dimension: n, constraintCount: m } = problem;
  const terminate = (point: PrimalDualPoint, steps: number) =>
    // the method solves no system with G: dependent rows do not stop it
    statusAt(problem, point, steps, { ...checked, singularBelow: Number.NEGATIVE_INFINITY });

  async function start(): Promise<ConstrainedState> {
    const { point, counts } = await startAt(problem, x0, lambda0);
    const parameters = { mu: penalty, tau: subproblemTolerance };
    return { point, ...terminate(point, 0), steps: 0, parameters, counts, last: undefined };
  }

  /** A Newton step on the subproblem; undefined where no step decreases it. */
  async function newtonStep(
    point: PrimalDualPoint,
    gradient: Float64Array,
    mu: number,
    counts: ConstrainedCounts,
    iteration: number,
  ) {
    const A = await shiftedHessian(problem, point, { mu, rule }, counts, iteration);
    const rightSide = gradient.map((value) => -value);
    let direction = rightSide;
    let residual = 1;
    for await (const iterate of gmres(denseMatrix(A, n, n), rightSide, {
      restart: Math.min(n, 100),
      relativeTolerance: GMRES_TOLERANCE,
      signal,
    })) {
      if (!iterate.done) continue;
      direction = Float64Array.from(iterate.x);
      residual = iterate.residualNorm / norm2(rightSide);
      counts.innerSteps += iterate.iteration;
      counts.innerFlops += 2 * n * n * (iterate.iteration + 1);
    }
    const found = await backtrack(
      penalized(point, mu),
      dot(gradient, direction),
      ARMIJO,
      async (stepSize) => {
        const x = point.x.map((value, j) => value + stepSize * direction[j]);
        const feasibility = await feasibilityAt(problem, x, counts);
        const { value, constraints, defect } = feasibility;
        return {
          value: penalized({ value, constraints, lambda: point.lambda }, mu),
          at: { x, feasibility },
          defect,
        };
      },
    );
    if ("failed" in found) {
      if (found.defect !== undefined)
        throw new ConvergenceError(`${found.defect} on every step tried at iteration ${iteration}`);
      return undefined;
    }
    const { x, feasibility } = found.at;
    const next = await pointFrom(problem, x, point.lambda, feasibility, counts);
    requireDefined(next.defect, iteration);
    return { point: next.point, stepSize: found.stepSize, residual };
  }

  async function step(state: ConstrainedState, iteration: number): Promise<ConstrainedState> {
    const counts = { ...state.counts };
    const { mu, tau } = state.parameters;
    const before = counts.innerSteps;
    let { point } = state;
    let [stepSize, residual] = [1, 0];
    const meritBefore = penalized(point, mu);
    for (let k = 0; ; k++) {
      const gradient = denseMultiplyTransposed(point.jacobian, m, n, point.constraints);
      for (let j = 0; j < n; j++) gradient[j] = point.lagrangianGradient[j] + mu * gradient[j];
      const least = rule === "always" ? 0 : gradientRounding(point, mu);
      if (norm2(gradient) <= Math.max(tau, least)) break;
      const next =
        k < maxSubproblemSteps ? await newtonStep(point, gradient, mu, counts, iteration) : undefined;
      if (!next) {
        const { smallestSingularValue } = terminate(point, state.steps);
        return { ...state, point, smallestSingularValue, status: "no-acceptable-step", counts };
      }
      const { x } = point;
      ({ point, stepSize, residual } = next);
      if (rule === "indefinite" && !isMove(x, point.x)) break;
    }
    const merit = penalized(point, mu);
    const next = withMultiplier(
      point,
      point.lambda.map((value, i) => value + mu * point.constraints[i]),
    );
    const last = rule === "always" ? 0 : LAST_TOLERANCE * checked.tolerance;
    // neither the point moves nor its residual falls, and no sharper subproblem follows: larger penalties only add rounding
    const solved = tau <= Math.max(last, gradientRounding(point, mu));
    if (rule === "indefinite" && solved && !isMove(state.point.x, point.x) && next.kkt >= state.point.kkt)
      return { ...state, status: "no-acceptable-step", counts };
    const steps = state.steps + 1;
    const parameters = { mu: GROWTH * mu, tau: Math.max(SHARPER * tau, Math.min(tau, last)) };
    const innerSteps = counts.innerSteps - before;
    return {
      point: next,
      ...terminate(next, steps),
      steps,
      parameters,
      counts,
      last: { stepSize, meritBefore, merit, innerSteps, residual, parameters, descent: true },
    };
  }

  return iterates({ fields: stateFields(problem), start, step, view: viewOf }, { resume, signal });
}
