import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkFunction, checkOptions } from "../../check/options.ts";
import type { Method, MethodOptions } from "../../iterate/iterate.ts";
import type { Objective } from "../../objectives/objective.ts";
import { descentOptions } from "../descent/descent.ts";
import {
  type Direction,
  type LineSearchIterate,
  type LineSearchState,
  lineSearchMethod,
  steepestLine,
  wolfeSearch,
} from "../descent/line-search-method.ts";
import type { LineSearch } from "../line-search/contract.ts";
import { type CorrectionPair, twoLoopRecursion, withPair } from "./two-loop-recursion.ts";

/** What L-BFGS remembers: the last pairs, the oldest first. */
export interface LbfgsMemory {
  readonly pairs: readonly CorrectionPair[];
}

export interface LbfgsOptions extends MethodOptions<LineSearchState<LbfgsMemory>> {
  /** Pairs kept. */
  readonly memory?: number;
  /** How far to go; a strong Wolfe search by default. */
  readonly search?: LineSearch;
}

function quasiNewtonDirection(memory: number): Direction<LbfgsMemory> {
  return {
    init: () => ({ pairs: [] }),
    at: ({ gradient }, { pairs }) =>
      pairs.length > 0
        ? { direction: twoLoopRecursion(gradient, pairs), initialStep: 1 }
        : steepestLine(gradient),
    next: ({ pairs }, { before, x, gradient }) => ({
      pairs: withPair(
        pairs,
        { s: x.map((xj, j) => xj - before.x[j]), y: gradient.map((gj, j) => gj - before.gradient[j]) },
        memory,
      ),
    }),
    restart: ({ pairs }) => (pairs.length > 0 ? { pairs: [] } : undefined),
  };
}

/**
 * Limited-memory BFGS: quasi-Newton directions from the last `memory` steps, 2 memory n numbers. The method to start
 * with where gradients are what can be computed.
 * Source: Liu & Nocedal 1989, "On the limited memory BFGS method for large scale optimization".
 *
 * @throws ArgumentError when an argument does not fit or the objective is not finite at x0
 */
export function lbfgs(
  objective: Objective,
  x0: Float64Array,
  options: LbfgsOptions = {},
): Method<LineSearchIterate<LbfgsMemory>> {
  checkOptions("lbfgs", options, ["memory", "search", ...descentOptions]);
  const { memory = 10, search = wolfeSearch, ...driver } = options;
  checkPositiveInteger({ memory });
  checkFunction({ search });
  return lineSearchMethod(objective, x0, driver, quasiNewtonDirection(memory), search);
}
