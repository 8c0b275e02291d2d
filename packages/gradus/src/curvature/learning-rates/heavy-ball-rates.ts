import { checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../../check/options.ts";

/** `polyak`: the optimal rates without noise; `noise-limited`: for small batches, whose noise dominates. */
export type HeavyBallRateMode = "polyak" | "noise-limited";

export interface HeavyBallRateOptions {
  /** The largest eigenvalue of the Hessian. */
  readonly lambdaMax: number;
  /** The mean |eigenvalue|, used as the smallest relevant curvature. */
  readonly bulk: number;
  readonly mode?: HeavyBallRateMode;
  /** Factor of the learning rate; defaults to 1/2 for `polyak` and 1 for `noise-limited`. */
  readonly safety?: number;
}

/** A learning rate and a momentum, the fraction of the velocity that each step keeps. */
export interface HeavyBallRates {
  readonly learningRate: number;
  readonly momentum: number;
}

/** Above this momentum, the velocity averages over more than a hundred steps. */
const MOST_MOMENTUM = 0.99;

/**
 * The learning rate and momentum of the heavy ball from two curvatures, with s1 = sqrt lambda_1 and sb = sqrt bulk:
 *
 *     rho = min(0.99, ((s1 - sb) / (s1 + sb))^2)
 *     polyak          alpha = c (2 / (s1 + sb))^2
 *     noise-limited   alpha = c (2 / lambda_1) (1 - rho)
 *
 * Source: Polyak 1964 for the heavy ball on a quadratic with eigenvalues in [bulk, lambda_1].
 *
 * @throws ArgumentError unless both curvatures and safety are finite and > 0
 */
export function heavyBallRates(options: HeavyBallRateOptions): HeavyBallRates {
  checkGivenOptions("heavyBallRates", options, ["lambdaMax", "bulk", "mode", "safety"]);
  const { lambdaMax, bulk, mode = "noise-limited" } = options;
  const { safety = mode === "polyak" ? 0.5 : 1 } = options;
  checkPositive({ lambdaMax, bulk, safety });
  checkOneOf(["polyak", "noise-limited"], { mode });
  const [s1, sb] = [Math.sqrt(lambdaMax), Math.sqrt(bulk)];
  const momentum = Math.min(MOST_MOMENTUM, ((s1 - sb) / (s1 + sb)) ** 2);
  const rate = mode === "polyak" ? (2 / (s1 + sb)) ** 2 : (2 / lambdaMax) * (1 - momentum);
  return { learningRate: safety * rate, momentum };
}
