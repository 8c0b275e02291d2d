import type { HostObjective } from "./objective.ts";
import { checkDimension, pointObjective } from "./point-function.ts";
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
  return pointObjective(dimension, {
    value(points, at) {
      let square = 0;
      let cosines = 0;
      for (let j = at; j < at + dimension; j++) {
        square += points[j] * points[j];
        cosines -= 2 * squaredSineOfHalfTurns(points[j]);
      }
      // both differences from their values at 0 by expm1, so that values near the minimum keep their digits
      return (
        -20 * Math.expm1(-0.2 * Math.sqrt(square / dimension)) - Math.E * Math.expm1(cosines / dimension)
      );
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
}
