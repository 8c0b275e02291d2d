import { checkWithin } from "../check/numbers.ts";
import { checkGivenOptions } from "../check/options.ts";
import { chain, type GradientTransformation } from "./transformation.ts";
import { exponentiate, exponentiateBothSigns } from "./transformations/exponentiate.ts";
import { accumulateMomentum } from "./transformations/momentum.ts";
import type { Scheduled } from "./transformations/scheduled.ts";

export interface ExponentiatedGradientOptions {
  readonly learningRate: Scheduled;
  /** The share of the velocity that each step keeps; 0 by default. */
  readonly momentum?: number;
}

function withMomentum(momentum: number, last: GradientTransformation): GradientTransformation {
  checkWithin("[0, 1)", { momentum });
  return momentum === 0 ? last : chain(accumulateMomentum({ momentum }), last);
}

/**
 * Exponentiated gradient descent with fixed signs: the weights become w exp(-learningRate g sign(w)), so none changes
 * its sign, and a weight of 0 stays 0: start from weights that are not, and train biases by another rule
 * (`choosePerParameter`). Mirror descent with the potential sum |w| log |w| - |w|.
 * Source: Kivinen & Warmuth 1997, "Exponentiated gradient versus gradient descent for linear predictors"; as a model of
 * synapses that are either excitatory or inhibitory, Cornford et al. 2024.
 *
 * @throws ArgumentError unless momentum is in [0, 1) and a learning rate that is a number finite and > 0
 */
export function exponentiatedGradient(options: ExponentiatedGradientOptions): GradientTransformation {
  checkGivenOptions("exponentiatedGradient", options, ["learningRate", "momentum"]);
  const { learningRate, momentum = 0 } = options;
  return withMomentum(momentum, exponentiate(learningRate));
}

export interface HypentropyGradientOptions extends ExponentiatedGradientOptions {
  /** Weights well below it move as in gradient descent with rate beta learningRate, those well above it as in exponentiated descent. */
  readonly beta?: number;
}

/**
 * Exponentiated gradient descent in both signs: w = w_plus - w_minus, both multiplied by exponentials, whose product
 * beta^2 / 4 does not change. The weights become beta sinh(arsinh(w / beta) - learningRate g): mirror descent with the
 * hyperbolic entropy.
 * Source: Kivinen & Warmuth 1997, EG+-; in this form Ghai, Hazan & Singer 2020, "Exponentiated gradient meets gradient
 * descent".
 *
 * @throws ArgumentError unless momentum is in [0, 1), and beta and a learning rate that is a number are finite and > 0
 */
export function hypentropyGradient(options: HypentropyGradientOptions): GradientTransformation {
  checkGivenOptions("hypentropyGradient", options, ["learningRate", "momentum", "beta"]);
  const { learningRate, momentum = 0, beta = 1 } = options;
  return withMomentum(momentum, exponentiateBothSigns(learningRate, beta));
}
