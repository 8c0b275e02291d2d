import { expect, test } from "vitest";
import { unitDirections } from "./features.ts";
import { networkObjective, networkOfDirections, networkOutputs } from "./network.ts";
import { normalRows } from "./test-support.ts";
import { largestUnits, mergedUnits } from "./units.ts";

test("units that are active on the same rows merge: equal outputs, no higher objective, one unit a pattern and sign", () => {
  const { x, y } = normalRows(7, 2, 3);
  const directions = unitDirections(200, 2, 4);
  const alpha = Float64Array.from({ length: 200 }, (_, j) => Math.sin(j * j));
  const merged = mergedUnits(x, { directions, alpha });
  const [before, after] = [{ directions, alpha }, merged].map((units) =>
    networkOfDirections(units.directions, units.alpha, false),
  );
  const outputs = networkOutputs(before, x);
  networkOutputs(after, x).forEach((z, k) => {
    expect(z).toBeCloseTo(outputs[k], 12);
  });
  const problem = { x, y, beta: 0.3, intercept: false };
  expect(networkObjective(problem, after)).toBeLessThan(networkObjective(problem, before));
  // lines through the origin of the plane cut it into 14 cells
  expect(merged.alpha.length).toBe(28);
});

test("small weights are left out up to a share", () => {
  const directions = unitDirections(4, 3, 1);
  const { alpha } = largestUnits({ directions, alpha: Float64Array.of(0.1, -2, 0.2, 3) }, 0.35);
  expect([...alpha]).toEqual([-2, 3]);
});
