import fc from "fast-check";
import { expect, test } from "vitest";
import { BlasArgumentError, DisposedError } from "../errors.ts";
import { sharedHeap } from "../memory.ts";
import { usedBytes, vector, withBothBuilds } from "../testing.ts";
import { residentBasis } from "./resident-basis.ts";

const inner = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** Rows of the identity after Householder's reflection in a random vector: orthonormal to rounding. */
function orthonormal(count: number, length: number, seed: number): Float64Array[] {
  const w = vector(length, seed);
  const scale = 2 / inner(w, w);
  return Array.from({ length: count }, (_, j) => w.map((value, i) => Number(i === j) - scale * w[j] * value));
}

test("what is left is orthogonal to all vectors, and the coefficients are the products with them", () => {
  withBothBuilds(() => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 150 }),
        fc.integer({ min: 1, max: 1e6 }),
        (length, most, seed) => {
          const vectors = orthonormal(Math.min(most, length), length, seed);
          using basis = residentBasis(length);
          for (const q of vectors) basis.append(q);
          expect(basis.count).toBe(vectors.length);
          const before = vector(length, seed + 1);
          const v = before.slice();
          const coefficients = vector(vectors.length, seed + 2);
          const added = coefficients.slice();
          basis.projectOut(v, coefficients);
          const size = Math.sqrt(inner(before, before));
          const close = 30 * length * Number.EPSILON * (1 + size);
          for (const [j, q] of vectors.entries()) {
            expect(Math.abs(inner(q, v))).toBeLessThan(close);
            expect(Math.abs(coefficients[j] - added[j] - inner(q, before))).toBeLessThan(close);
          }
          const whole = vectors.reduce((sum, q) => sum + inner(q, before) ** 2, inner(v, v));
          expect(Math.abs(whole - size ** 2)).toBeLessThan(close * (1 + size));
        },
      ),
      { numRuns: 40 },
    );
  });
});

test("vectors that were left out are replaced by others, and memory is given back", () => {
  const bytes = usedBytes(sharedHeap());
  const vectors = orthonormal(9, 10, 1);
  const basis = residentBasis(10);
  for (const q of vectors.slice(0, 6)) basis.append(q);
  basis.truncate(2);
  for (const q of vectors.slice(6)) basis.append(q);
  const v = vectors.reduce((sum, q) => sum.map((value, i) => value + q[i]), new Float64Array(10));
  basis.projectOut(v);
  for (const [j, q] of vectors.entries()) expect(inner(q, v)).toBeCloseTo(j < 2 || j >= 6 ? 0 : 1, 12);
  expect(usedBytes(sharedHeap())).toBeGreaterThan(bytes);
  basis.dispose();
  basis.dispose();
  expect(usedBytes(sharedHeap())).toBe(bytes);
  expect(() => basis.projectOut(v)).toThrow(DisposedError);
});

test("what does not fit is refused", () => {
  expect(() => residentBasis(-1)).toThrow("length must be a non-negative integer, got -1");
  using basis = residentBasis(3);
  basis.append(Float64Array.of(1, 0, 0));
  expect(() => basis.append(new Float64Array(2))).toThrow("q must have 3 numbers, got 2");
  expect(() => basis.projectOut(new Float64Array(4))).toThrow("v must have 3 numbers, got 4");
  expect(() => basis.projectOut(new Float64Array(3), new Float64Array(2))).toThrow(
    "coefficients must have 1 numbers, got 2",
  );
  expect(() => basis.truncate(2)).toThrow("count must be a non-negative integer of at most 1, got 2");
  expect(() => basis.truncate(0.5)).toThrow(BlasArgumentError);
});
