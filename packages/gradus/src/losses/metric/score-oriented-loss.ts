import { add, div, maximum, minimum, mul, neg, sin, sub, type Tensor } from "@gradus/graph";
import { checkWithin } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { SoftDecision } from "./amplifier.ts";
import {
  type CountsLossOptions,
  lossOfDecisions,
  type MetricChoice,
  type ProbabilityLoss,
} from "./metric-loss.ts";

/** The law of the random decision threshold. */
export type ThresholdDistribution =
  | "uniform"
  | { readonly raisedCosine: { readonly mean: number; readonly halfWidth: number } };

export interface ScoreOrientedLossOptions extends CountsLossOptions {
  readonly distribution?: ThresholdDistribution;
}

/** The names of the options of `scoreOrientedLoss`. */
export const scoreOrientedLossOptions = [
  "distribution",
  "reduction",
  "onMissingClass",
] as const satisfies readonly (keyof ScoreOrientedLossOptions)[];

/** The chances that a threshold of the distribution lies below p (positive), and above (negative). */
function decide(p: Tensor, distribution: ThresholdDistribution): SoftDecision {
  if (distribution === "uniform") return { positive: p, negative: sub(1, p) };
  const { mean, halfWidth } = distribution.raisedCosine;
  const u = minimum(maximum(div(sub(p, mean), halfWidth), -1), 1);
  const odd = add(u, div(sin(mul(u, Math.PI)), Math.PI));
  return { positive: mul(add(odd, 1), 0.5), negative: mul(add(neg(odd), 1), 0.5) };
}

/**
 * Score-oriented loss: 1 - metric of the confusion matrix expected under a random decision threshold, whose
 * cumulative distribution F takes the amplifier's place:
 *
 *     uniform:        F(p) = p
 *     raised cosine:  F(p) = (1 + u + sin(pi u)/pi) / 2,   u = (p - mean)/halfWidth held in [-1, 1]
 *
 * Source: Marchetti, Guastavino, Piana and Campi 2022, "Score-oriented loss (SOL) functions", Pattern Recognition 132.
 *
 * @param metric as for `metricLoss`
 * @throws ArgumentError when no metric has that name, mean is not in (0, 1) or halfWidth not in (0, 1]
 */
export function scoreOrientedLoss(
  metric: MetricChoice,
  given: ScoreOrientedLossOptions = {},
): ProbabilityLoss {
  checkOptions("scoreOrientedLoss", given, scoreOrientedLossOptions);
  const { distribution = { raisedCosine: { mean: 0.5, halfWidth: 0.1 } }, ...options } = given;
  if (distribution !== "uniform") {
    const { mean, halfWidth } = distribution.raisedCosine;
    checkWithin("(0, 1)", { mean });
    checkWithin("(0, 1]", { halfWidth });
  }
  return lossOfDecisions(metric, (p) => decide(p, distribution), options);
}
