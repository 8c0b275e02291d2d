import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { effectiveBatchSize } from "./effective-batch-size.ts";
import { covarianceEdges, spikedCovariance, spikedWigner } from "./spiked-models.ts";

describe("the effective batch size", () => {
  test("is exact: the variance of the mean of b of N numbers, over all batches, is S^2 / b_eff", () => {
    const numbers = [3, -1, 4, 1, -5];
    const mean = (x: readonly number[]) => x.reduce((a, b) => a + b, 0) / x.length;
    const center = mean(numbers);
    const sampleVariance = numbers.reduce((sum, x) => sum + (x - center) ** 2, 0) / 4;
    for (let b = 1; b <= 4; b++) {
      const means: number[] = [];
      for (let mask = 0; mask < 32; mask++) {
        const chosen = numbers.filter((_, i) => mask & (1 << i));
        if (chosen.length === b) means.push(mean(chosen));
      }
      const variance = mean(means.map((m) => (m - center) ** 2));
      expect(sampleVariance / effectiveBatchSize(b, 5)).toBeCloseTo(variance, 13);
    }
  });

  test("is infinite for all data, and the size itself with replacement", () => {
    expect(effectiveBatchSize(5, 5)).toBe(Number.POSITIVE_INFINITY);
    expect(effectiveBatchSize(5, 5, { replacement: true })).toBe(5);
    expect(effectiveBatchSize(1, 1500)).toBeCloseTo(1500 / 1499, 14);
  });

  test.each([
    [0, 5, "batchSize must be an integer from 1 to 5, got 0"],
    [6, 5, "got 6"],
    [2.5, 5, "got 2.5"],
    [1, 0, "datasetSize"],
  ])("refuses b = %d of N = %d", (b, N, message) => {
    expect(() => effectiveBatchSize(b, N)).toThrow(ArgumentError);
    expect(() => effectiveBatchSize(b, N)).toThrow(message);
  });
});

describe("the additive model", () => {
  const at = (lambda: number, effectiveBatch: number, hessianVariance = 16) =>
    spikedWigner({ lambda, hessianVariance, effectiveBatch });

  test("has the values worked out by hand for s^2 = 16", () => {
    // at the transition both formulas give 8
    expect(at(4, 1)).toEqual({ value: 8, overlap: 0, detached: false, edge: 8 });
    expect(at(4, 2)).toMatchObject({ value: 6, overlap: 0.5, detached: true });
    expect(at(-3, 4).value).toBeCloseTo(-3 - 4 / 3, 14);
    expect(at(-3, 4).overlap).toBeCloseTo(5 / 9, 14);
    expect(at(2, 1)).toMatchObject({ value: 8, overlap: 0 });
    expect(at(-3, 1)).toMatchObject({ value: -8, detached: false });
  });

  test("is continuous at the transition, never inside the edge, and odd", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        fc.double({ min: 0.5, max: 1e4, noNaN: true }),
        fc.double({ min: 0.01, max: 50, noNaN: true }),
        (hessianVariance, effectiveBatch, lambda) => {
          const threshold = Math.sqrt(hessianVariance / effectiveBatch);
          const above = at(threshold * (1 + 1e-7), effectiveBatch, hessianVariance);
          expect(above.value / above.edge).toBeCloseTo(1, 12);
          expect(above.overlap).toBeLessThan(1e-6);
          const here = at(lambda, effectiveBatch, hessianVariance);
          expect(here.value).toBeGreaterThanOrEqual(here.edge * (1 - 1e-14));
          expect(at(-lambda, effectiveBatch, hessianVariance).value).toBe(-here.value);
        },
      ),
    );
  });

  test("takes 0 for absorbed at the end that is asked, and all data for no noise", () => {
    const zero = { lambda: 0, hessianVariance: 4, effectiveBatch: 1 };
    expect(spikedWigner(zero)).toEqual({ value: 4, overlap: 0, detached: false, edge: 4 });
    expect(spikedWigner({ ...zero, end: "smallest" }).value).toBe(-4);
    expect(at(3, Number.POSITIVE_INFINITY)).toEqual({ value: 3, overlap: 1, detached: true, edge: 0 });
    expect(at(0, Number.POSITIVE_INFINITY)).toEqual({ value: 0, overlap: 0, detached: false, edge: 0 });
  });

  test("refuses what it cannot take", () => {
    expect(() => at(Number.NaN, 1)).toThrow("lambda must be a finite number, got NaN");
    expect(() => at(1, 1, -1)).toThrow("hessianVariance must be a non-negative number, got -1");
    expect(() => at(1, 0)).toThrow("effectiveBatch must be a positive number or Infinity, got 0");
  });
});

describe("the multiplicative model", () => {
  test("has the values worked out by hand for a spike of 6 over 1", () => {
    expect(spikedCovariance({ spike: 6, scale: 1, ratio: 4 })).toMatchObject({ detached: true, edge: 9 });
    expect(spikedCovariance({ spike: 6, scale: 1, ratio: 4 }).value).toBeCloseTo(10.8, 13);
    expect(spikedCovariance({ spike: 6, scale: 1, ratio: 4 }).overlap).toBeCloseTo(0.84 / 1.8, 13);
    expect(spikedCovariance({ spike: 2, scale: 1, ratio: 4 })).toMatchObject({ value: 9, overlap: 0 });
    expect(spikedCovariance({ spike: 12, scale: 2, ratio: 4 }).value).toBeCloseTo(21.6, 13);
  });

  test("is continuous at the transition and exact without noise", () => {
    const spike = 1 + Math.sqrt(3);
    const above = spikedCovariance({ spike: spike * (1 + 1e-9), scale: 1, ratio: 3 });
    expect(above.value).toBeCloseTo(spikedCovariance({ spike, scale: 1, ratio: 3 }).value, 12);
    expect(spikedCovariance({ spike: 6, scale: 1, ratio: 0 })).toMatchObject({ value: 6, overlap: 1 });
  });

  test("has the edges of Marchenko and Pastur", () => {
    expect(covarianceEdges({ scale: 2, ratio: 0.25 })).toEqual({ lower: 0.5, upper: 4.5 });
    expect(covarianceEdges({ scale: 1, ratio: 4 })).toEqual({ lower: 0, upper: 9 });
    expect(() => covarianceEdges({ scale: 0, ratio: 1 })).toThrow("scale must be a positive number, got 0");
    expect(() => covarianceEdges({ scale: 1, ratio: -1 })).toThrow("ratio");
    expect(() => spikedCovariance({ spike: Number.NaN, scale: 1, ratio: 1 })).toThrow("spike");
  });
});
