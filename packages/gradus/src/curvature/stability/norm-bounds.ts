import { checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { logGamma } from "../../statistics/gamma.ts";

/** The largest parameter norms at which a minimum can be stable, for SGD and for gradient descent. */
export interface StableNorms {
  readonly sgd: number;
  readonly gd: number;
}

/** E relu(sqrt(d) u_1) for u uniform on the unit sphere of R^d; about 1 / sqrt(2 pi). */
function meanActivation(d: number): number {
  return (Math.sqrt(d) * Math.exp(logGamma(d / 2) - logGamma((d + 1) / 2))) / (2 * Math.sqrt(Math.PI));
}

/**
 * The largest path norm sum_j |a_j| |w_j| of a two-layer ReLU network at a stable minimum, for inputs uniform on the
 * sphere of radius sqrt(d) and many examples: Tr G >= sqrt(d) |theta|_P and lambda_1 >= max(kappa^2 |W|^2, |a|^2 / 4)
 * with kappa = E relu(sqrt(d) u_1), so that
 *
 *     SGD (a batch of one)  |theta|_P <= 2 / (eta sqrt(d)),    gradient descent  |theta|_P <= 4 / (kappa eta).
 *
 * Source: Wu & Su 2023, arXiv 2305.17490, for SGD; the constant of gradient descent is derived here, with test vectors
 * proportional to |w_j| in the output weights and to a_j e in the hidden ones.
 *
 * @param d number of features
 * @throws ArgumentError unless d is an integer >= 1 and the learning rate is finite and > 0
 */
export function stablePathNorms(d: number, learningRate: number): StableNorms {
  checkPositive({ learningRate });
  checkPositiveInteger({ d });
  return { sgd: 2 / (learningRate * Math.sqrt(d)), gd: 4 / (meanActivation(d) * learningRate) };
}

/**
 * The largest |beta|_1 of a diagonal linear network beta = a b at a stable minimum, for inputs of covariance I and many
 * examples: Tr G = |a|^2 + |b|^2 >= 2 |beta|_1, while lambda_1 only bounds 2 |beta|_inf:
 *
 *     SGD (a batch of one)  |beta|_1 <= 1 / eta,    gradient descent  |beta|_1 <= d |beta|_inf <= d / eta.
 *
 * Source: Wu & Su 2023, arXiv 2305.17490.
 *
 * @param d number of features
 * @throws ArgumentError unless d is an integer >= 1 and the learning rate is finite and > 0
 */
export function stableSumNorms(d: number, learningRate: number): StableNorms {
  checkPositive({ learningRate });
  checkPositiveInteger({ d });
  return { sgd: 1 / learningRate, gd: d / learningRate };
}
