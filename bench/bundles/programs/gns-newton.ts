import type { Objective } from "gradus/objectives";
import { gnsNewton, minimize } from "gradus/optimize";

/** Rosenbrock's function, its gradient and its Hessian, written by hand. */
const value = ([x, y]: Float64Array) => (1 - x) ** 2 + 100 * (y - x * x) ** 2;
const gradient = ([x, y]: Float64Array) =>
  Float64Array.of(-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x));
const rosenbrock: Objective = {
  dimension: 2,
  value,
  gradient,
  valueAndGradient: (x) => ({ value: value(x), gradient: gradient(x) }),
  hessian: ([x, y]) => ({
    rows: 2,
    columns: 2,
    values: Float64Array.of(2 - 400 * y + 1200 * x * x, -400 * x, -400 * x, 200),
  }),
};

const { x, iterations, message } = await minimize(rosenbrock, Float64Array.of(-1.2, 1), {
  method: gnsNewton,
});
console.log(x, iterations, message);
