import { array } from "@gradus/graph";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchSizeTest } from "./contract.ts";
import { coordinateNormTest } from "./coordinate-norm-test.ts";
import { augmentedInnerProductTest, innerProductTest, orthogonalityTest } from "./inner-product-test.ts";
import { normTest } from "./norm-test.ts";
import { type GradientStatistics, mergeStatistics } from "./statistics.ts";

/** Two coordinates with mean gradient (3, 4), of norm 5. */
const statistics: GradientStatistics = {
  count: 10,
  loss: 1,
  gradient: { w: array(Float64Array.of(3, 4)) },
  gradientNormSquared: 25,
  varianceL1: 50,
  innerProductVariance: 500,
  orthogonalVariance: 30,
  coordinateVariance: Float64Array.of(18, 32),
};

test("each test proposes what its inequality says", () => {
  const of = (t: BatchSizeTest) => t.judge(statistics).proposedBatchSize;
  expect(of(normTest({ eta: 0.5 }))).toBe(50 / (0.25 * 25));
  expect(of(innerProductTest({ theta: 0.5 }))).toBe(500 / (0.25 * 625));
  expect(of(orthogonalityTest({ nu: 0.5 }))).toBe(30 / (0.25 * 25));
  expect(of(augmentedInnerProductTest({ theta: 0.5, nu: 0.5 }))).toBe(30 / (0.25 * 25));
  expect(of(augmentedInnerProductTest({ theta: 0.1, nu: 0.5 }))).toBeCloseTo(500 / (0.01 * 625), 12);
  expect(of(coordinateNormTest({ eta: 0.5 }))).toBe(18 / (0.25 * 9));
  expect(of(coordinateNormTest({ eta: Float64Array.of(1, 0.5) }))).toBe(32 / (0.25 * 16));
  expect(of(coordinateNormTest({ eta: 0.5, floor: 7 }))).toBe(32 / (0.25 * 23));
  expect(of(normTest({ eta: 0.5, debiased: true }))).toBe(50 / (0.25 * 20));
});

test("a batch passes just when its size is at least the proposal", () => {
  const at = (count: number) => normTest({ eta: 0.5 }).judge({ ...statistics, count });
  expect(at(8)).toMatchObject({ passed: true, ratio: 1, stationary: false });
  expect(at(7)).toMatchObject({ passed: false, ratio: 8 / 7 });
});

test("the coordinate-wise test asks for at least what the norm test asks for", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.double({ min: 0.01, max: 9, noNaN: true }),
          fc.double({ min: 0.01, max: 9, noNaN: true }),
        ),
        {
          minLength: 1,
          maxLength: 8,
        },
      ),
      (pairs) => {
        const g = Float64Array.from(pairs, ([x]) => x);
        const V = Float64Array.from(pairs, ([, v]) => v);
        const s = {
          ...statistics,
          gradient: { w: array(g) },
          gradientNormSquared: g.reduce((a, x) => a + x * x, 0),
          varianceL1: V.reduce((a, x) => a + x, 0),
          coordinateVariance: V,
        };
        const whole = normTest({ eta: 0.5 }).judge(s).proposedBatchSize;
        expect(coordinateNormTest({ eta: 0.5 }).judge(s).proposedBatchSize).toBeGreaterThanOrEqual(
          whole * (1 - 1e-12),
        );
      },
    ),
  );
});

describe("corners", () => {
  test("gradients that cancel fail the test of the norm, and rows without a gradient pass every test", () => {
    const cancelled = { ...statistics, gradient: { w: array(new Float64Array(2)) }, gradientNormSquared: 0 };
    const none = {
      ...cancelled,
      varianceL1: 0,
      innerProductVariance: 0,
      orthogonalVariance: 0,
      coordinateVariance: new Float64Array(2),
    };
    for (const t of [
      normTest({ eta: 0.5 }),
      augmentedInnerProductTest({ theta: 1, nu: 1 }),
      coordinateNormTest({ eta: 1 }),
    ]) {
      expect(t.judge(cancelled)).toStrictEqual({
        passed: false,
        proposedBatchSize: Number.POSITIVE_INFINITY,
        ratio: Number.POSITIVE_INFINITY,
        stationary: false,
      });
      expect(t.judge(none)).toStrictEqual({
        passed: true,
        proposedBatchSize: 0,
        ratio: 0,
        stationary: true,
      });
    }
    // V_j / (floor) of the coordinates 18 and 32.
    expect(coordinateNormTest({ eta: 1, floor: 4 }).judge(cancelled).proposedBatchSize).toBe(8);
  });

  test("one coordinate without gradient asks for a batch without bound, unless there is a floor", () => {
    const flat = { ...statistics, gradient: { w: array(Float64Array.of(0, 5)) } };
    expect(coordinateNormTest({ eta: 0.5 }).judge(flat).proposedBatchSize).toBe(Number.POSITIVE_INFINITY);
    expect(coordinateNormTest({ eta: 0.5, floor: 1 }).judge(flat).proposedBatchSize).toBe(72);
    expect(normTest({ eta: 0.5, debiased: true }).judge({ ...statistics, varianceL1: 300 }).passed).toBe(
      false,
    );
    expect(normTest({ eta: 0.5 }).judge({ ...statistics, varianceL1: 0 })).toMatchObject({
      passed: true,
      ratio: 0,
    });
  });

  test("what cannot be tested is refused by name", () => {
    expect(() => normTest({ eta: 0 })).toThrow(/eta must be/);
    expect(() => innerProductTest({ theta: -1 })).toThrow(/theta must be/);
    expect(() => augmentedInnerProductTest({ theta: 1, nu: 0 })).toThrow(/nu must be/);
    expect(() => coordinateNormTest({ eta: Float64Array.of(1, 0) })).toThrow(/eta\[1\] must be/);
    expect(() => coordinateNormTest({ eta: 1, floor: -1 })).toThrow(/floor must be/);
    expect(() => coordinateNormTest({ eta: Float64Array.of(1) }).judge(statistics)).toThrow(
      /eta must have 2 numbers/,
    );
    expect(() => normTest({ eta: 0.5 }).judge({ ...statistics, count: 1 })).toThrow(
      /at least 2 rows .* got 1/,
    );
    const { innerProductVariance: _, ...without } = statistics;
    expect(() => innerProductTest({ theta: 1 }).judge(without)).toThrow(/must have innerProductVariance/);
    const { gradient: ___, ...kept } = statistics;
    expect(() => coordinateNormTest({ eta: 1 }).judge(kept)).toThrow(/must have gradient, got none/);
    const { coordinateVariance: __, ...partial } = statistics;
    expect(() => mergeStatistics(statistics, partial)).toThrow(/coordinateVariance must be in both/);
  });
});
