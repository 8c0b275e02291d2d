import { ArgumentError } from "../../check/errors.ts";
import { type Method, solve } from "../../iterate/iterate.ts";
import type { DescentIterate } from "./descent.ts";

export interface MinimizeOptions {
  /** Stop when ||g||_* is at most this. */
  readonly gradientTolerance?: number;
  /** The minimum value, where it is known. */
  readonly optimum?: number;
  /** Stop when the value is at most `optimum` plus this. */
  readonly valueTolerance?: number;
  readonly maxIterations?: number;
  /** Milliseconds. */
  readonly timeLimit?: number;
  /** Called with every iterate; stop when it returns false. */
  readonly onIterate?: (iterate: DescentIterate) => unknown;
  readonly signal?: AbortSignal;
}

/** `converged`: a tolerance is met; `stopped`: by `onIterate` or the time limit. */
export type MinimizeStatus = "converged" | "max-iterations" | "line-search-failed" | "unbounded" | "stopped";

/** An iterate x_k, and the step that was made from it; the last has no step. */
export interface DescentRecord {
  readonly iteration: number;
  readonly value: number;
  readonly gradientNorm: number;
  readonly step?: { readonly gamma: number; readonly lambda: number; readonly trials: number };
}

/** Where a method of descent came to, and how. */
export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradientNorm: number;
  /** Steps made. */
  readonly iterations: number;
  /** Linear systems solved: one a trial. */
  readonly solves: number;
  /** Points at which the objective was evaluated, and gradients computed. */
  readonly evaluations: number;
  readonly gradients: number;
  readonly status: MinimizeStatus;
  readonly trace: readonly DescentRecord[];
}

/**
 * Drives a method of descent to a tolerance, and reports the point, the costs, why it ended and a trace.
 *
 * @throws ArgumentError when a limit is not a number that can be met, or `valueTolerance` comes without `optimum`
 * @throws the signal's reason on abort, and what the method throws
 */
export async function minimize(
  method: Method<DescentIterate>,
  {
    gradientTolerance = 1e-8,
    optimum,
    valueTolerance,
    maxIterations = 1000,
    timeLimit,
    onIterate,
    signal,
  }: MinimizeOptions = {},
): Promise<Minimum> {
  if (!(gradientTolerance >= 0))
    throw new ArgumentError(`gradientTolerance must be a number >= 0, got ${gradientTolerance}`);
  if (valueTolerance !== undefined && optimum === undefined)
    throw new ArgumentError("valueTolerance needs optimum, the minimum value");
  if (valueTolerance !== undefined && !(valueTolerance >= 0))
    throw new ArgumentError(`valueTolerance must be a number >= 0, got ${valueTolerance}`);
  const target = (optimum ?? Number.NEGATIVE_INFINITY) + (valueTolerance ?? 0);
  const trace: DescentRecord[] = [];
  let stopped = false;
  const reached = ({ value, gradientNorm }: DescentIterate): boolean =>
    gradientNorm <= gradientTolerance || value <= target;

  function record(iterate: DescentIterate): void {
    const { iteration, value, gradientNorm, gamma, lambda, trials, outcome } = iterate;
    stopped = onIterate?.(iterate) === false;
    if (outcome === "line-search-failed") return;
    const previous = trace.at(-1);
    if (previous) trace[trace.length - 1] = { ...previous, step: { gamma, lambda, trials } };
    trace.push({ iteration, value, gradientNorm });
  }

  const { iterate, status } = await solve(method, {
    maxIterations,
    timeLimit,
    signal,
    onIterate: record,
    until: (current) => stopped || reached(current),
  });
  const { x, value, gradientNorm, solves, evaluations, gradients, outcome, iteration } = iterate;
  function reason(): MinimizeStatus {
    if (outcome === "line-search-failed" || outcome === "unbounded") return outcome;
    if (reached(iterate) || outcome === "stationary") return "converged";
    return status === "max-iterations" ? "max-iterations" : "stopped";
  }
  return {
    x: x.slice(),
    value,
    gradientNorm,
    iterations: outcome === "line-search-failed" ? iteration - 1 : iteration,
    solves,
    evaluations,
    gradients,
    status: reason(),
    trace,
  };
}
