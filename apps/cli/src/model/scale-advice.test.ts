import { array } from "@gradus/graph";
import { expect, test } from "vitest";
import { scaleAdvice } from "./scale-advice.ts";

test("names what is of unusual size, and nothing where the model is better", () => {
  const data = { inputs: { x: array(Float64Array.of(1, 300, 7, 2, 301, 7), [2, 3]) } };
  const constant = 1e12;
  const advice = scaleAdvice(data, "squared", { reached: 2e12, constant });
  expect(advice).toContain("The model is no better than the same prediction for every row: a loss of 2e12");
  expect(advice).toContain(
    "which --mean and --std bring to about 1: column 2 of x 300.5. The target's standard",
  );
  expect(scaleAdvice(data, "squared", { reached: 0.999e12, constant })).toContain("is hardly better");
  expect(scaleAdvice(data, "squared", { reached: 0.9e12, constant })).toBeUndefined();
  expect(scaleAdvice(data, "squared", { reached: null, constant })).toBeUndefined();
  expect(scaleAdvice(data, "squared", { reached: 0, constant: 0 })).toBeUndefined();
  const usual = { inputs: { x: array(Float64Array.of(1, 2), [2, 1]) } };
  expect(scaleAdvice(usual, "cross-entropy", { reached: 1, constant: 0.7 })).toContain("for more --epochs");
});
