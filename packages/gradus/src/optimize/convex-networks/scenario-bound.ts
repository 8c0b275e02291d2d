import { checkPositiveInteger, checkWithin } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";

export interface ScenarioBoundOptions {
  /** n, the rows of the design. */
  readonly rows: number;
  /** N, the patterns or directions that were drawn at random. */
  readonly samples: number;
  /** xi: with at most this probability over the draws the bound fails. */
  readonly failure?: number;
}

/**
 * The share psi of random directions that may still lower the optimum of a sampled program: with probability 1 - xi over N
 * independent draws, one more direction lowers it with a probability of at most
 *
 *     psi = min{ (n + 1) / (xi (N + 1)),   (2 / N) (n + 1 - ln xi),   1 }.
 *
 * @throws ArgumentError unless rows and samples are positive integers and 0 < failure < 1
 * Source: Bai, Gautam & Sojoudi 2022, the theorem on sampled patterns, solved for psi; after Calafiore & Campi 2006, "The
 * scenario approach to robust control design".
 */
export function scenarioBound(options: ScenarioBoundOptions): number {
  checkGivenOptions("scenarioBound", options, ["rows", "samples", "failure"]);
  const { rows, samples, failure = 0.05 } = options;
  checkPositiveInteger({ rows, samples });
  checkWithin("(0, 1)", { failure });
  const byMean = (rows + 1) / (failure * (samples + 1));
  const byTail = (2 / samples) * (rows + 1 - Math.log(failure));
  return Math.min(byMean, byTail, 1);
}
