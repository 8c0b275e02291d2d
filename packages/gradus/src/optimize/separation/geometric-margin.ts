import { DataError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";
import { norm2 } from "../../linalg/vector.ts";
import { type ClassificationProblem, checkSamples } from "./check-samples.ts";
import { minimumNormPoint } from "./minimum-norm-point.ts";

/** No weights classify every sample correctly. */
export class NotSeparableError extends DataError {
  override name = "NotSeparableError";
}

/** The hard margin of labeled samples, and the direction that attains it. */
export interface GeometricMargin {
  /** max_{||theta||=1} min_i y_i <a_i, theta>. */
  readonly mu: number;
  /** The unit vector that attains it. */
  readonly theta: Float64Array;
  /** max_i ||a_i||. */
  readonly R: number;
  /** R^2/mu^2, the perceptron's bound on its updates. */
  readonly complexity: number;
}

/** Below this fraction of R the margin cannot be told from 0. */
const NO_MARGIN = 1e-8;

/**
 * The hard margin of labeled samples: mu = max_{||theta||=1} min_i y_i <a_i, theta>, which is the distance from the
 * origin to the convex hull of the y_i a_i, and the direction that attains it. No intercept unless `intercept` appends
 * a constant 1 to the samples (it then takes part in theta's norm and in R).
 *
 * `mu` is attained by `theta`, and at most a fraction `tolerance` below the optimum.
 *
 * @throws DataError on malformed samples or labels
 * @throws NotSeparableError when no theta has all margins positive (mu below 1e-8 R)
 * @throws ConvergenceError when rounding keeps the certificate above `tolerance`
 */
export function geometricMargin(
  problem: ClassificationProblem,
  options: { readonly tolerance?: number } = {},
): GeometricMargin {
  checkOptions("geometricMargin", options, ["tolerance"]);
  const { tolerance = 1e-6 } = options;
  const samples = checkSamples(problem);
  const { x, norm: distance, minProduct } = minimumNormPoint(samples, { tolerance, zero: NO_MARGIN });
  const point = new Float64Array(samples.dimension);
  let R = 0;
  for (let i = 0; i < samples.count; i++) {
    samples.point(i, point);
    R = Math.max(R, norm2(point));
  }
  if (distance <= NO_MARGIN * R)
    throw new NotSeparableError(
      `the samples are not separable: a convex combination of the y_i a_i has length ${distance.toExponential(1)} (longest sample ${R.toPrecision(3)})`,
    );
  const mu = minProduct / distance;
  return { mu, theta: x.map((value) => value / distance), R, complexity: (R / mu) ** 2 };
}
