import { expect, test } from "vitest";
import { rosenbrockResidual } from "../../objectives/residual.ts";
import { minimize } from "../minimize.ts";
import { gaussNewton } from "./gauss-newton.ts";
import { levenbergMarquardt } from "./levenberg-marquardt.ts";

const x0 = Float64Array.of(-1.2, 1);
const jacobian = rosenbrockResidual.jacobian(x0);

test.each([
  [{ count: undefined }, "count must be a positive integer, got undefined"],
  [
    { jacobian: undefined },
    "residual must have a function jacobian, got undefined; residualFromGraph derives it",
  ],
  [{ value: 1 }, "residual must have a function value, got 1"],
  [{ value: () => undefined }, "the residual's value must be an array of numbers, got undefined"],
  [{ value: () => x0.subarray(1) }, "the residual's value must have 2 numbers, got 1"],
  [{ value: () => [1, 0] }, "the residual's value must be a Float64Array, got Array of length 2"],
  [{ jacobian: () => undefined }, "jacobian must be a matrix { rows, columns, values }"],
  [{ jacobian: () => [[1, 0]] }, "jacobian must be a matrix { rows, columns, values }"],
  [{ jacobian: () => ({ ...jacobian, values: x0 }) }, "jacobian must have 2 x 2 numbers, got 2"],
  [{ jacobian: () => ({ ...jacobian, rows: 1, values: x0 }) }, "jacobian must be 2 x 2, got 1 x 2"],
])("a residual that does not fit is refused: %#", async (part, message) => {
  const residual = { ...rosenbrockResidual, ...part } as never;
  for (const method of [levenbergMarquardt, gaussNewton])
    await expect(minimize(residual, x0, { method })).rejects.toThrow(message);
});
