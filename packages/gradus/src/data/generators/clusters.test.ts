import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { blobs } from "./blobs.ts";
import { circles } from "./circles.ts";
import { moons } from "./moons.ts";

describe("blobs", () => {
  test("scatters equal shares of the rows around the centers", () => {
    const n = 30_000;
    const { x, y, centers } = blobs({ n, d: 3, centers: 3, deviation: 0.5, seed: 1 });
    expect([centers.rows, centers.columns]).toEqual([3, 3]);
    expect(centers.values.every((c) => Math.abs(c) <= 10)).toBe(true);
    for (let k = 0; k < 3; k++) {
      const rows = Array.from(y.keys()).filter((i) => y[i] === k);
      expect(rows.length).toBe(n / 3);
      for (let j = 0; j < x.columns; j++) {
        const errors = rows.map((i) => x.values[i * x.columns + j] - centers.values[k * x.columns + j]);
        const mean = errors.reduce((sum, e) => sum + e, 0) / rows.length;
        const variance = errors.reduce((sum, e) => sum + e * e, 0) / rows.length;
        expect(Math.abs(mean)).toBeLessThan((5 * 0.5) / Math.sqrt(rows.length));
        expect(Math.abs(variance / 0.25 - 1)).toBeLessThan(5 * Math.sqrt(2 / rows.length));
      }
    }
  });

  test("takes given centers, and puts rows on them without deviation", () => {
    const centers = denseMatrix([1, 2, -3, 4], 2, 2);
    const { x, y } = blobs({ n: 5, centers, deviation: 0, seed: 1 });
    for (let i = 0; i < 5; i++)
      expect([x.values[2 * i], x.values[2 * i + 1]]).toEqual(y[i] === 0 ? [1, 2] : [-3, 4]);
    expect([...y].sort()).toEqual([0, 0, 0, 1, 1]);
  });

  test("rejects centers that do not fit", () => {
    expect(() => blobs({ n: 2, centers: 3, seed: 1 })).toThrow(
      "centers must be an integer from 1 to 2, got 3",
    );
    expect(() => blobs({ n: 9, centers: denseMatrix([1, 2, 3], 1, 3), seed: 1 })).toThrow(
      "d = 2 columns, got 3",
    );
    expect(() => blobs({ n: 9, centers: denseMatrix([1, Number.NaN], 1, 2), seed: 1 })).toThrow(
      ArgumentError,
    );
    expect(() => blobs({ n: 9, centers: 1, deviation: -1, seed: 1 })).toThrow(
      "deviation must be a non-negative number",
    );
  });
});

describe("circles and moons", () => {
  test("without noise every row is on its curve, half of the rows on each", () => {
    const rings = circles({ n: 60, factor: 0.4, noise: 0, seed: 1 });
    const halves = moons({ n: 60, noise: 0, seed: 1 });
    for (let i = 0; i < 60; i++) {
      const radius = Math.hypot(rings.x.values[2 * i], rings.x.values[2 * i + 1]);
      expect(radius).toBeCloseTo(rings.y[i] === 0 ? 1 : 0.4, 14);
      const [a, b] = [halves.x.values[2 * i], halves.x.values[2 * i + 1]];
      const upper = halves.y[i] === 0;
      expect(upper ? Math.hypot(a, b) : Math.hypot(a - 1, b - 0.5)).toBeCloseTo(1, 14);
      expect(upper ? b : 0.5 - b).toBeGreaterThanOrEqual(0);
    }
    expect(rings.y.filter((label) => label === 1).length).toBe(30);
    expect(halves.y.filter((label) => label === 1).length).toBe(30);
  });

  test("noise has the deviation asked for", () => {
    const n = 20_000;
    const clean = moons({ n, noise: 0, seed: 3 });
    const noisy = moons({ n, noise: 0.2, seed: 3 });
    const square = noisy.x.values.reduce((sum, v, k) => sum + (v - clean.x.values[k]) ** 2, 0) / (2 * n);
    expect(Math.abs(square / 0.04 - 1)).toBeLessThan(5 * Math.sqrt(2 / (2 * n)));
    expect(noisy.y).toEqual(clean.y);
  });

  test("reject odd numbers of rows and radii outside (0, 1)", () => {
    expect(() => circles({ n: 5, seed: 1 })).toThrow("n must be even, got 5");
    expect(() => circles({ n: 6, factor: 1, seed: 1 })).toThrow("factor must be in (0, 1), got 1");
    expect(() => moons({ n: 5, seed: 1 })).toThrow(ArgumentError);
    expect(() => moons({ n: 6, noise: Number.NaN, seed: 1 })).toThrow("noise must be a non-negative number");
  });
});
