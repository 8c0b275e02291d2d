import { expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { moreGarbowHillstrom } from "../../objectives/index.ts";
import type { Residual } from "../../objectives/residual.ts";
import { minimize } from "../minimize.ts";
import { levenbergMarquardt } from "./levenberg-marquardt.ts";

const ones = (dimension: number) => new Float64Array(dimension).fill(1);

test("columns that are long at the start alone hold no step back, where all variables have one unit", async () => {
  // the exponentials of Brown and Dennis are 55 at the start, and near 1 at the minimum
  const { residual, start } = moreGarbowHillstrom.brownDennis();
  const run = (scale?: Float64Array) =>
    minimize(residual, start, {
      method: levenbergMarquardt,
      scale,
      gradientTolerance: 1e-4,
      maxIterations: 1000,
    });
  const [followed, fixed] = [await run(), await run(ones(4))];
  for (const { status, value } of [followed, fixed]) {
    expect(status).toBe("converged");
    // More, Garbow and Hillstrom 1981: 85822.2 is the sum of squares
    expect(2 * value).toBeCloseTo(85822.2, 1);
  }
  expect(10 * fixed.iterations).toBeLessThan(followed.iterations);
});

test("other units with the scale in them make the same steps", async () => {
  const { residual, start } = moreGarbowHillstrom.kowalikOsborne();
  // powers of two change no digit
  const units = Float64Array.of(2 ** 20, 0.125, 1, 2 ** -30);
  const { value, jacobian, dimension, count } = residual;
  const back = (x: Float64Array) => x.map((xj, j) => xj / units[j]);
  const other: Residual = {
    ...{ dimension, count },
    value: (x) => value(back(x)),
    async jacobian(x) {
      const { values, ...sizes } = await jacobian(back(x));
      return { ...sizes, values: values.map((entry, k) => entry / units[k % dimension]) };
    },
  };
  const settings = { method: levenbergMarquardt, gradientTolerance: 1e-9 };
  const plain = await minimize(residual, start, { ...settings, scale: ones(4) });
  const moved = await minimize(
    other,
    start.map((xj, j) => xj * units[j]),
    { ...settings, scale: units.map((unit) => 1 / unit) },
  );
  expect(plain.status).toBe("converged");
  expect(moved.iterations).toBe(plain.iterations);
  expect(back(moved.x)).toEqual(plain.x);
});

test("a scale that fits no variables is refused by name", () => {
  const { residual, start } = moreGarbowHillstrom.brownDennis();
  for (const [scale, message] of [
    [ones(3), "scale must have 4 numbers, got 3"],
    [Float64Array.of(1, 1, 0, 1), "scale[2] must be a positive number, got 0"],
    [Float64Array.of(1, Number.NaN, 1, 1), "scale[1] must be a positive number, got NaN"],
  ] as const)
    expect(() => levenbergMarquardt(residual, start, { scale })).toThrow(new ArgumentError(message));
});
