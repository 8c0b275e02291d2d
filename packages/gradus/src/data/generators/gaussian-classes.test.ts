import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { gaussianPair } from "./gaussian-pair.ts";
import { gaussianWithMargin } from "./gaussian-with-margin.ts";

describe("gaussianPair", () => {
  test("has round(pi n) positives", () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 200 }), fc.constantFrom(0.05, 0.1, 0.2, 0.4), (n, share) => {
        const { x, y } = gaussianPair({ n, positiveShare: share, separation: 1, seed: n });
        expect(y.filter((label) => label === 1).length).toBe(Math.round(share * n));
        expect(y.filter((label) => label === 0).length).toBe(n - Math.round(share * n));
        expect([x.columns, x.values.length]).toEqual([8, 8 * n]);
      }),
    );
  });

  test("has class means 0 and s u and unit variance along u", () => {
    const n = 20_000;
    const d = 5;
    const { x, y } = gaussianPair({ n, d, positiveShare: 0.5, separation: 2, seed: 1 });
    for (const label of [0, 1]) {
      let mean = 0;
      let square = 0;
      for (let i = 0; i < n; i++) {
        if (y[i] !== label) continue;
        const along =
          x.values.subarray(i * d, (i + 1) * d).reduce((sum, value) => sum + value, 0) / Math.sqrt(d);
        mean += along / (n / 2);
        square += (along - 2 * label) ** 2 / (n / 2);
      }
      expect(Math.abs(mean - 2 * label)).toBeLessThan(5 / Math.sqrt(n / 2));
      expect(Math.abs(square - 1)).toBeLessThan(5 * Math.sqrt(2 / (n / 2)));
    }
  });

  test("with two blobs puts about half the positives on either side", () => {
    const n = 2000;
    const { x, y } = gaussianPair({ n, positiveShare: 0.5, separation: 8, blobs: 2, seed: 2 });
    const along = Array.from({ length: n }, (_, i) =>
      x.values
        .subarray(i * x.columns, (i + 1) * x.columns)
        .reduce((sum, value) => sum + value / Math.sqrt(x.columns), 0),
    ).filter((_, i) => y[i] === 1);
    const right = along.filter((value) => value > 0).length;
    expect(along.every((value) => Math.abs(value) > 3)).toBe(true);
    expect(Math.abs(right - 500)).toBeLessThan(5 * Math.sqrt(250));
  });

  test("rejects an empty class", () => {
    expect(() => gaussianPair({ n: 10, positiveShare: 0.01, separation: 1, seed: 0 })).toThrow(ArgumentError);
    expect(() => gaussianPair({ n: 10, positiveShare: 1, separation: 1, seed: 0 })).toThrow("positiveShare");
    expect(() => gaussianPair({ n: 10, positiveShare: 0.5, separation: -1, seed: 0 })).toThrow("separation");
    expect(() => gaussianPair({ n: 1.5, positiveShare: 0.5, separation: 1, seed: 0 })).toThrow("n must be");
  });
});

describe("gaussianWithMargin", () => {
  test("keeps every row on its label's side, outside the slab", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (d, margin) => {
          const { x, y, w } = gaussianWithMargin({ n: 50, d, margin, seed: d });
          expect(Math.hypot(...w)).toBeCloseTo(1, 14);
          for (let i = 0; i < 50; i++) {
            let distance = 0;
            for (let j = 0; j < d; j++) distance += w[j] * x.values[i * d + j];
            expect(y[i] * distance).toBeGreaterThanOrEqual(margin);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test("follows the truncated normal along w and the standard normal across", () => {
    const n = 20_000;
    const { x, y, w } = gaussianWithMargin({ n, d: 2, margin: 1, seed: 3 });
    let along = 0;
    let across = 0;
    for (let i = 0; i < n; i++) {
      along += Math.abs(w[0] * x.values[2 * i] + w[1] * x.values[2 * i + 1]) / n;
      across += (w[0] * x.values[2 * i + 1] - w[1] * x.values[2 * i]) ** 2 / n;
    }
    // E(t | t >= 1) = density(1) / (1 - Phi(1)) = 0.2419707245 / 0.1586552539
    expect(Math.abs(along - 0.2419707245 / 0.1586552539)).toBeLessThan(5 * Math.sqrt(0.2 / n));
    expect(Math.abs(across - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(y.reduce((sum, label) => sum + label, 0))).toBeLessThan(5 * Math.sqrt(n));
  });

  test("rejects a margin that hardly any Gaussian row has", () => {
    expect(() => gaussianWithMargin({ n: 5, d: 2, margin: 5, seed: 0 })).toThrow(ArgumentError);
    expect(() => gaussianWithMargin({ n: 5, d: 0, margin: 1, seed: 0 })).toThrow("d must be");
  });
});
