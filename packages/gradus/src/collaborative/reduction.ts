import { ArgumentError } from "../check/errors.ts";
import { checkPositiveInteger } from "../check/numbers.ts";
import { checkModels, meanVector, squaredDistance, type Vector } from "./vector.ts";

/** How much closer a mixing step brought the models together, and how far it moved their mean. */
export interface ReductionCoefficients {
  /** spreadAfter / spreadBefore. */
  readonly alpha: number;
  /** Squared distance between the means, divided by spreadBefore. */
  readonly lambda: number;
  /** Mean squared distance of the models from their mean. */
  readonly spreadBefore: number;
  readonly spreadAfter: number;
}

/** Mean squared distance of the models from their mean. */
export function spreadOf(models: readonly Vector[], mean: Float64Array = meanVector(models)): number {
  return models.reduce((sum, model) => sum + squaredDistance(model, mean), 0) / models.length;
}

/**
 * The coefficients of an (alpha, lambda)-reduction:  alpha = Γ(y)/Γ(x),  lambda = |mean y - mean x|^2/Γ(x),
 * Γ(x) = (1/h) sum |x_i - mean x|^2.
 * Source: Farhadkhani et al. 2023.
 *
 * @param before the h honest models x_i before mixing
 * @param after the h mixed models y_i
 * @throws ArgumentError when the numbers of models differ, or the models before mixing are all equal
 * @throws DataError when lengths differ
 */
export function reductionCoefficients(
  before: readonly Vector[],
  after: readonly Vector[],
): ReductionCoefficients {
  checkModels([...before, ...after]);
  if (after.length !== before.length)
    throw new ArgumentError(`after must have ${before.length} models, as before, got ${after.length}`);
  const [meanBefore, meanAfter] = [meanVector(before), meanVector(after)];
  const spreadBefore = spreadOf(before, meanBefore);
  if (!(spreadBefore > 0))
    throw new ArgumentError(`before must have at least two distinct models, got ${before.length} equal ones`);
  const spreadAfter = spreadOf(after, meanAfter);
  return {
    alpha: spreadAfter / spreadBefore,
    lambda: squaredDistance(meanBefore, meanAfter) / spreadBefore,
    spreadBefore,
    spreadAfter,
  };
}

/** Bounds on the coefficients of a mixing step. */
export interface ReductionBound {
  /** The constant C of the bounds; below 1, mixing brings the models closer together. */
  readonly constant: number;
  readonly alpha: number;
  readonly lambda: number;
}

function requireFaulty(nodes: number, faulty: number, rounds: number): void {
  if (!Number.isInteger(faulty) || faulty < 0 || 2 * faulty >= nodes)
    throw new ArgumentError(
      `faulty must be an integer in 0 .. (nodes - 1)/2, nodes = ${nodes}, got ${faulty}`,
    );
  checkPositiveInteger({ rounds });
}

/** 1 + r + ... + r^(K - 1). */
const geometricSum = (ratio: number, rounds: number) =>
  Array.from({ length: rounds }, (_, k) => ratio ** k).reduce((sum, term) => sum + term, 0);

/**
 * A bound for nearest-neighbor averaging that holds for any attack and any arrival of models:
 *
 *     C = ((1 + sqrt 2) sqrt(f (n - f)) + 2 f)/(n - 2f),
 *     alpha <= C^(2K),   lambda <= C^2 ((1 - C^K)/(1 - C))^2   for K rounds.
 *
 * Every faulty model that a node keeps replaces an honest one at least as far from it, and at most 2f honest models
 * are left out; the rest follows from Cauchy-Schwarz and Minkowski. C < 1 for n of about 12 f + 1 or more.
 *
 * @throws ArgumentError unless 0 <= faulty < nodes/2 and rounds is an integer >= 1
 */
export function reductionBound(nodes: number, faulty: number, rounds = 1): ReductionBound {
  requireFaulty(nodes, faulty, rounds);
  const constant =
    ((1 + Math.SQRT2) * Math.sqrt(faulty * (nodes - faulty)) + 2 * faulty) / (nodes - 2 * faulty);
  return {
    constant,
    alpha: constant ** (2 * rounds),
    lambda: (constant * geometricSum(constant, rounds)) ** 2,
  };
}

/**
 * The reduction constants attributed to the analysis of Farhadkhani et al. 2023,
 *
 *     alpha = (9.88 f/(n - f))^K,  lambda = 9 f/(n - f) min(K, (1 - sqrt(9.88 f/(n - f)))^-2),
 *
 * not checked against the paper's text; `reductionBound` has a proof.
 *
 * @throws ArgumentError unless 0 <= faulty < nodes/2 and rounds is an integer >= 1
 */
export function publishedReduction(nodes: number, faulty: number, rounds = 1): ReductionBound {
  requireFaulty(nodes, faulty, rounds);
  const ratio = faulty / (nodes - faulty);
  const constant = 9.88 * ratio;
  const limit = constant < 1 ? (1 - Math.sqrt(constant)) ** -2 : Number.POSITIVE_INFINITY;
  return { constant, alpha: constant ** rounds, lambda: 9 * ratio * Math.min(rounds, limit) };
}
