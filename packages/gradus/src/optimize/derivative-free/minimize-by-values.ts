import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin, checkLimit, checkNonNegativeInteger } from "../../check/numbers.ts";
import { checkFunction, checkGivenOptions } from "../../check/options.ts";
import type { Iterate, Method } from "../../iterate/iterate.ts";
import { type OptimizationStatus, statusMessages } from "../status.ts";
import type { BatchObjective } from "./batch-objective.ts";

/** What every iterate of a method that uses values alone shows. */
export interface ValueIterate extends Iterate {
  readonly bestValue: number;
  readonly bestPoint: Float64Array;
  readonly evaluations: number;
  readonly status?: OptimizationStatus | undefined;
}

/** What an attempt is given: hand both on to the method. */
export interface Attempt {
  /** 0, 1, ... */
  readonly number: number;
  /** Another one for each attempt. */
  readonly seed: number;
  /** Evaluations that are left. */
  readonly maxEvaluations: number;
  readonly signal: AbortSignal | undefined;
}

export interface MinimizeByValuesOptions {
  /** Starts an attempt. */
  readonly method: (objective: BatchObjective, attempt: Attempt) => Method<ValueIterate>;
  /** Points of which values may be asked for, all attempts together. */
  readonly maxEvaluations: number;
  /** Ends at the first value of at most this. */
  readonly target?: number;
  /** Further attempts, when a method ends by itself without reaching the target. */
  readonly restarts?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Called with every iterate and the number of its attempt; ends when it returns false. */
  readonly onIterate?: (iterate: ValueIterate, attempt: number) => unknown;
}

/** The best point of all attempts. */
export interface ValueMinimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly evaluations: number;
  /** Attempts made after the first. */
  readonly restarts: number;
  /**
   * `converged`: the target was reached; `target-missed`: all attempts ended by themselves before that. Without a target,
   * why the last attempt ended.
   */
  readonly status: OptimizationStatus;
  readonly message: string;
}

/**
 * Minimizes an objective by its values within a budget of evaluations, starting a method again with another seed when it
 * ends by itself:
 *
 *     await minimizeByValues(objective, {
 *       method: (f, { seed, maxEvaluations }) => cmaEs(f, x0, { width: 1, seed, maxEvaluations }),
 *       maxEvaluations: 1e5, restarts: 5, target: 1e-6,
 *     });
 *
 * @throws ArgumentError when an option is out of bounds or unknown, or the budget ends before the first value
 * @throws the signal's reason on abort, and what the method throws
 */
export async function minimizeByValues(
  objective: BatchObjective,
  options: MinimizeByValuesOptions,
): Promise<ValueMinimum> {
  checkGivenOptions("minimizeByValues", options, [
    "method",
    "maxEvaluations",
    "target",
    "restarts",
    "seed",
    "signal",
    "onIterate",
  ]);
  const { method, maxEvaluations, target, restarts = 0, seed = 0, signal, onIterate } = options;
  checkFunction({ method });
  checkLimit({ maxEvaluations });
  if (target !== undefined && Number.isNaN(target))
    throw new ArgumentError("target must be a number, got NaN");
  checkNonNegativeInteger({ restarts });
  checkIntegerWithin(0, 2 ** 40, { seed });
  let value = Number.POSITIVE_INFINITY;
  let x: Float64Array | undefined;
  let spent = 0;
  let status: OptimizationStatus = "evaluation-limit";
  let number = 0;
  for (; ; number++) {
    let used = 0;
    status = "stopped";
    // seeds of neighboring calls share none: 4,096 attempts are more than any budget pays for
    const attempt = { number, seed: seed * 4096 + number, maxEvaluations: maxEvaluations - spent, signal };
    for await (const iterate of method(objective, attempt)) {
      signal?.throwIfAborted();
      used = iterate.evaluations;
      if (iterate.bestValue < value || x === undefined) {
        value = iterate.bestValue;
        x = iterate.bestPoint.slice();
      }
      const goesOn = onIterate?.(iterate, number) !== false;
      if (target !== undefined && value <= target) status = "converged";
      else if (!goesOn) status = "stopped";
      else if (spent + used >= maxEvaluations) status = "evaluation-limit";
      else {
        status = iterate.status ?? "stationary";
        continue;
      }
      return finish();
    }
    spent += used;
    used = 0;
    if (status === "evaluation-limit") return finish();
    if (number === restarts) {
      if (target !== undefined) status = "target-missed";
      return finish();
    }

    function finish(): ValueMinimum {
      if (x === undefined) throw new ArgumentError("method must yield at least one iterate, got none");
      if (spent + used === 0 && value === Number.POSITIVE_INFINITY)
        throw new ArgumentError(
          `maxEvaluations must be enough for the first values that the method asks for, got ${maxEvaluations}`,
        );
      return {
        x,
        value,
        evaluations: spent + used,
        restarts: number,
        status,
        message: statusMessages[status],
      };
    }
  }
}
