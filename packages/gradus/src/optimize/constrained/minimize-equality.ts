import { ArgumentError } from "../../check/errors.ts";
import { checkOneOf } from "../../check/options.ts";
import type { Method } from "../../iterate/iterate.ts";
import { statusMessages } from "../status.ts";
import { adaSketchNewton } from "./ada-sketch-newton.ts";
import type { AdaSketchNewtonOptions } from "./ada-sketch-options.ts";
import { type AugmentedLagrangianOptions, augmentedLagrangian } from "./augmented-lagrangian.ts";
import type { ConstrainedCounts, ConstrainedIterate, ConstrainedStatus, StepRecord } from "./contract.ts";
import type { EqualityProblem } from "./problem.ts";
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

interface Observed {
  /** Called with every iterate. */
  readonly onIterate?: (iterate: ConstrainedIterate) => void;
}

export type MinimizeEqualityOptions = Observed &
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
  checkOneOf(["ada-sketch-newton", "sqp-l1", "augmented-lagrangian"], {
    method: options.method ?? "ada-sketch-newton",
  });
  if (options.method === "sqp-l1") {
    const { method: _, onIterate: __, ...own } = options;
    return sqpL1(problem, x0, own);
  }
  if (options.method === "augmented-lagrangian") {
    const { method: _, onIterate: __, ...own } = options;
    return augmentedLagrangian(problem, x0, own);
  }
  const { method: _, onIterate: __, ...own } = options;
  return adaSketchNewton(problem, x0, own);
}

/**
 * Minimizes f(x) subject to c(x) = 0 with one of the family's methods, AdaSketch-Newton by default, until the KKT
 * residual ||(grad f + G^T lambda, c)|| is at most `tolerance` (1e-4 by default) or the method cannot continue; the
 * status says which.
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
  const history: HistoryEntry[] = [];
  let last: ConstrainedIterate | undefined;
  for await (const iterate of methodOf(problem, x0, options)) {
    options.onIterate?.(iterate);
    if (iterate.step && iterate.status !== "no-acceptable-step")
      history.push({ ...iterate.step, kkt: iterate.kkt });
    last = iterate;
  }
  if (last === undefined || last.status === undefined)
    throw new ArgumentError("the method ended before it was done");
  const { x, lambda, value, kkt, constraintNorm, status, smallestSingularValue, counts, state } = last;
  return {
    x,
    lambda,
    value,
    kkt,
    constraintNorm,
    iterations: state.steps,
    status,
    message: statusMessages[status],
    smallestSingularValue,
    history,
    counts,
  };
}
