import { blasAvailable } from "@gradus/blas";
import { waveBowls } from "@gradus/blas/particles";
import { checkNonNegative } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { compiledFrom } from "../linalg/compiled.ts";
import { checkPoint, type SmoothObjective } from "./objective.ts";
import { checkDimension, checkPoints, pointObjective } from "./point-function.ts";
import { squaredSineOfHalfTurns } from "./squared-sine.ts";

const TURN = 2 * Math.PI;

/**
 * Rastrigin's function: a bowl with a grid of local minima
 *
 *     f(x) = sum_j [ x_j^2 + a (1 - cos 2 pi x_j) ]
 *
 * with the global minimum 0 at 0.
 * Source: Muhlenbein, Schomisch & Born 1991, "The parallel genetic algorithm as function optimizer", a = 10.
 *
 * @param amplitude a >= 0
 * @throws ArgumentError unless dimension is an integer >= 1 and amplitude finite and >= 0
 */
export function rastrigin(
  dimension: number,
  options: { amplitude?: number } = {},
): SmoothObjective & Required<Pick<SmoothObjective, "values">> {
  checkOptions("rastrigin", options, ["amplitude"]);
  const { amplitude = 10 } = options;
  checkDimension(dimension, 1);
  checkNonNegative({ amplitude });
  const curvature = (xj: number): number => 2 + amplitude * TURN * TURN * Math.cos(TURN * xj);
  const byPoint = pointObjective(dimension, {
    value(points, at) {
      let sum = 0;
      for (let j = at; j < at + dimension; j++)
        sum += points[j] * points[j] + 2 * amplitude * squaredSineOfHalfTurns(points[j]);
      return sum;
    },
    gradient(x, out) {
      for (let j = 0; j < dimension; j++) out[j] = 2 * x[j] + amplitude * TURN * Math.sin(TURN * x[j]);
    },
  });
  return {
    ...byPoint,
    values(points) {
      const count = checkPoints(points, dimension);
      if (points.length < compiledFrom.waves || !blasAvailable()) return byPoint.values(points);
      const values = new Float64Array(count);
      waveBowls(points, dimension, 2 * amplitude, values);
      return values;
    },
    hessianVectorProduct(x, v) {
      checkPoint(x, dimension);
      checkPoint(v, dimension, "v");
      return v.map((vj, j) => curvature(x[j]) * vj);
    },
    hessian(x) {
      checkPoint(x, dimension);
      const H = new Float64Array(dimension * dimension);
      for (let j = 0; j < dimension; j++) H[j * (dimension + 1)] = curvature(x[j]);
      return { rows: dimension, columns: dimension, values: H };
    },
  };
}
