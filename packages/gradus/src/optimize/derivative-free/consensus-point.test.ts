import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { consensusPoint } from "./consensus-point.ts";
import { effectiveSampleSizeRule, growingInverseTemperature } from "./inverse-temperature.ts";

const line = (...x: number[]) => ({ rows: x.length, columns: 1, values: Float64Array.from(x) });

describe("the consensus point", () => {
  test("of two particles is the logistic function of the difference of their values", () => {
    const { point, weights, effectiveSampleSize, logNormalizer } = consensusPoint(line(0, 1), [2, 1.5], {
      inverseTemperature: 3,
    });
    const p = 1 / (1 + Math.exp(-1.5));
    expect(point[0]).toBeCloseTo(p, 14);
    expect([...weights]).toEqual([expect.closeTo(1 - p, 14), expect.closeTo(p, 14)]);
    expect(effectiveSampleSize).toBeCloseTo(1 / (p * p + (1 - p) * (1 - p)), 12);
    expect(logNormalizer).toBeCloseTo(Math.log((Math.exp(-6) + Math.exp(-4.5)) / 2), 12);
  });

  test("does not underflow, and is the best particle for large alpha; ties are averaged", () => {
    const given = { inverseTemperature: 1e15 };
    expect(consensusPoint(line(1, 2, 3), [5, 4, 6], given).point[0]).toBe(2);
    for (const inverseTemperature of [1e15, Number.POSITIVE_INFINITY])
      expect(consensusPoint(line(1, 2, 4), [4, 5, 4], { inverseTemperature }).point[0]).toBe(2.5);
  });

  test("is the plain mean at alpha 0, and a constant added to all values changes nothing", () => {
    expect(consensusPoint(line(1, 2, 6), [9, 1, 4], { inverseTemperature: 0 }).point[0]).toBeCloseTo(3, 15);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 20 })), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.integer({ min: -1000, max: 1000 }),
        (pairs, shift) => {
          const x = line(...pairs.map(([position]) => position));
          const values = pairs.map(([, value]) => value);
          const given = { inverseTemperature: 0.7 };
          const moved = values.map((value) => value + shift);
          const { point } = consensusPoint(x, values, given);
          expect(consensusPoint(x, moved, given).point[0]).toBe(point[0]);
          expect(point[0]).toBeGreaterThanOrEqual(Math.min(...x.values) - 1e-12);
          expect(point[0]).toBeLessThanOrEqual(Math.max(...x.values) + 1e-12);
        },
      ),
    );
  });

  test("leaves out NaN and Infinity, and counts them", () => {
    const { point, weights, dropped } = consensusPoint(
      line(1, 2, 3, 4),
      [Number.NaN, 1, Number.POSITIVE_INFINITY, 1],
      { inverseTemperature: 2 },
    );
    expect(point[0]).toBe(3);
    expect([...weights]).toEqual([0, 0.5, 0, 0.5]);
    expect(dropped).toBe(2);
  });

  test("refuses what it cannot weigh", () => {
    const given = { inverseTemperature: 1 };
    expect(() => consensusPoint(line(1, 2), [1], given)).toThrow("values must have 2 numbers, got 1");
    expect(() => consensusPoint(line(1, 2), [1, 2], { inverseTemperature: -1 })).toThrow(ArgumentError);
    expect(() => consensusPoint(line(1, Number.NaN), [1, 2], given)).toThrow(DataError);
    expect(() => consensusPoint(line(1, 2), [1, Number.NEGATIVE_INFINITY], given)).toThrow("-Infinity");
    expect(() => consensusPoint(line(1, 2), [Number.NaN, Number.NaN], given)).toThrow(
      "values must have a finite number, got 2 that are NaN or Infinity",
    );
    expect(() => consensusPoint(line(1), [1], { ...given, alpha: 1 } as never)).toThrow(
      'consensusPoint has no option "alpha"',
    );
  });
});

describe("rules for the inverse temperature", () => {
  test("growth by a factor up to a limit", () => {
    const rule = growingInverseTemperature({ start: 30, factor: 1.05, most: 100 });
    expect(rule(0)).toBe(30);
    expect(rule(10)).toBeCloseTo(30 * 1.05 ** 10, 10);
    expect(rule(1000)).toBe(100);
    expect(() => growingInverseTemperature({ start: 0 })).toThrow("start must be a positive number");
    expect(() => growingInverseTemperature({ start: 1, factor: 0.9 })).toThrow("factor must be");
    expect(() => growingInverseTemperature({ start: 2e5 })).toThrow("most must be at least start");
  });

  test("the effective sample size is the wanted share of the particles", () => {
    const rule = effectiveSampleSizeRule({ fraction: 0.3 });
    const values = Float64Array.from({ length: 50 }, (_, i) => Math.sin(i) * 3);
    const inverseTemperature = rule(0, values);
    const x = line(...values);
    expect(consensusPoint(x, values, { inverseTemperature }).effectiveSampleSize).toBeCloseTo(15, 4);
    // where all values are equal, every alpha gives all particles the same weight
    expect(rule(0, new Float64Array(5))).toBe(1e5);
    expect(() => effectiveSampleSizeRule({ fraction: 1 })).toThrow("fraction must be in (0, 1)");
    expect(() => effectiveSampleSizeRule({ least: 2, most: 1 })).toThrow("most must be larger than least");
  });
});
