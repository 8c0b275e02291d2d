import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BlasArgumentError } from "../errors.ts";
import { uniform, withBothBuilds } from "../testing.ts";
import { squaresAndWaves, waveBowls } from "./waves.ts";

/** sin^2(pi x) by the engine's sine of the remainder. */
const wave = (x: number) => Math.sin(Math.PI * (x - Math.round(x))) ** 2;
const sum = (row: Float64Array, term: (x: number) => number) => row.reduce((total, x) => total + term(x), 0);

test.each([
  [1, 1],
  [3, 7],
  [8, 4],
  [41, 20],
])("%i points in %i dimensions agree with the definition", (count, d) => {
  withBothBuilds(() => {
    const points = Float64Array.from({ length: count * d }, uniform(count)).map((x) => 5 * x);
    const [bowls, squares, waves] = [0, 1, 2].map(() => new Float64Array(count));
    waveBowls(points, d, 20, bowls);
    squaresAndWaves(points, d, squares, waves);
    for (let i = 0; i < count; i++) {
      const row = points.subarray(i * d, (i + 1) * d);
      expect(Math.abs(squares[i] / sum(row, (x) => x * x) - 1)).toBeLessThan(1e-14);
      expect(Math.abs(waves[i] - sum(row, wave))).toBeLessThan(d * 1e-15);
      expect(Math.abs(bowls[i] - squares[i] - 20 * waves[i])).toBeLessThan(d * 2e-14);
    }
  });
});

test("small, large and undefined coordinates", () => {
  withBothBuilds(() => {
    const of = (x: number) => {
      const [square, waves] = [new Float64Array(1), new Float64Array(1)];
      squaresAndWaves(Float64Array.of(x), 1, square, waves);
      return waves[0];
    };
    fc.assert(
      fc.property(fc.double({ min: -1e-3, max: 1e-3, noNaN: true, noDefaultInfinity: true }), (x) => {
        // near a minimum the digits are kept
        expect(Math.abs(of(x) - Math.sin(Math.PI * x) ** 2)).toBeLessThanOrEqual(4e-15 * (Math.PI * x) ** 2);
      }),
    );
    expect(of(1e300)).toBe(0);
    expect(of(Number.NaN)).toBeNaN();
    expect(of(Number.POSITIVE_INFINITY)).toBeNaN();
  });
});
test("rejects lengths that do not fit", () => {
  const points = new Float64Array(6);
  expect(() => waveBowls(points, 4, 1, new Float64Array(1))).toThrow(BlasArgumentError);
  expect(() => waveBowls(points, 0.5, 1, new Float64Array(12))).toThrow(
    "dimension must be an integer >= 1, got 0.5",
  );
  expect(() => waveBowls(points, 3, 1, new Float64Array(3))).toThrow("out must");
  expect(() => squaresAndWaves(points, 3, new Float64Array(2), new Float64Array(1))).toThrow("waves must");
});
