import { checkPoint, type SmoothObjective } from "./objective.ts";
import { checkDimension, pointObjective } from "./point-function.ts";

/**
 * Rosenbrock's curved valley, in n dimensions
 *
 *     f(x) = sum_{i < n} [ 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2 ]
 *
 * with the global minimum 0 at (1, ..., 1); from n = 4 on there is another local minimum near (-1, 1, ..., 1).
 * Source: Rosenbrock 1960, "An automatic method for finding the greatest or least value of a function".
 *
 * @throws ArgumentError unless dimension is an integer >= 2
 */
export function rosenbrock(dimension = 2): SmoothObjective & Required<Pick<SmoothObjective, "values">> {
  checkDimension(dimension, 2);
  return {
    ...pointObjective(dimension, {
      value(points, at) {
        let sum = 0;
        for (let i = at; i < at + dimension - 1; i++) {
          const bend = points[i + 1] - points[i] * points[i];
          sum += 100 * bend * bend + (1 - points[i]) * (1 - points[i]);
        }
        return sum;
      },
      gradient(x, out) {
        for (let i = 0; i < dimension - 1; i++) {
          const bend = x[i + 1] - x[i] * x[i];
          out[i] += -400 * x[i] * bend - 2 * (1 - x[i]);
          out[i + 1] += 200 * bend;
        }
      },
    }),
    hessianVectorProduct(x, v) {
      checkPoint(x, dimension);
      checkPoint(v, dimension, "v");
      const out = new Float64Array(dimension);
      for (let i = 0; i < dimension - 1; i++) {
        out[i] += (1200 * x[i] * x[i] - 400 * x[i + 1] + 2) * v[i] - 400 * x[i] * v[i + 1];
        out[i + 1] += -400 * x[i] * v[i] + 200 * v[i + 1];
      }
      return out;
    },
    hessian(x) {
      checkPoint(x, dimension);
      const H = new Float64Array(dimension * dimension);
      for (let i = 0; i < dimension - 1; i++) {
        const diagonal = i * (dimension + 1);
        H[diagonal] += 1200 * x[i] * x[i] - 400 * x[i + 1] + 2;
        H[diagonal + 1] = -400 * x[i];
        H[diagonal + dimension] = -400 * x[i];
        H[diagonal + dimension + 1] = 200;
      }
      return { rows: dimension, columns: dimension, values: H };
    },
  };
}
