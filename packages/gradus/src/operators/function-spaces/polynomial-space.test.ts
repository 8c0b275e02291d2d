import { expect, test } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { chebyshevSpace, powerSeriesSpace } from "./polynomial-space.ts";

const options = { points: 7, end: 3, terms: 5, bound: 2 };

test.each([
  [
    "Chebyshev series: T_k(z) = cos(k arccos z)",
    chebyshevSpace,
    (k: number, x: number) => Math.cos(k * Math.acos(2 * x - 1)),
  ],
  ["power series", powerSeriesSpace, (k: number, x: number) => x ** k],
])("%s with uniform coefficients, on an even grid", (_, space, term) => {
  const { grid, sample } = space(options);
  expect([...grid]).toEqual([0, 0.5, 1, 1.5, 2, 2.5, 3]);
  const values = sample(randomStream(8), 4);
  expect(values).toHaveLength(4 * 7);
  const uniform = new Float64Array(4 * 5);
  const stream = randomStream(8);
  for (let s = 0; s < 4; s++) stream.fillUniform(uniform.subarray(5 * s, 5 * (s + 1)));
  const coefficients = uniform.map((u) => -2 + 4 * u);
  for (let s = 0; s < 4; s++)
    for (const [i, at] of grid.entries()) {
      let sum = 0;
      for (let k = 0; k < 5; k++) sum += coefficients[5 * s + k] * term(k, at / 3);
      expect(values[7 * s + i]).toBeCloseTo(sum, 12);
    }
});

test.each([
  [{ points: 1 }, "points must be an integer of at least 2, got 1"],
  [{ terms: 0 }, "terms must be a positive integer, got 0"],
  [{ end: 0 }, "end must be"],
  [{ bound: -1 }, "bound must be"],
  [{ degree: 3 }, 'no option "degree"'],
])("%o is refused", (changes, message) => {
  expect(() => chebyshevSpace({ ...options, ...changes })).toThrow(message);
});
