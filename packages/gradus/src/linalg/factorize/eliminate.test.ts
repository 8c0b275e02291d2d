import { expect, test } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { multiply } from "../multiply.ts";
import { eliminate } from "./eliminate.ts";

test.each([1, 2, 3, 10, 47])("a random system of order %i, whose first pivot is 0", (n) => {
  const stream = randomStream(n);
  const A = stream.fillNormal(new Float64Array(n * n));
  if (n > 1) A[0] = 0;
  const b = stream.fillNormal(new Float64Array(n));
  const x = b.slice();
  expect(eliminate(A.slice(), x)).toBe(true);
  const product = multiply({ rows: n, columns: n, values: A }, x);
  const size = Math.max(...A.map(Math.abs)) * Math.max(...x.map(Math.abs));
  for (let i = 0; i < n; i++)
    expect(Math.abs(product[i] - b[i])).toBeLessThan(30 * n * Number.EPSILON * size);
});

test("an exact solution", () => {
  // 2 y = 4,  x + y + z = 6,  x - z = -2
  const b = Float64Array.of(4, 6, -2);
  expect(eliminate(Float64Array.of(0, 2, 0, 1, 1, 1, 1, 0, -1), b)).toBe(true);
  expect([...b]).toEqual([1, 2, 3]);
});

test("a singular matrix and one that is not finite are refused", () => {
  expect(eliminate(Float64Array.of(1, 2, 2, 4), Float64Array.of(1, 1))).toBe(false);
  expect(eliminate(Float64Array.of(Number.NaN), Float64Array.of(1))).toBe(false);
});
