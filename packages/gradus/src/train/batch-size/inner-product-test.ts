import { checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { BatchSizeTest } from "./contract.ts";
import { statisticsPart, verdictOf } from "./verdict.ts";

export interface InnerProductTestOptions {
  /** The relative error that the slope along the gradient may have; 0.9 is usual. */
  readonly theta: number;
}

/**
 * The inner-product test (Bollapragada, Byrd and Nocedal, 2018): with V_ip the variance of the scalars <g_i, g>, a
 * batch passes if V_ip / b <= theta^2 |g|^4. It proposes V_ip / (theta^2 |g|^4) rows.
 *
 * @throws ArgumentError unless theta is finite and > 0
 */
export function innerProductTest(options: InnerProductTestOptions): BatchSizeTest {
  checkGivenOptions("innerProductTest", options, ["theta"]);
  const { theta } = options;
  checkPositive({ theta });
  return {
    needs: ["inner-products"],
    judge: (statistics) =>
      verdictOf(statistics, [
        {
          variance: statisticsPart("innerProductVariance", statistics),
          budget: theta ** 2 * statistics.gradientNormSquared ** 2,
        },
      ]),
  };
}

export interface OrthogonalityTestOptions {
  /** The size of the error across the gradient in units of its norm; 5.84 is usual. */
  readonly nu: number;
}

/**
 * The orthogonality test (Bollapragada, Byrd and Nocedal, 2018): with V_orth the variance of the g_i across g, a batch
 * passes if V_orth / b <= nu^2 |g|^2. It proposes V_orth / (nu^2 |g|^2) rows.
 *
 * @throws ArgumentError unless nu is finite and > 0
 */
export function orthogonalityTest(options: OrthogonalityTestOptions): BatchSizeTest {
  checkGivenOptions("orthogonalityTest", options, ["nu"]);
  const { nu } = options;
  checkPositive({ nu });
  return {
    needs: ["inner-products"],
    judge: (statistics) =>
      verdictOf(statistics, [
        {
          variance: statisticsPart("orthogonalVariance", statistics),
          budget: nu ** 2 * statistics.gradientNormSquared,
        },
      ]),
  };
}

/**
 * The augmented inner-product test (Bollapragada, Byrd and Nocedal, 2018): a batch passes if it passes the
 * inner-product test and the orthogonality test. It proposes the larger of their proposals.
 *
 * @throws ArgumentError unless theta and nu are finite and > 0
 */
export function augmentedInnerProductTest(
  options: InnerProductTestOptions & OrthogonalityTestOptions,
): BatchSizeTest {
  checkGivenOptions("augmentedInnerProductTest", options, ["theta", "nu"]);
  const { theta, nu } = options;
  const [along, across] = [innerProductTest({ theta }), orthogonalityTest({ nu })];
  return {
    needs: ["inner-products"],
    judge(statistics) {
      const [first, second] = [along.judge(statistics), across.judge(statistics)];
      return first.ratio >= second.ratio ? first : second;
    },
  };
}
