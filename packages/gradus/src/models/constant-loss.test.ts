import { array } from "@gradus/graph";
import { expect, test } from "vitest";
import { constantLoss } from "./constant-loss.ts";

test("the loss of the best constant, worked out by hand", () => {
  expect(constantLoss(array(Float64Array.of(1, 3, 1, 3)), "squared")).toBeCloseTo(1, 14);
  expect(constantLoss(array(Float64Array.of(0, 2, 0, 4, 0, 6), [3, 2]), "squared")).toBeCloseTo(4 / 3, 14);
  expect(constantLoss(array(Float64Array.of(0, 1, 0, 1)), "binary-cross-entropy")).toBeCloseTo(Math.LN2, 14);
  expect(constantLoss(array(BigInt64Array.of(0n, 1n, 2n, 2n)), "cross-entropy")).toBeCloseTo(
    1.5 * Math.LN2,
    14,
  );
  expect(constantLoss(array(Float64Array.of(5e6, 5e6)), "squared")).toBe(0);
});
