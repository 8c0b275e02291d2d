import { ArgumentError } from "../../../check/errors.ts";
import { type BlockPenalty, type BlockProblem, slackAtZero } from "../problem.ts";
import type { BlockSelector } from "./contract.ts";
import { largestFinder } from "./largest.ts";

/** Coordinates in the first working set, at most. */
const FIRST = 300;

/**
 * Working sets: all coordinates that are not 0, and of the others those whose optimality conditions fail most, or hold
 * with the least room, (lambda - |g_i|) / sqrt(L_i). A set has twice as many coordinates as x has nonzeros; while these
 * are few, twice as many as conditions fail, up to 300.
 * Source: Massias, Gramfort & Salmon 2018, "Celer: a fast solver for the lasso with dual extrapolation", section 4.
 *
 * @throws ArgumentError when every L_i is 0
 */
export function workingSetSelector(
  { dimension: n, lipschitz }: BlockProblem,
  penalty: BlockPenalty,
): BlockSelector {
  const roots = new Float64Array(n);
  let usable = 0;
  for (let i = 0; i < n; i++) {
    roots[i] = Math.sqrt(lipschitz[i]);
    usable += Number(roots[i] > 0);
  }
  if (usable === 0) throw new ArgumentError("the problem does not depend on any coordinate: every L_i is 0");
  const scores = new Float64Array(n);
  const finder = largestFinder(n);
  return {
    greedy: true,
    flops: 4 * n,
    chosen: -1,
    choose({ x, gradient }) {
      let nonzeros = 0;
      let failing = 0;
      for (let i = 0; i < n; i++) {
        if (roots[i] === 0) scores[i] = Number.NEGATIVE_INFINITY;
        else if (x[i] !== 0) {
          nonzeros += 1;
          scores[i] = Number.MAX_VALUE;
        } else {
          scores[i] = -slackAtZero(penalty, gradient[i]) / roots[i];
          failing += Number(scores[i] > 0);
        }
      }
      const size = Math.max(1, 2 * nonzeros, Math.min(FIRST, 2 * failing));
      return finder.find(scores, Math.min(size, usable));
    },
  };
}
