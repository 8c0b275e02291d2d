import { expect, test } from "vitest";
import { arithmetic, measuredPeak } from "./floors.ts";

test("a case's operations are those of its products, counted by hand", () => {
  // x W1 and x^T G1; h W2, h^T G2 and G2 W2^T
  expect(arithmetic.step.operations).toBe(2 * (2 * 64 * 784 * 128) + 3 * (2 * 64 * 128 * 10));
  expect(arithmetic.steps).toEqual(arithmetic.step);
  // 6 products forward, 5 back; their tangents 11 and 10; 11 for those of the weights' gradients
  expect(arithmetic["hvp-double"]).toEqual({ operations: 43 * 2 * 32 * 64 * 64, dtype: "f64" });
});

test("the peak is the fastest product of any library, in the same precision", () => {
  const timing = (...seconds: number[]) => ({
    label: "",
    peer: "gradus" as const,
    settings: "",
    seconds,
    bySetting: {},
  });
  const results = [
    { id: "matmul-1024", timings: [timing(0.5, 0.25), timing(0.125)], absences: [] },
    { id: "matmul-1024-double", timings: [timing(1)], absences: [] },
  ];
  expect(measuredPeak(results, "f32")).toBe(2 * 1024 ** 3 * 8);
  expect(measuredPeak(results, "f64")).toBe(2 * 1024 ** 3);
  expect(measuredPeak([], "f32")).toBeUndefined();
});
