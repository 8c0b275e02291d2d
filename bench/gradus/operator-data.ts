import { antiderivative, pendulum } from "gradus/operators";
import { operatorDataSizes } from "../operator-sizes.ts";
import type { Runner } from "../worker.ts";
import { fraction } from "./fraction.ts";

const { functions, points, waves } = operatorDataSizes;
const operators = { antiderivative, pendulum };

/** Sums of sines on an even grid of [0, 1], one function after the other. */
function inputFunctions() {
  const grid = Float64Array.from({ length: points }, (_, i) => i / (points - 1));
  const values = new Float64Array(functions * points);
  for (let f = 0; f < functions; f++)
    for (let k = 1; k <= waves; k++) {
      const amplitude = 2 * fraction(f, k) - 1;
      const phase = 2 * Math.PI * fraction(f, waves + k);
      for (let i = 0; i < points; i++)
        values[f * points + i] += amplitude * Math.sin(k * Math.PI * grid[i] + phase);
    }
  return { grid, values };
}

/** The labels of a training set: of each function, what the operator gives at its location. */
export function operatorLabels(name: keyof typeof operators): Runner {
  const operator = operators[name]();
  const inputs = inputFunctions();
  const places = Array.from({ length: functions }, (_, f) => Float64Array.of(fraction(f, 30)));
  const call = () => {
    const solutions = operator.solve(inputs);
    return places.map((place, f) => solutions.value(f, place));
  };
  return { reset() {}, call, unitsPerCall: functions, check: call };
}
