import { checkLimit, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { dot, norm2 } from "../../linalg/vector.ts";
import { strongWolfe } from "../../optimize/line-search/strong-wolfe.ts";
import { type CorrectionPair, twoLoopRecursion } from "../../optimize/quasi-newton/two-loop-recursion.ts";
import type { InnerResult, InnerSolver } from "./contract.ts";

const minus = (a: Float64Array, b: Float64Array) => a.map((value, k) => value - b[k]);

export interface InnerLbfgsOptions {
  /** Number of correction pairs kept. */
  readonly memory?: number;
  /**
   * The inner solve ends at |grad S| <= this, 1e-6 by default: absolute, in the units of the loss over those of theta. Give
   * a smaller one for targets in small units.
   */
  readonly gradientTolerance?: number;
}

/**
 * Limited-memory BFGS on the surrogate, with a strong Wolfe line search.
 * Source: Nocedal & Wright 2006, algorithm 7.5.
 *
 * @throws ArgumentError naming the option that is out of range
 */
export function innerLbfgs(options: InnerLbfgsOptions = {}): InnerSolver {
  checkOptions("innerLbfgs", options, ["memory", "gradientTolerance"]);
  const { memory = 10, gradientTolerance = 1e-6 } = options;
  checkPositiveInteger({ memory });
  checkLimit({ gradientTolerance });
  return async ({ objective, theta: start }, { steps }): Promise<InnerResult> => {
    let at = { x: start, ...(await objective.valueAndGradient(start)) };
    const gradientNorm = norm2(at.gradient);
    const pairs: CorrectionPair[] = [];
    let stepSize = Number.NaN;
    for (let step = 0; step < steps; step++) {
      const length = norm2(at.gradient);
      const end = (status: InnerResult["status"]) => ({
        theta: at.x,
        status,
        steps: step,
        stepSize,
        gradientNorm,
      });
      if (!Number.isFinite(length) || !Number.isFinite(at.value)) return end("not-finite");
      if (length <= gradientTolerance) return end("converged");
      const direction = twoLoopRecursion(at.gradient, pairs);
      const found = await strongWolfe(objective, { ...at, direction });
      if (found.status !== "accepted" || found.gradient === undefined) return end("stalled");
      const pair = { s: minus(found.x, at.x), y: minus(found.gradient, at.gradient) };
      const slope = dot(pair.s, pair.y);
      if (slope > 0) pairs.push({ ...pair, rho: 1 / slope });
      if (pairs.length > memory) pairs.shift();
      stepSize = found.stepSize;
      at = { x: found.x, value: found.value, gradient: found.gradient };
    }
    return { theta: at.x, status: "completed", steps, stepSize, gradientNorm };
  };
}
