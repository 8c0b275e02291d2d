import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { type DenseMatrix, denseMatrix } from "../linalg/matrix.ts";
import { randomStream } from "../random/stream.ts";
import { randomUndersample, smote } from "./resample.ts";

const D = 3;

function problem(seed: number, minority: number, majority: number) {
  const stream = randomStream(seed);
  const n = minority + majority;
  const x = denseMatrix(stream.fillNormal(new Float64Array(n * D)), n, D);
  return { x, y: stream.shuffle(new Int32Array(n).fill(1, 0, minority)) };
}

function rowsOf({ rows, values }: DenseMatrix): number[][] {
  return Array.from({ length: rows }, (_, i) => Array.from(values.subarray(i * D, (i + 1) * D)));
}

function distance(a: number[], b: number[]): number {
  return Math.hypot(...a.map((value, j) => value - b[j]));
}

// whether p is on the segment from a to one of the `neighbors` other points nearest to a
function onSegmentToNeighbor(p: number[], a: number[], points: number[][], neighbors: number): boolean {
  const nearest = points.filter((point) => point !== a).sort((b, c) => distance(a, b) - distance(a, c));
  return nearest
    .slice(0, neighbors)
    .some((b) => Math.abs(distance(a, p) + distance(p, b) - distance(a, b)) < 1e-12);
}

describe("smote", () => {
  test("adds minority rows on segments between neighbors until the ratio is reached", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 4, max: 12 }),
        fc.constantFrom(1, 3),
        (seed, few, neighbors) => {
          const { x, y } = problem(seed, few, 40);
          const result = smote(x, y, { ratio: 0.5, neighbors, seed });
          expect([result.x.rows, result.x.columns]).toEqual([60, D]);
          expect(result.x.values.subarray(0, x.values.length)).toEqual(x.values);
          expect(result.y.subarray(0, y.length)).toEqual(y);
          expect(result.y.subarray(y.length).every((label) => label === 1)).toBe(true);
          const minority = rowsOf(x).filter((_, i) => y[i] === 1);
          for (const p of rowsOf(result.x).slice(y.length))
            expect(minority.some((a) => onSegmentToNeighbor(p, a, minority, neighbors))).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("gives the same rows for the same seed and others for another", () => {
    const { x, y } = problem(1, 10, 40);
    expect(smote(x, y, { ratio: 1, seed: 3 })).toEqual(smote(x, y, { ratio: 1, seed: 3 }));
    expect(smote(x, y, { ratio: 1, seed: 3 }).x.values).not.toEqual(
      smote(x, y, { ratio: 1, seed: 4 }).x.values,
    );
  });

  test("rejects what it cannot do", () => {
    const { x, y } = problem(1, 10, 40);
    expect(() => smote(x, y, { ratio: 0.25, seed: 0 })).toThrow(ArgumentError);
    expect(() => smote(x, y, { ratio: 0.2, seed: 0 })).toThrow("above the current ratio 0.25 of 10 minority");
    expect(() => smote(x, y, { ratio: 1.5, seed: 0 })).toThrow("ratio must be in (0, 1]");
    expect(() => smote(x, y, { ratio: 1, neighbors: 10, seed: 0 })).toThrow(DataError);
    expect(() => smote(x, y, { ratio: 1, neighbors: 0, seed: 0 })).toThrow(
      "neighbors must be a positive integer, got 0",
    );
    expect(() => smote(x, new Int32Array(50), { ratio: 1, seed: 0 })).toThrow("two classes, got 1");
    expect(() => smote(x, y.subarray(1), { ratio: 1, seed: 0 })).toThrow("y must have 50 numbers, got 49");
  });
});

describe("randomUndersample", () => {
  test("keeps the whole minority and so much of the majority that the ratio is reached", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(0.5, 0.4, 1),
        (seed, few, ratio) => {
          const { x, y } = problem(seed, few, 40);
          const result = randomUndersample(x, y, { ratio, seed });
          const ones = result.y.filter((label) => label === 1).length;
          expect(ones).toBe(few);
          expect(result.x.rows - ones).toBe(Math.round(few / ratio));
          expect(result.rows).toEqual(Int32Array.from(new Set(result.rows)).sort());
          const input = rowsOf(x);
          expect(rowsOf(result.x)).toEqual(Array.from(result.rows, (row) => input[row]));
          expect(Array.from(result.y)).toEqual(Array.from(result.rows, (row) => y[row]));
        },
      ),
    );
  });

  test("takes every majority row equally often", () => {
    const { x, y } = problem(2, 5, 20);
    const taken = new Float64Array(25);
    for (let seed = 0; seed < 2000; seed++)
      for (const row of randomUndersample(x, y, { ratio: 1, seed }).rows) taken[row] += 1;
    for (let row = 0; row < 25; row++)
      expect(Math.abs(taken[row] - (y[row] === 1 ? 2000 : 500))).toBeLessThan(5 * Math.sqrt(2000 * 0.1875));
  });

  test("rejects a ratio that dropping rows cannot reach", () => {
    const { x, y } = problem(1, 10, 40);
    expect(() => randomUndersample(x, y, { ratio: 0.25, seed: 0 })).toThrow(ArgumentError);
    expect(() => randomUndersample(x, y, { ratio: 0, seed: 0 })).toThrow("ratio must be in (0, 1]");
  });
});
