import { compile, f32, f64, gradient, sum, type Tensor, toNumbers } from "@gradus/graph";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { amplify, FLOAT32_SLOPE_CEILING, softDecision } from "./amplifier.ts";

describe("amplify", () => {
  it("gives the worked example", () => {
    const p = [0.3, 0.48, 0.55, 0.9];
    const at10 = p.map((value) => amplify(value, { slope: 10 }));
    [0.119203, 0.450166, 0.622459, 0.982014].forEach((a, i) => {
      expect(at10[i]).toBeCloseTo(a, 6);
    });
    const at73 = p.map((value) => amplify(value));
    [0, 0.188467, 0.974667, 1].forEach((a, i) => {
      expect(at73[i]).toBeCloseTo(a, 5);
    });
  });

  it("is 1/2 at the threshold and within exp(-L |p - c|) of the hard decision elsewhere", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.double({ min: 0.5, max: 200, noNaN: true }),
        (p, threshold, slope) => {
          const { positive, negative } = softDecision(p, { slope, threshold });
          const error = p > threshold ? negative : positive;
          expect(error).toBeLessThanOrEqual(Math.exp(-slope * Math.abs(p - threshold)) * (1 + 1e-12));
          expect(positive + negative).toBeCloseTo(1, 15);
          expect(amplify(threshold, { slope, threshold })).toBe(0.5);
        },
      ),
      { seed: 17, numRuns: 200 },
    );
  });

  it("is steepest at the threshold, with slope L/4", () => {
    const h = 1e-6;
    const derivative = (amplify(0.5 + h) - amplify(0.5 - h)) / (2 * h);
    expect(derivative).toBeCloseTo(18.25, 6);
  });

  it("reaches 1 at p = 1 beyond slope 73 in float64 and beyond the ceiling in float32 arithmetic", () => {
    expect(amplify(1, { slope: 73 })).toBeLessThan(1);
    expect(amplify(1, { slope: 74 })).toBe(1);
    const { fround } = Math;
    const single = (slope: number) => fround(1 / fround(1 + fround(Math.exp(-slope / 2))));
    expect(single(FLOAT32_SLOPE_CEILING)).toBeLessThan(1);
    expect(single(FLOAT32_SLOPE_CEILING + 1)).toBe(1);
  });

  it("keeps a gradient at p = 1 in the engine's float32 up to the ceiling, and loses it from 36 on", async () => {
    using program = await compile(
      ({ p, slope }) => ({
        value: amplify(p, { slope }),
        slopes: gradient((q: Tensor) => sum(amplify(q, { slope })))(p),
      }),
      { p: f32("n"), slope: f32() },
    );
    const at = async (slope: number) => {
      const { value, slopes } = await program.run({ p: Float32Array.of(1), slope });
      return { value: toNumbers(value)[0], slope: toNumbers(slopes)[0] };
    };
    for (let slope = 20; slope <= FLOAT32_SLOPE_CEILING; slope++) {
      const { value, slope: derivative } = await at(slope);
      expect(value).toBeLessThan(1);
      expect(derivative).toBeGreaterThan(0);
    }
    for (const slope of [36, 40, 73]) expect(await at(slope)).toEqual({ value: 1, slope: 0 });
  });

  it("gives tensors the same values as numbers, in both tails", async () => {
    const p = Float64Array.of(0, 1e-9, 0.2, 0.4999, 0.5, 0.5001, 0.8, 1);
    using program = await compile((tensor) => softDecision(tensor, { slope: 73 }), f64("n"));
    const { positive, negative } = await program.run(p);
    p.forEach((value, i) => {
      const decision = softDecision(value);
      expect(Number(positive.data[i]) / decision.positive).toBeCloseTo(1, 12);
      expect(Number(negative.data[i]) / decision.negative).toBeCloseTo(1, 12);
    });
  });

  it("refuses slopes and thresholds that are none", () => {
    for (const slope of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => amplify(0.5, { slope })).toThrow(
        new ArgumentError(`slope must be a positive number, got ${slope}`),
      );
    for (const threshold of [0, 1, -0.1, Number.NaN])
      expect(() => amplify(0.5, { threshold })).toThrow(`threshold must be in (0, 1), got ${threshold}`);
  });
});
