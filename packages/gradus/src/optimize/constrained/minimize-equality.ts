import { ArgumentError } from "../../check/errors.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import type { Method } from "../../iterate/iterate.ts";
import { solveLeastSquares } from "../../linalg/least-squares.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { statusMessages } from "../status.ts";
import { adaSketchNewton } from "./ada-sketch-newton.ts";
import type { AdaSketchNewtonOptions } from "./ada-sketch-options.ts";
import { type AugmentedLagrangianOptions, augmentedLagrangian } from "./augmented-lagrangian.ts";
import type { ConstrainedCounts, ConstrainedIterate, ConstrainedStatus, StepRecord } from "./contract.ts";
import { gradientScale, scaleObjective } from "./objective-scale.ts";
import {
  checkProblem,
  type EqualityProblem,
  type ProblemCounts,
  pointAt,
  zeroMultipliers,
} from "./problem.ts";
import { type SqpL1Options, sqpL1 } from "./sqp-l1.ts";

/** A step of a run, with the KKT residual it led to. */
export interface HistoryEntry extends StepRecord {
  readonly kkt: number;
}

/** How a run ended. */
export interface EqualityResult {
  readonly x: Float64Array;
  readonly lambda: Float64Array;
  /** f(x). */
  readonly value: number;
  /** What was compared with `tolerance`: the residual of the scaled problem with `scaling: "gradient"`. */
  readonly kkt: number;
  readonly constraintNorm: number;
  /** Steps taken. */
  readonly iterations: number;
  readonly status: ConstrainedStatus;
  /** The status in words. */
  readonly message: string;
  /** Of the Jacobian at x, where the method would have gone on from there, else NaN. */
  readonly smallestSingularValue: number;
  /** One entry per step. */
  readonly history: readonly HistoryEntry[];
  readonly counts: Readonly<ConstrainedCounts>;
}

interface Shared {
  /**
   * "gradient" minimizes sigma f with sigma = 1 / ||grad f(x0)||_inf, kept between 1e-8 and 1e8, so that the run does not
   * depend on the units of f; x, lambda and value are still those of f. Where grad f(x0) is 0, as at the origin of a
   * quadratic, the gradient is that at the nearest solution of the linearized constraints. "none" by default.
   */
  readonly scaling?: "none" | "gradient";
  /** Called with every iterate, of the scaled problem if there is scaling. */
  readonly onIterate?: (iterate: ConstrainedIterate) => void;
}

export type MinimizeEqualityOptions = Shared &
  (
    | ({ readonly method?: "ada-sketch-newton" } & AdaSketchNewtonOptions)
    | ({ readonly method: "sqp-l1" } & SqpL1Options)
    | ({ readonly method: "augmented-lagrangian" } & AugmentedLagrangianOptions)
  );

function methodOf(
  problem: EqualityProblem,
  x0: Float64Array,
  options: MinimizeEqualityOptions,
): Method<ConstrainedIterate> {
  if (options.method === "sqp-l1") {
    const { method: _, onIterate: __, scaling: ___, ...own } = options;
    return sqpL1(problem, x0, own);
  }
  if (options.method === "augmented-lagrangian") {
    const { method: _, onIterate: __, scaling: ___, ...own } = options;
    return augmentedLagrangian(problem, x0, own);
  }
  const { method: _, onIterate: __, scaling: ___, ...own } = options;
  return adaSketchNewton(problem, x0, own);
}

/**
 * The factor of the objective, by the gradient at the start; where that is 0, at the nearest solution of the linearized
 * constraints.
 *
 * @param counts gets the evaluations
 */
async function objectiveFactor(
  problem: EqualityProblem,
  x0: Float64Array,
  { lambda0 = zeroMultipliers(problem), scaling = "none" }: MinimizeEqualityOptions,
  counts: ProblemCounts,
): Promise<number> {
  checkOneOf(["none", "gradient"], { scaling });
  if (scaling === "none") return 1;
  checkProblem(problem, x0, lambda0);
  counts.gradient += 1;
  const gradient = await problem.gradient(x0);
  if (gradient.some((entry) => entry !== 0)) return gradientScale(gradient);
  const { constraints, jacobian } = await pointAt(problem, x0, lambda0, counts, 0);
  const { x: excess } = solveLeastSquares(
    denseMatrix(jacobian, problem.constraintCount, problem.dimension),
    constraints,
  );
  counts.gradient += 1;
  return gradientScale(await problem.gradient(x0.map((entry, j) => entry - excess[j])));
}

/**
 * Minimizes f(x) subject to c(x) = 0 with one of the family's methods, AdaSketch-Newton by default, until the KKT
 * residual ||(grad f + G^T lambda, c)|| is at most `tolerance` (1e-4 by default) or the method cannot continue; the
 * status says which.
 *
 * The tolerance is absolute. With gradients of f of about 1e-6, any feasible point has a residual below 1e-4 and counts as
 * converged; with gradients of about 1e6, rounding may keep the residual above it. `scaling: "gradient"` is for objectives
 * in such units: it minimizes  sigma f,  sigma = 1 / ||grad f(x0)||_inf,  and ends at
 *
 *     ||(sigma grad f + G^T lambda, c)|| <= tolerance.
 *
 * @param x0 n numbers; it need not be feasible
 * @throws ArgumentError when an option, a size or a returned array does not fit
 * @throws ConvergenceError naming what of the problem is not finite, and at which iteration
 * @throws the signal's reason when `signal` is aborted
 */
export async function minimizeEquality(
  problem: EqualityProblem,
  x0: Float64Array,
  options: MinimizeEqualityOptions = {},
): Promise<EqualityResult> {
  // The method knows the others.
  checkOptions("minimizeEquality", options, Object.keys(options ?? {}));
  checkOneOf(["ada-sketch-newton", "sqp-l1", "augmented-lagrangian"], {
    method: options.method ?? "ada-sketch-newton",
  });
  const before = { objective: 0, constraints: 0, gradient: 0, jacobian: 0, hessian: 0 };
  const sigma = await objectiveFactor(problem, x0, options, before);
  const method =
    sigma === 1
      ? methodOf(problem, x0, options)
      : methodOf(scaleObjective(problem, sigma), x0, {
          ...options,
          ...(options.lambda0 && { lambda0: options.lambda0.map((value) => sigma * value) }),
        });
  const history: HistoryEntry[] = [];
  let last: ConstrainedIterate | undefined;
  for await (const iterate of method) {
    options.onIterate?.(iterate);
    if (iterate.step && iterate.status !== "no-acceptable-step")
      history.push({ ...iterate.step, kkt: iterate.kkt });
    last = iterate;
  }
  if (last === undefined || last.status === undefined)
    throw new ArgumentError("the method ended before it was done");
  const { x, kkt, constraintNorm, status, smallestSingularValue, counts, state } = last;
  return {
    x,
    lambda: sigma === 1 ? last.lambda : last.lambda.map((value) => value / sigma),
    value: last.value / sigma,
    kkt,
    constraintNorm,
    iterations: state.steps,
    status,
    message: statusMessages[status],
    smallestSingularValue,
    history,
    counts: {
      ...counts,
      objective: counts.objective + before.objective,
      constraints: counts.constraints + before.constraints,
      gradient: counts.gradient + before.gradient,
      jacobian: counts.jacobian + before.jacobian,
    },
  };
}
