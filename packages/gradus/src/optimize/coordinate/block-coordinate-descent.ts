import { ArgumentError } from "../../check/errors.ts";
import { checkLimit } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { type Limits, solve } from "../../iterate/iterate.ts";
import { hasNoBottom } from "../descent/descent.ts";
import type { OptimizationStatus } from "../status.ts";
import {
  type BlockCoordinateIterate,
  type BlockCoordinateOptions,
  blockCoordinateIterates,
} from "./block-coordinate-iterates.ts";
import { type BlockProblem, slackAtZero, supportOf } from "./problem.ts";

/** When `blockCoordinateDescent` is done. */
export interface BlockStop {
  /**
   * The KKT residual is at most this, absolute, in the units of g; where no other criterion is given
   * 1e-8 max(|g(x_0)|_inf, min(1, |g(0)|_inf)).
   */
  readonly kkt?: number;
  /** No single coordinate would step further than this, in the units of x. */
  readonly step?: number;
  /** f - fStar is at most this, in the units of f; needs `fStar`. */
  readonly gap?: number;
  readonly fStar?: number;
  /**
   * The duality gap is at most this times ||c||^2: scikit-learn's `tol`. For least squares ||A x - c||^2 / 2 with a
   * penalty. It does not need f*, and it bounds f - f*.
   */
  readonly dualityGap?: number;
}

/** The options of `blockCoordinateIterates`, and when to stop. */
export interface BlockCoordinateDescentOptions extends Omit<BlockCoordinateOptions, "resume"> {
  readonly maxIterations?: number;
  readonly stop?: BlockStop;
  /** Called with every iterate, the starting point included. */
  readonly onIterate?: (iterate: BlockCoordinateIterate) => void;
}

/** What an iteration did. */
export interface BlockCoordinateRecord {
  readonly k: number;
  readonly block: Int32Array;
  /** f after it, with the penalty. */
  readonly f: number;
  /** By how much f fell; 0 at the start. */
  readonly decrease: number;
}

/** The active set at an answer, for problems with a penalty. */
export interface ActiveSet {
  /** The coordinates that are not 0, ascending: exactly, no tolerance. */
  readonly support: Int32Array;
  /** The first iteration from which the support is the final one. */
  readonly identifiedAt: number;
  /**
   * By how much the zeros hold: min over them of g_i + lambda (x >= 0) or lambda - |g_i|. Near 0 identification may
   * take any number of iterations. Infinity when no coordinate is 0.
   */
  readonly nondegeneracy: number;
}

/** What was found, how, and why the search ended. */
export interface BlockCoordinateResult {
  readonly x: Float64Array;
  /** f(x), with the penalty. */
  readonly value: number;
  readonly iterations: number;
  /** Multiplications and additions. */
  readonly flops: number;
  readonly kktResidual: number;
  /** Why it ended; `statusMessages[status]` says it in words. */
  readonly status: Extract<OptimizationStatus, "converged" | "max-iterations" | "unbounded">;
  /** For problems with a penalty. */
  readonly activeSet?: ActiveSet;
  /** One record per iteration, 0 included. */
  readonly trace: readonly BlockCoordinateRecord[];
}

function activeSet(
  problem: BlockProblem,
  x: Float64Array,
  g: Float64Array,
  identifiedAt: number,
): ActiveSet | undefined {
  const { penalty, lipschitz } = problem;
  if (!penalty) return undefined;
  let nondegeneracy = Number.POSITIVE_INFINITY;
  for (let i = 0; i < x.length; i++) {
    if (x[i] !== 0 || lipschitz[i] === 0) continue;
    nondegeneracy = Math.min(nondegeneracy, slackAtZero(penalty, g[i]));
  }
  return { support: supportOf(x), identifiedAt, nondegeneracy };
}

function largestEntry(g: Float64Array): number {
  return g.reduce((most, gi) => Math.max(most, Math.abs(gi)), 0);
}

/** What the default tolerance is relative to. Short gradients are those of small data, or of a start near the optimum. */
function gradientScale(problem: BlockProblem, atStart: Float64Array): number {
  const largest = largestEntry(atStart);
  if (largest >= 1) return largest;
  const zero = new Float64Array(problem.dimension);
  const atZero = new Float64Array(problem.dimension);
  problem.gradient(zero, problem.carry(zero), atZero);
  return Math.max(largest, Math.min(1, largestEntry(atZero)));
}

/** Refuses a tolerance that is not a number >= 0. */
function checkStop({ fStar, ...tolerances }: BlockStop): void {
  for (const [name, value] of Object.entries(tolerances))
    if (value !== undefined) checkLimit({ [`stop.${name}`]: value });
  if (tolerances.gap !== undefined && !Number.isFinite(fStar))
    throw new ArgumentError(`stop.gap needs a finite stop.fStar, got ${fStar}`);
}

/**
 * Minimizes by block coordinate descent, `blockCoordinateIterates`, until a criterion of `stop` is met or
 * `maxIterations` are made, or f falls without bound: that is a status, not an error. Rules that are not greedy look at
 * the KKT residual, which costs a pass over the data, once in as many iterations as cover all coordinates.
 *
 * @throws ArgumentError on a tolerance that is not a number >= 0, and what `blockCoordinateIterates` throws
 */
export async function blockCoordinateDescent(
  problem: BlockProblem,
  { maxIterations = 100_000, stop = {}, onIterate, ...options }: BlockCoordinateDescentOptions = {},
): Promise<BlockCoordinateResult> {
  checkOptions("stop", stop, ["kkt", "step", "gap", "fStar", "dualityGap"]);
  checkStop(stop);
  const { duality, penalty } = problem;
  if (stop.dualityGap !== undefined && !(duality && penalty))
    throw new ArgumentError("stop.dualityGap needs least squares with a penalty");
  const trace: BlockCoordinateRecord[] = [];
  let { kkt } = stop;
  let touched = 0;
  let unbounded = false;
  const greedy = !["random", "cyclic", "lipschitz", "random-forest"].includes(options.select ?? "gsd");
  function until(iterate: BlockCoordinateIterate): boolean {
    if (unbounded) return true;
    if (stop.gap !== undefined && iterate.value - (stop.fStar ?? 0) <= stop.gap) return true;
    touched += iterate.block.length;
    const due = greedy || iterate.iteration === 0 || touched >= problem.dimension;
    if (!due) return false;
    touched = 0;
    if (
      stop.dualityGap !== undefined &&
      (iterate.dualityGap ?? Number.NaN) <= stop.dualityGap * (duality?.scale ?? 0)
    )
      return true;
    if (kkt === undefined && [stop.step, stop.gap, stop.dualityGap].every((given) => given === undefined))
      kkt = 1e-8 * gradientScale(problem, iterate.gradient);
    if (stop.step !== undefined && iterate.longestStep <= stop.step) return true;
    return kkt !== undefined && iterate.kktResidual <= kkt;
  }
  const { iterate: last, status } = await solve(blockCoordinateIterates(problem, options), {
    maxIterations,
    until,
    signal: options.signal,
    onIterate(iterate) {
      const f = iterate.value;
      const decrease = trace.length === 0 ? 0 : trace[trace.length - 1].f - f;
      trace.push({ k: iterate.iteration, block: iterate.block, f, decrease });
      unbounded = hasNoBottom(f, trace[0].f);
      onIterate?.(iterate);
    },
  } satisfies Limits<BlockCoordinateIterate>);
  const { x, value, kktResidual, flops, iteration } = last;
  return {
    x,
    value,
    iterations: iteration,
    flops,
    kktResidual,
    status: unbounded ? "unbounded" : status === "converged" ? "converged" : "max-iterations",
    activeSet: activeSet(problem, x, last.gradient, last.supportChanged),
    trace,
  };
}
