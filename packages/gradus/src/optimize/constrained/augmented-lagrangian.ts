import { ConvergenceError } from "../../check/errors.ts";
import { checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { iterates, type Method } from "../../iterate/iterate.ts";
import { denseMultiplyTransposed } from "../../linalg/dense.ts";
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
} from "./problem.ts";
import { startAt, stateFields } from "./start.ts";
import { statusAt, viewOf } from "./termination.ts";

export interface AugmentedLagrangianOptions extends ConstrainedOptions {
  /** First penalty. */
  readonly penalty?: number;
  /** First tolerance on the subproblem's gradient; a tenth each time after. */
  readonly subproblemTolerance?: number;
  /** Newton steps that a subproblem may take before the method gives up. */
  readonly maxSubproblemSteps?: number;
}

const ARMIJO = 0.1;
const GROWTH = 1.5;
const SHARPER = 0.1;
/** The shifted Hessian's least eigenvalue. */
const LEAST_CURVATURE = 1;
const GMRES_TOLERANCE = 1e-4;

function penalized(
  { value, lambda, constraints }: Pick<PrimalDualPoint, "value" | "lambda" | "constraints">,
  mu: number,
): number {
  return value + dot(lambda, constraints) + (mu / 2) * dot(constraints, constraints);
}

/** H(x, lambda + mu c) + mu G^T G, shifted so that its least eigenvalue is 1. */
async function shiftedHessian(
  problem: EqualityProblem,
  point: PrimalDualPoint,
  mu: number,
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
  const shift = LEAST_CURVATURE - symmetricEigenvalues(denseMatrix(A, n, n))[n - 1];
  for (let i = 0; i < n; i++) A[i * n + i] += shift;
  return A;
}

/**
 * The method of multipliers for min f(x) subject to c(x) = 0: minimizes  f + lambda^T c + (mu/2) ||c||^2  by Newton
 * steps (GMRES to 1e-4 on the Hessian shifted to a least eigenvalue of 1, Armijo) until its gradient is at most tau,
 * then  lambda <- lambda + mu c,  mu <- 1.5 mu,  tau <- tau / 10.  One iterate per multiplier.
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
    ...constrainedOptions,
  ]);
  const { penalty = 1, subproblemTolerance = 0.1, maxSubproblemSteps = 100, resume, signal } = options;
  const { lambda0 = new Float64Array(Math.max(0, problem.constraintCount) || 0) } = options;
  const checked = checkConstrainedOptions(options);
  checkProblem(problem, x0, lambda0);
  checkPositive({ penalty, subproblemTolerance });
  checkPositiveInteger({ maxSubproblemSteps });
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
    const A = await shiftedHessian(problem, point, mu, counts, iteration);
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
      if (norm2(gradient) <= tau) break;
      const next =
        k < maxSubproblemSteps ? await newtonStep(point, gradient, mu, counts, iteration) : undefined;
      if (!next) return { ...state, point, status: "no-acceptable-step", counts };
      ({ point, stepSize, residual } = next);
    }
    const merit = penalized(point, mu);
    const next = withMultiplier(
      point,
      point.lambda.map((value, i) => value + mu * point.constraints[i]),
    );
    const steps = state.steps + 1;
    const parameters = { mu: GROWTH * mu, tau: SHARPER * tau };
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
