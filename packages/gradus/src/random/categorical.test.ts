import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { categoricalSampler } from "./categorical.ts";
import { randomStream } from "./stream.ts";

const weights = [3, 0, 1, 0.5, 5.5, 0];

function chiSquare(draw: () => number, n: number): number {
  const counts = new Float64Array(weights.length);
  for (let i = 0; i < n; i++) counts[draw()] += 1;
  return weights.reduce((sum, weight, i) => {
    const expected = (n * weight) / 10;
    if (weight === 0) expect(counts[i]).toBe(0);
    return weight === 0 ? sum : sum + (counts[i] - expected) ** 2 / expected;
  }, 0);
}

describe.each([
  [
    "categorical",
    () => {
      const stream = randomStream(31);
      return () => stream.categorical(weights);
    },
  ],
  [
    "categoricalSampler",
    () => {
      const stream = randomStream(32);
      const sample = categoricalSampler(weights);
      return () => sample(stream);
    },
  ],
])("%s", (_, sampler) => {
  test("draws in proportion to the weights, never one of weight 0", () => {
    expect(chiSquare(sampler(), 100_000)).toBeLessThan(16.3); // 3 degrees of freedom, probability 1e-3
  });
});

test("the sampler's table holds the probabilities exactly, to rounding", () => {
  const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(shares, (given) => {
      const total = given.reduce((sum, weight) => sum + weight, 0);
      fc.pre(total > 1e-6);
      const sample = categoricalSampler(given);
      // a fine even grid of uniforms integrates the piecewise constant map to within a grid step a cell
      const steps = 20_000;
      const mass = new Float64Array(given.length);
      for (let k = 0; k < steps; k++)
        mass[sample({ uniform: () => (k + 0.5) / steps, normal: () => 0 })] += 1 / steps;
      for (let i = 0; i < given.length; i++)
        expect(Math.abs(mass[i] - given[i] / total)).toBeLessThan((2 * given.length) / steps);
    }),
    { numRuns: 50 },
  );
});

test.each([[[]], [[0, 0]], [[1, -1]], [[1, Number.NaN]], [[Number.POSITIVE_INFINITY]]])(
  "rejects the weights %j",
  (given) => {
    expect(() => categoricalSampler(given)).toThrow(ArgumentError);
    expect(() => randomStream(1).categorical(given)).toThrow(ArgumentError);
  },
);
