import { expect, test } from "vitest";
import { shapleyKernel } from "./masks.ts";

test("the Shapley kernel is (d - 1) / (C(d, k) k (d - k)), scaled to the largest 1", () => {
  // d = 4: C = 4, 6, 4
  const weights = [1, 2, 3].map((k) => 3 / ([4, 6, 4][k - 1] * k * (4 - k)));
  const kernel = shapleyKernel(4);
  expect(kernel).toHaveLength(5);
  for (const [k, wanted] of [0, ...weights, 0].entries())
    expect(kernel[k]).toBeCloseTo(wanted / Math.max(...weights), 12);
});

test("the Shapley kernel of a picture's numbers", () => {
  const d = 224 * 224 * 3;
  const kernel = shapleyKernel(d);
  expect([kernel[0], kernel[1], kernel[d - 1], kernel[d]]).toEqual([0, 1, 1, 0]);
  // C(d, 2) 2 (d - 2) over C(d, 1) (d - 1)
  expect(kernel[2] * (d - 2)).toBeCloseTo(1, 6);
});
