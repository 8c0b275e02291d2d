import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { randomStream } from "./stream.ts";

const size = fc.integer({ min: 1, max: 12 });

describe("orthogonal", () => {
  test("has orthonormal columns, or rows when it is wide", () => {
    fc.assert(
      fc.property(size, size, fc.nat(), (rows, columns, seed) => {
        const drawn = randomStream(seed).orthogonal(rows, columns);
        const Q = drawn.values;
        expect([drawn.rows, drawn.columns, Q.length]).toEqual([rows, columns, rows * columns]);
        const at = (k: number, i: number) => (rows >= columns ? Q[i * columns + k] : Q[k * columns + i]);
        const count = Math.min(rows, columns);
        const length = Math.max(rows, columns);
        for (let a = 0; a < count; a++)
          for (let b = 0; b <= a; b++) {
            let product = 0;
            for (let i = 0; i < length; i++) product += at(a, i) * at(b, i);
            expect(Math.abs(product - (a === b ? 1 : 0))).toBeLessThan(1e-14);
          }
      }),
    );
  });

  test("follows the Haar measure: the trace's first moments are those of O(3), both orientations alike", () => {
    const stream = randomStream(41);
    const n = 20_000;
    let trace = 0;
    let square = 0;
    let proper = 0;
    for (let draw = 0; draw < n; draw++) {
      const [a, b, c, d, e, f, g, h, i] = stream.orthogonal(3).values;
      trace += (a + e + i) / n;
      square += (a + e + i) ** 2 / n;
      if (a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) > 0) proper += 1 / n;
    }
    // E tr Q = 0, E (tr Q)^2 = 1, E (tr Q)^4 = 3 (Diaconis & Shahshahani 1994)
    expect(Math.abs(trace)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(square - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(proper - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / n));
  });

  test("rejects sizes that are not positive integers", () => {
    expect(() => randomStream(1).orthogonal(0)).toThrow(ArgumentError);
    expect(() => randomStream(1).orthogonal(2, 1.5)).toThrow(
      "columns must be an integer from 1 to 2147483647, got 1.5",
    );
  });
});
