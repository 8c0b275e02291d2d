import { checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { BatchSizeTest } from "./contract.ts";
import { statisticsPart, verdictOf } from "./verdict.ts";

export interface NormTestOptions {
  /** Of (0, 1): the share of the gradient's norm that its error may have. From 1 on the test hardly ever fails. */
  readonly eta: number;
  /**
   * Takes max(|g|^2 - |V|_1/b, 0) for the squared norm of the true gradient, which |g|^2 overestimates by |V|_1/b, and
   * so reacts earlier. Ours: not in the paper.
   */
  readonly debiased?: boolean;
}

/**
 * The norm test (Byrd, Chin, Nocedal and Wu, 2012): a batch passes if |V|_1 / b <= eta^2 |g|^2. It proposes
 * |V|_1 / (eta^2 |g|^2) rows.
 *
 * @throws ArgumentError unless eta is finite and > 0
 */
export function normTest(options: NormTestOptions): BatchSizeTest {
  checkGivenOptions("normTest", options, ["eta", "debiased"]);
  const { eta, debiased = false } = options;
  checkPositive({ eta });
  return {
    needs: [],
    judge(statistics) {
      const { count, gradientNormSquared } = statistics;
      const variance = statisticsPart("varianceL1", statistics);
      const square = debiased ? Math.max(gradientNormSquared - variance / count, 0) : gradientNormSquared;
      return verdictOf(statistics, [{ variance, budget: eta ** 2 * square }]);
    },
  };
}
