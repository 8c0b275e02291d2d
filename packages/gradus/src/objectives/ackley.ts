import { blasAvailable } from "@gradus/blas";
import { squaresAndWaves } from "@gradus/blas/particles";
import { compiledFrom } from "../linalg/compiled.ts";
import type { HostObjective } from "./objective.ts";
import { checkDimension, checkPoints, pointObjective } from "./point-function.ts";
import { squaredSineOfHalfTurns } from "./squared-sine.ts";

const TURN = 2 * Math.PI;

/**
 * Ackley's function: a nearly flat plain of local minima around a funnel
 *
 *     f(x) = -20 exp(-0.2 ||x|| / sqrt(d)) - exp((1/d) sum_j cos 2 pi x_j) + e + 20
 *
 * with the global minimum 0 at 0, where it has a kink; the gradient there is given as 0.
 * Source: Ackley 1987, "A connectionist machine for genetic hillclimbing".
 *
 * @throws ArgumentError unless dimension is an integer >= 1
 */
export function ackley(dimension: number): HostObjective & Required<Pick<HostObjective, "values">> {
  checkDimension(dimension, 1);
  /**
   * The value of a point by sum_j x_j^2 and sum_j sin^2(pi x_j); both differences from their values at 0 by expm1, so that
   * values near the minimum keep their digits.
   */
  const valueBySums = (square: number, waves: number): number =>
    -20 * Math.expm1(-0.2 * Math.sqrt(square / dimension)) - Math.E * Math.expm1((-2 * waves) / dimension);
  const byPoint = pointObjective(dimension, {
    value(points, at) {
      let square = 0;
      let waves = 0;
      for (let j = at; j < at + dimension; j++) {
        square += points[j] * points[j];
        waves += squaredSineOfHalfTurns(points[j]);
      }
      return valueBySums(square, waves);
    },
    gradient(x, out) {
      let square = 0;
      let cosines = 0;
      for (let j = 0; j < dimension; j++) {
        square += x[j] * x[j];
        cosines += Math.cos(TURN * x[j]);
      }
      if (square === 0) return;
      const root = Math.sqrt(square / dimension);
      const radial = (4 * Math.exp(-0.2 * root)) / (root * dimension);
      const wave = (TURN * Math.exp(cosines / dimension)) / dimension;
      for (let j = 0; j < dimension; j++) out[j] = radial * x[j] + wave * Math.sin(TURN * x[j]);
    },
  });
  return {
    ...byPoint,
    values(points) {
      const count = checkPoints(points, dimension);
      if (points.length < compiledFrom.waves || !blasAvailable()) return byPoint.values(points);
      const [squares, waves] = [new Float64Array(count), new Float64Array(count)];
      squaresAndWaves(points, dimension, squares, waves);
      return squares.map((square, i) => valueBySums(square, waves[i]));
    },
  };
}
