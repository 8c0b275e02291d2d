import { expect, test } from "vitest";
import { featureWeights, scaled } from "./attribution-table.ts";

test("attributions are scaled to their largest, of either sign", () => {
  expect(scaled([1, -4, 0])).toEqual([0.25, -1, 0]);
  expect(scaled([0, 0])).toEqual([0, 0]);
});

test("features are ordered by what both families say", () => {
  const method = (family: "additive" | "multiplicative", attributions: number[]) => ({
    label: "m",
    family,
    attributions,
  });
  const explained = {
    column: 0,
    agreement: { multiplicative: 1, additive: 1, between: 1 },
    methods: [
      method("multiplicative", [1, 2, 0]),
      method("multiplicative", [0, 10, 0]),
      method("additive", [0, 0, -5]),
    ],
  };
  expect(featureWeights(explained, 2)).toEqual([
    { feature: 1, multiplicative: 1, additive: 0 },
    { feature: 2, multiplicative: 0, additive: -1 },
  ]);
});
