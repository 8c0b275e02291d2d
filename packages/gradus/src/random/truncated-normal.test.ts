import { describe, expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { randomStream } from "./stream.ts";

const N = 50_000;

const intervals: [low: number, high: number][] = [
  [-2, 2],
  [-0.5, 1],
  [1, Number.POSITIVE_INFINITY],
  [Number.NEGATIVE_INFINITY, -3],
  [0, 0.25],
  [8, 9],
  [-0.1, 9],
];

describe("truncatedNormal", () => {
  test.each(intervals)(
    "on [%d, %d] stays inside and has the mean and variance of the density",
    (low, high) => {
      const stream = randomStream(21).split(low).split(high);
      // moments of the density by the midpoint rule on the part that matters
      const from = Math.max(low, -12);
      const to = Math.min(high, Math.max(12, low + 6));
      const cells = 200_000;
      const nearest = Math.max(from, Math.min(to, 0));
      const density = (t: number) => Math.exp((nearest - t) * (nearest + t) * 0.5);
      let mass = 0;
      let first = 0;
      let second = 0;
      for (let k = 0; k < cells; k++) {
        const t = from + ((to - from) * (k + 0.5)) / cells;
        mass += density(t);
        first += t * density(t);
        second += t * t * density(t);
      }
      const mean = first / mass;
      const variance = second / mass - mean ** 2;
      let sum = 0;
      let square = 0;
      for (let i = 0; i < N; i++) {
        const x = stream.truncatedNormal(low, high);
        if (!(x >= low && x <= high)) expect.fail(`${x} is outside [${low}, ${high}]`);
        sum += (x - mean) / N;
        square += (x - mean) ** 2 / N;
      }
      expect(Math.abs(sum)).toBeLessThan(5 * Math.sqrt(variance / N));
      // the fourth central moment of a truncated normal is below 9 times the square of its variance
      expect(Math.abs(square / variance - 1)).toBeLessThan(5 * Math.sqrt(8 / N));
    },
  );

  test("reaches intervals where a normal number never falls", () => {
    const stream = randomStream(22);
    for (let i = 0; i < 100; i++) {
      expect(stream.truncatedNormal(40, 41)).toBeLessThan(40.6); // P(t > 40.6 | t > 40) = e^-24
      expect(stream.truncatedNormal(-1e6, -1e5)).toBeCloseTo(-1e5, 2);
    }
  });

  test("rejects an empty interval", () => {
    expect(() => randomStream(1).truncatedNormal(1, 1)).toThrow(ArgumentError);
    expect(() => randomStream(1).truncatedNormal(Number.NaN, 1)).toThrow("low must be below high");
  });
});
