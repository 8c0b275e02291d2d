import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegative, checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { flatNumbers } from "../../tree/numbers.ts";
import type { BatchSizeTest } from "./contract.ts";
import { statisticsPart, verdictOf } from "./verdict.ts";

export interface CoordinateNormTestOptions {
  /** One for all coordinates, or one for each, the parameters' arrays one after another. */
  readonly eta: number | Float64Array;
  /** Added to g_j^2: without it one coordinate with g_j near 0 asks for a batch without bound. */
  readonly floor?: number;
}

/**
 * The norm test coordinate by coordinate (Lau, Liu and Kolar, 2024): a batch passes if V_j / b <= eta_j^2 (g_j^2 +
 * floor) for every coordinate j. It proposes the largest V_j / (eta_j^2 (g_j^2 + floor)) rows.
 *
 * @throws ArgumentError unless every eta is finite and > 0, and floor >= 0; and at a test when their number is not
 *   that of the parameters
 */
export function coordinateNormTest(options: CoordinateNormTestOptions): BatchSizeTest {
  checkGivenOptions("coordinateNormTest", options, ["eta", "floor"]);
  const { eta, floor = 0 } = options;
  if (typeof eta === "number") checkPositive({ eta });
  else for (const [j, value] of eta.entries()) checkPositive({ [`eta[${j}]`]: value });
  checkNonNegative({ floor });
  return {
    needs: ["coordinates"],
    judge(statistics) {
      const variances = statisticsPart("coordinateVariance", statistics);
      const gradient = flatNumbers(statisticsPart("gradient", statistics));
      if (typeof eta !== "number" && eta.length !== gradient.length)
        throw new ArgumentError(
          `eta must have ${gradient.length} numbers, one per parameter, got ${eta.length}`,
        );
      // The strictest coordinate; a variance of 0 asks for nothing.
      let strictest = { variance: 0, budget: 1 };
      for (let j = 0; j < gradient.length; j++) {
        const tolerance = typeof eta === "number" ? eta : eta[j];
        const budget = tolerance ** 2 * (gradient[j] ** 2 + floor);
        if (variances[j] * strictest.budget > strictest.variance * budget)
          strictest = { variance: variances[j], budget };
      }
      return verdictOf(statistics, [strictest]);
    },
  };
}
