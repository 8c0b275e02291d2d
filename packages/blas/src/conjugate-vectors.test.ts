import fc from "fast-check";
import { expect, test } from "vitest";
import type { ConjugateVectors, WeightedSystem } from "./conjugate-vectors.ts";
import { DisposedError } from "./errors.ts";
import { sharedHeap } from "./memory.ts";
import { residentMatrix } from "./resident.ts";
import { designRows } from "./rows/design-rows.ts";
import { sparseRows } from "./sparse/sparse-rows.ts";
import { randomSparse } from "./sparse/test-support.ts";
import { RATIO, usedBytes, vector, withBothBuilds, worst } from "./testing.ts";

/** A turn and a step beside their definitions. */
function check(m: number, n: number, share: number, preconditioned: boolean, seed: number): void {
  const { matrix, entry } = randomSparse(m, n, share, seed);
  const positive = (length: number, at: number) => vector(length, at).map((value) => value + 1.5);
  const weights = positive(m, seed + 1);
  const [shift, alpha, beta] = vector(3, seed + 2);
  const preconditioner = preconditioned ? positive(n, seed + 3) : undefined;
  const start = { x: vector(n, seed + 4), residual: vector(n, seed + 5), direction: vector(n, seed + 6) };
  const c = (j: number) => preconditioner?.[j] ?? 1;
  const d = start.residual.map((r, j) => c(j) * r + beta * start.direction[j]);
  const image = Float64Array.from({ length: m }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += entry(i, j) * d[j];
    return weights[i] * sum;
  });
  const q = d.map((dj, j) => image.reduce((sum, z, i) => sum + entry(i, j) * z, shift * dj));
  const r = start.residual.map((rj, j) => rj - alpha * q[j]);
  const inner = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, j) => sum + value * b[j], 0);
  // sums of so many products of numbers up to 10
  const close = (found: number, exact: number) =>
    expect(worst(Float64Array.of(found), () => exact, 1000 * (m + 1) * (n + 1))).toBeLessThan(RATIO);

  const dense = Float64Array.from({ length: m * n }, (_, k) => entry(Math.floor(k / n), k % n));
  const system: WeightedSystem = { weights, shift, preconditioner };
  const designs = [sparseRows(matrix), designRows({ rows: m, columns: n, values: dense })];
  for (const design of designs) {
    const vectors: ConjugateVectors = design.weightedVectors(system);
    vectors.load(start);
    const turned = vectors.turn(beta);
    close(turned.squaredLength, inner(d, d));
    close(turned.product, inner(d, q));
    expect(vectors.product()).toBe(turned.product);
    close(vectors.step(alpha), inner(r, r));
    close(
      vectors.preconditioned,
      r.reduce((sum, rj, j) => sum + c(j) * rj * rj, 0),
    );
    const end = { x: new Float64Array(n), residual: new Float64Array(n), direction: new Float64Array(n) };
    vectors.read(end);
    const terms = 100 * (m + 1) * (n + 1);
    expect(worst(end.direction, (j) => d[j], terms)).toBeLessThan(RATIO);
    expect(worst(end.residual, (j) => r[j], terms)).toBeLessThan(RATIO);
    expect(worst(end.x, (j) => start.x[j] + alpha * d[j], terms)).toBeLessThan(RATIO);
    vectors.release();
    design.release();
  }
}

test("turns and steps of conjugate gradients are their definitions, in both builds", () => {
  const size = fc.integer({ min: 1, max: 25 });
  withBothBuilds(() =>
    fc.assert(fc.property(size, size, fc.constantFrom(0.1, 0.5, 1), fc.boolean(), fc.integer(), check), {
      numRuns: 60,
    }),
  );
});

test("memory given back is used again, and vectors of another length are refused by name", () => {
  const design = sparseRows(randomSparse(6, 5, 0.5, 1).matrix);
  const weights = vector(6, 2);
  const vectors = design.weightedVectors({ weights });
  const used = usedBytes(sharedHeap());
  design.weightedVectors({ weights }).release();
  expect(usedBytes(sharedHeap())).toBe(used);
  expect(() => design.weightedVectors({ weights: vector(5, 2) })).toThrow(
    "weights must have 6 numbers, got 5",
  );
  expect(() => design.weightedVectors({ weights, preconditioner: weights })).toThrow(
    "preconditioner must have 5 numbers, got 6",
  );
  const five = vector(5, 3);
  expect(() => vectors.load({ x: five, residual: weights, direction: five })).toThrow(
    "residual must have 5 numbers, got 6",
  );
  vectors.release();
  design.release();
});

test("released vectors write into nobody else's memory", () => {
  const n = 64;
  const design = designRows({ rows: n, columns: n, values: vector(n * n, 1) });
  const ones = new Float64Array(n).fill(1);
  const vectors = design.weightedVectors({ weights: ones });
  vectors.release();
  vectors.release();
  // takes the place of the vectors
  using other = residentMatrix({ rows: 8, columns: n, values: new Float64Array(8 * n) });
  const start = { x: ones, residual: ones, direction: ones };
  for (const use of [
    () => vectors.load(start),
    () => vectors.read({ x: ones }),
    () => vectors.turn(0),
    () => vectors.product(),
    () => vectors.step(1),
    () => vectors.preconditioned,
  ])
    expect(use).toThrow(DisposedError);
  expect(other.toMatrix().values.every((value) => value === 0)).toBe(true);
});
