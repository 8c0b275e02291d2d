import { ArgumentError } from "../../check/errors.ts";
import { checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";

/** Methods with a proved bound on their steps; the loss-normalized one has none here. */
export type BoundedMethod =
  | "gd"
  | "normalized"
  | "gradient-normalized"
  | "batch-perceptron"
  | "normalized-batch-perceptron"
  | "perceptron";

/** What a bound depends on. */
export interface BoundArguments {
  readonly method: BoundedMethod;
  /** Number of samples. */
  readonly n: number;
  /** Length of the longest sample, max_i ||a_i||. */
  readonly R: number;
  /** Margin max_{||theta||=1} min_i y_i <a_i, theta>. */
  readonly mu: number;
  /** Step of the logistic methods; the perceptrons' path does not depend on it. */
  readonly step?: number;
}

/**
 * How many steps (updates, for the online perceptron) a method started at 0 needs at most to separate n samples:
 *
 *     gd                           2n (R^2 + 2 ln(2n)/step) / mu^2 + 1
 *     batch-perceptron             2n R^2/mu^2 + 1
 *     normalized                   (R^2 + 2 ln(2n)/step) / mu^2
 *     gradient-normalized          (R^2 + 2 R ln(2n)/step) / mu^2
 *     normalized-batch-perceptron  R^2/mu^2
 *     perceptron                   R^2/mu^2
 *
 * The last is Novikoff's (1962). The others follow the same way: while a sample is wrong the weights sum to at least
 * 1/2, so <theta, theta*> grows by at least the step times mu times their share, while ||theta||^2 grows by at most
 * R^2 step^2 and a term with sum_i q_i m_i <= ln(2n).
 *
 * @throws ArgumentError when n is not an integer >= 1, R, mu or step is not positive and finite, or mu > R
 */
export function perceptronBounds(options: BoundArguments): number {
  checkGivenOptions("perceptronBounds", options, ["method", "n", "R", "mu", "step"]);
  const { method, n, R, mu, step = Number.POSITIVE_INFINITY } = options;
  checkPositiveInteger({ n });
  checkPositive({ R, mu });
  if (!(step > 0)) throw new ArgumentError(`step must be positive, got ${step}`);
  if (mu > R * (1 + 1e-9)) throw new ArgumentError(`mu must be at most R = ${R}, got ${mu}`);
  const novikoff = (R / mu) ** 2;
  const warmUp = (2 * Math.log(2 * n)) / (step * mu * mu);
  switch (method) {
    case "gd":
      return 2 * n * (novikoff + warmUp) + 1;
    case "batch-perceptron":
      return 2 * n * novikoff + 1;
    case "normalized":
      return novikoff + warmUp;
    case "gradient-normalized":
      return novikoff + R * warmUp;
    case "normalized-batch-perceptron":
    case "perceptron":
      return novikoff;
    default: {
      const unknown: never = method;
      throw new ArgumentError(`no bound is known for this method: ${JSON.stringify(unknown)}`);
    }
  }
}
