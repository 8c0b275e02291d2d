import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositive, checkPositiveInteger, checkWithin } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { symmetricEigen } from "../../linalg/factorize/symmetric-eigen.ts";
import type { RandomStream } from "../../random/stream.ts";
import { normalCdf } from "../../statistics/normal-distribution.ts";
import type { FunctionSpace } from "./function-space.ts";

export interface InterpolationErrorOptions {
  /** m: the interpolant is linear on m pieces of the same length. */
  readonly pieces: number;
  readonly functions: number;
  readonly stream: RandomStream;
}

/**
 * kappa(m, V): the mean over functions of a space of max_x |u(x) - u_m(x)|, where u_m interpolates u linearly at m + 1
 * even points; the maximum is over the points of the space's grid.
 * Source: Lu, Jin & Karniadakis 2019, arXiv 1910.03193, section 3.3, which takes the largest over the space.
 *
 * @throws ArgumentError unless pieces and functions are integers >= 1 and the pieces divide the grid's cells, or for an
 *   unknown option
 */
export function interpolationError(space: FunctionSpace, options: InterpolationErrorOptions): number {
  checkGivenOptions("interpolationError", options, ["pieces", "functions", "stream"]);
  const { pieces, functions, stream } = options;
  checkPositiveInteger({ pieces, functions });
  const n = space.grid.length;
  const step = (n - 1) / pieces;
  if (!Number.isInteger(step))
    throw new ArgumentError(`pieces must divide the ${n - 1} cells of the grid, got ${pieces}`);
  let total = 0;
  for (let s = 0; s < functions; s++) {
    const u = space.sample(stream, 1);
    let worst = 0;
    for (let i = 0; i < n; i++) {
      const left = Math.min(Math.floor(i / step), pieces - 1) * step;
      const share = (i - left) / step;
      worst = Math.max(worst, Math.abs(u[i] - (1 - share) * u[left] - share * u[left + step]));
    }
    total += worst;
  }
  return total / functions;
}

/** erf(x / sqrt 2). */
const errorFunction = (x: number) => 2 * normalCdf(x) - 1;

/**
 * The mean squared error of the antiderivative on [0, 1] that no method can go below which sees u at the sensors only:
 * the mean over y of Var s(y) - c(y)^T K^+ c(y), where u is the Gaussian random field with the squared-exponential kernel,
 * K its covariance at the sensors and c(y) the covariance of s(y) with them. Linear regression on the sensors attains it.
 *
 * @param sensors where u is known
 * @param lengthScale l
 * @throws ArgumentError unless lengthScale is finite and > 0
 * @throws DataError for a sensor that is not finite
 */
export function antiderivativeFloor(sensors: Float64Array, lengthScale: number): number {
  checkPositive({ lengthScale });
  checkPositiveInteger({ sensors: sensors.length });
  checkFiniteVector("sensors", sensors);
  const m = sensors.length;
  const l = lengthScale;
  const area = l * Math.sqrt(Math.PI / 2);
  const values = Float64Array.from({ length: m * m }, (_, k) => {
    const r = sensors[Math.floor(k / m)] - sensors[k % m];
    return Math.exp((-r * r) / (2 * l * l));
  });
  const { values: eigenvalues, vectors } = symmetricEigen({ rows: m, columns: m, values });
  const points = 2000;
  let total = 0;
  for (let p = 0; p < points; p++) {
    const y = (p + 0.5) / points;
    const variance = 2 * (y * area * errorFunction(y / l) - l * l * -Math.expm1((-y * y) / (2 * l * l)));
    let known = 0;
    for (let k = 0; k < m; k++) {
      // Of directions that rounding hides nothing is known.
      if (eigenvalues[k] <= 1e-13 * eigenvalues[0]) break;
      let part = 0;
      for (let j = 0; j < m; j++)
        part +=
          vectors.values[j * m + k] *
          area *
          (errorFunction((y - sensors[j]) / l) + errorFunction(sensors[j] / l));
      known += (part * part) / eigenvalues[k];
    }
    total += variance - known;
  }
  return total / points;
}

/**
 * The mean squared error without the largest squared errors, for solutions of which a few run away.
 *
 * @param predicted as many numbers as `targets`
 * @param fraction of the squared errors that is left out, in [0, 1)
 * @throws ArgumentError when the lengths differ, there are no numbers or the fraction is outside [0, 1)
 * @throws DataError naming the place of a number that is not finite
 */
export function trimmedMeanSquaredError(
  predicted: Float64Array,
  targets: Float64Array,
  fraction = 0.001,
): number {
  checkPositiveInteger({ "targets.length": targets.length });
  checkLength("predicted", predicted, targets.length);
  checkFiniteVector("predicted", predicted);
  checkFiniteVector("targets", targets);
  checkWithin("[0, 1)", { fraction });
  const squares = predicted.map((value, i) => (value - targets[i]) ** 2).sort();
  const kept = squares.length - Math.floor(fraction * squares.length);
  let sum = 0;
  for (let i = 0; i < kept; i++) sum += squares[i];
  return sum / kept;
}
