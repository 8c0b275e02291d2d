// For tests of bilevel problems.
import { expect } from "vitest";
import { randomStream } from "../../random/stream.ts";
import type { BilevelProblem } from "./index.ts";

/** A point with standard normal coordinates. */
export const pointOf = (seed: number, d: number) => randomStream(seed).fillNormal(new Float64Array(d));

/** That no coordinate is as far off as `size`. */
export const expectClose = (actual: ArrayLike<number>, wanted: ArrayLike<number>, size: number) => {
  for (let i = 0; i < wanted.length; i++) expect(Math.abs(actual[i] - wanted[i])).toBeLessThan(size);
};

/** The problem with normal noise on every gradient, the same for the same sample. */
export function noisy(of: BilevelProblem, scale: number): BilevelProblem {
  const add = (values: Float64Array, sample: number | undefined, label: string) => {
    const noise = randomStream(sample ?? 0)
      .split(label)
      .fillNormal(new Float64Array(values.length));
    return values.map((value, i) => value + scale * noise[i]);
  };
  const level = (name: "upper" | "lower") => ({
    value: of[name].value,
    gradientX: async (x: Float64Array, y: Float64Array, out: Float64Array, sample: number | undefined) =>
      add(await of[name].gradientX(x, y, out, undefined), sample, `${name} x`),
    gradientY: async (x: Float64Array, y: Float64Array, out: Float64Array, sample: number | undefined) =>
      add(await of[name].gradientY(x, y, out, undefined), sample, `${name} y`),
  });
  return { ...of, stochastic: true, upper: level("upper"), lower: level("lower") };
}
