import { describe, expect, test } from "vitest";
import { denseMatrix } from "../../linalg/matrix.ts";
import { gaussianNumbers } from "../../linalg/test-matrices.ts";
import { logisticRegression } from "../../objectives/logistic-regression.ts";
import type { Objective } from "../../objectives/objective.ts";
import { quadratic } from "../../objectives/quadratic.ts";
import { diagonalMetric } from "../descent/metric.ts";
import { estimateGamma } from "./estimate-gamma.ts";

const scaled = (...a: number[]) =>
  quadratic({
    rows: a.length,
    columns: a.length,
    values: Float64Array.from({ length: a.length ** 2 }, (_, k) =>
      k % (a.length + 1) === 0 ? a[k / (a.length + 1)] : 0,
    ),
  });

describe("closed forms", () => {
  test("H = 0 on L ||x||^2 / 2: gamma = ||g|| / L", async () => {
    const x = Float64Array.of(3, 4);
    expect(await estimateGamma(scaled(7, 7), x, { hessian: "zero" })).toBeCloseTo(5, 6);
  });

  test("in the metric of the quadratic L is 1", async () => {
    const metric = diagonalMetric(Float64Array.of(2, 50));
    const x = Float64Array.of(1, 1);
    const gamma = await estimateGamma(scaled(2, 50), x, { hessian: "zero", metric });
    expect(gamma).toBeCloseTo(Math.sqrt(52), 5);
  });

  test("x^3 M/6 on the line: gamma = sqrt(2 ||g|| / M)", async () => {
    const M = 3;
    const cubic: Objective = {
      dimension: 1,
      value: ([x]) => (M * x ** 3) / 6,
      gradient: ([x]) => Float64Array.of((M * x * x) / 2),
      valueAndGradient: ([x]) => ({ value: (M * x ** 3) / 6, gradient: Float64Array.of((M * x * x) / 2) }),
      hessian: ([x]) => denseMatrix([M * x], 1, 1),
    };
    expect(await estimateGamma(cubic, Float64Array.of(2))).toBeCloseTo(2, 6); // ||g|| = 6
  });

  test("a quadratic with its Hessian has no bound, a minimum has radius 0", async () => {
    expect(await estimateGamma(scaled(1, 2), Float64Array.of(1, 1))).toBe(Number.POSITIVE_INFINITY);
    expect(await estimateGamma(scaled(1, 2), new Float64Array(2))).toBe(0);
  });
});

test("never below 1.256 / max ||a_i|| on logistic losses, over the steps that descend", async () => {
  const values = gaussianNumbers(1, 120);
  const y = Int32Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? 1 : -1));
  const f = logisticRegression({ rows: 40, columns: 3, values }, y);
  let longest = 0;
  for (let i = 0; i < 40; i++) longest = Math.max(longest, Math.hypot(...values.subarray(3 * i, 3 * i + 3)));
  for (const scale of [0, 1, 5])
    expect(
      await estimateGamma(
        f,
        gaussianNumbers(7, 3).map((v) => scale * v),
        { descent: true },
      ),
    ).toBeGreaterThanOrEqual(1.256 / longest);
});

test("samples directions with seed 0 by default, as other functions do", async () => {
  const f = logisticRegression({ rows: 40, columns: 3, values: gaussianNumbers(1, 120) }, [
    ...Array(20).fill(1),
    ...Array(20).fill(-1),
  ]);
  const x = gaussianNumbers(7, 3);
  const [usual, zero, one] = [{}, { seed: 0 }, { seed: 1 }].map((options) => estimateGamma(f, x, options));
  expect(await usual).toBe(await zero);
  expect(await usual).not.toBe(await one);
});

test("bad arguments are refused", async () => {
  await expect(estimateGamma(scaled(1), Float64Array.of(1), { samples: -1 })).rejects.toThrow(
    "samples must be a non-negative integer, got -1",
  );
  await expect(estimateGamma(scaled(1), new Float64Array(2))).rejects.toThrow("x must have 1 numbers, got 2");
});
