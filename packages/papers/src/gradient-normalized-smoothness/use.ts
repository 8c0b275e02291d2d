import { logSumExpObjective } from "gradus/objectives";
import { gnsNewton, minimize } from "gradus/optimize";
import { randomStream } from "gradus/random";

const [rows, columns] = [500, 200];
const values = randomStream(1).fillNormal(new Float64Array(rows * columns));
const objective = logSumExpObjective({ rows, columns, values }, new Float64Array(rows));
const x0 = new Float64Array(columns).fill(1);

const { value, iterations, status } = await minimize(objective, x0, {
  method: gnsNewton,
  hessian: "weightedGaussNewton",
});
console.log(`f = ${value}, ${status} after ${iterations} iterations`);
