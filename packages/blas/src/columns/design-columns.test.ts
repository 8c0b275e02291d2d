import fc from "fast-check";
import { expect, test } from "vitest";
import { BlasArgumentError } from "../errors.ts";
import { checkSweeps } from "../sweeps-testing.ts";
import { entryOf, RATIO, randomMatrix, SIZES, uniform, withBothBuilds } from "../testing.ts";
import { designColumns } from "./design-columns.ts";

const vector = (length: number, seed: number) => Float64Array.from({ length }, uniform(seed));

/** Largest difference over the rounding of sums of so many terms of size at most 1. */
function worst(found: Float64Array, exact: (k: number) => number, terms: number): number {
  return found.reduce(
    (most, value, k) => Math.max(most, Math.abs(value - exact(k)) / ((terms + 2) * Number.EPSILON)),
    0,
  );
}

/** Every operation on a block of columns beside its definition. */
function check(m: number, n: number, size: number, gap: number, seed: number): void {
  const a = randomMatrix(m, n, seed, gap);
  const factors = vector(m, seed + 1);
  const design = designColumns(a, factors);
  const entry = (i: number, j: number) => factors[i] * entryOf(a, i, j);
  const next = uniform(seed + 2);
  const block = n === 0 ? new Int32Array() : Int32Array.from({ length: size }, () => ((next() + 1) / 2) * n);
  const sum = (term: (i: number) => number) => {
    let total = 0;
    for (let i = 0; i < m; i++) total += term(i);
    return total;
  };
  const [v, weights] = [vector(m, seed + 3), vector(m, seed + 4)];
  const step = vector(block.length, seed + 5).map((s, p) => (p % 3 === 2 ? 0 : s));
  const all = new Float64Array(n);
  design.adjoint(v, all);
  expect(worst(all, (j) => sum((i) => entry(i, j) * v[i]), m)).toBeLessThan(RATIO);
  expect(worst(design.squaredNorms(), (j) => sum((i) => entry(i, j) ** 2), m)).toBeLessThan(RATIO);
  const some = new Float64Array(block.length);
  design.blockAdjoint(v, block, some);
  expect(worst(some, (p) => sum((i) => entry(i, block[p]) * v[i]), m)).toBeLessThan(RATIO);
  const moved = v.slice();
  design.addColumns(block, step, moved);
  const image = (i: number) => block.reduce((total, j, p) => total + step[p] * entry(i, j), v[i]);
  expect(worst(moved, image, size)).toBeLessThan(RATIO);
  for (const w of [undefined, weights]) {
    const gram = new Float64Array(block.length ** 2 + 1).fill(7);
    design.gram(block, w, gram);
    const k = block.length;
    const exact = (at: number) =>
      sum((i) => (w ? w[i] : 1) * entry(i, block[Math.floor(at / k)]) * entry(i, block[at % k]));
    expect(worst(gram.subarray(0, k * k), exact, m)).toBeLessThan(RATIO);
    for (let p = 0; p < k; p++) for (let q = 0; q < p; q++) expect(gram[p * k + q]).toBe(gram[q * k + p]);
    expect(gram[k * k]).toBe(7);
  }
  design.release();
}

test("every operation is its definition for every size and gap, in both builds", () => {
  const size = fc.integer({ min: 0, max: 30 });
  withBothBuilds(() =>
    fc.assert(fc.property(size, size, size, fc.constantFrom(0, 3), fc.integer(), check), { numRuns: 60 }),
  );
});

test.each(SIZES)("the same around block sizes: %i", (count) => {
  check(count, 7, 5, 0, count);
  check(3, count, 9, 0, count);
  check(5, 20, count, 0, count);
});

test("blocks that take longer than the way into WebAssembly", () => {
  check(300, 40, 33, 1, 1);
  check(5000, 3, 1, 0, 2);
});

test("NaN and infinity reach the columns that have them", () => {
  const a = randomMatrix(90, 60, 1);
  a.values[5 * 60 + 1] = Number.NaN;
  a.values[7 * 60 + 2] = Number.POSITIVE_INFINITY;
  const out = new Float64Array(60);
  designColumns(a).adjoint(new Float64Array(90).fill(1), out);
  expect([...out.keys()].filter((j) => !Number.isFinite(out[j]))).toEqual([1, 2]);
  expect(out[1]).toBeNaN();
  expect(out[2]).toBe(Number.POSITIVE_INFINITY);
});

test("arguments that do not fit are refused by name", () => {
  const design = designColumns(randomMatrix(3, 2, 1));
  expect(() => design.adjoint(new Float64Array(2), new Float64Array(2))).toThrow(BlasArgumentError);
  expect(() => design.gram(Int32Array.of(0, 2), undefined, new Float64Array(4))).toThrow(
    "block must have column indices from 0 to 1, got 2",
  );
  expect(() => designColumns(randomMatrix(3, 2, 1), new Float64Array(2))).toThrow(
    "rowFactors must have 3 numbers",
  );
});

test("sweeps: one is its definition, and many end where the optimality conditions hold, in both builds", () => {
  const check = (m: number, n: number, gap: number, lambda: number, nonnegative: boolean, seed: number) => {
    const a = randomMatrix(m, n, seed, gap);
    const design = designColumns(a);
    const entry = (i: number, j: number) => entryOf(a, i, j);
    checkSweeps(design, m, n, entry, { lambda, nonnegative, seed });
  };
  const size = fc.integer({ min: 0, max: 12 });
  const lambdas = fc.constantFrom(0.05, 0.3, 2);
  withBothBuilds(() =>
    fc.assert(fc.property(size, size, fc.constantFrom(0, 3), lambdas, fc.boolean(), fc.integer(), check), {
      numRuns: 60,
    }),
  );
});

test("sweeps end where a number is not finite, and leave it", () => {
  const design = designColumns(randomMatrix(5, 3, 1));
  const [x, r] = [new Float64Array(3), new Float64Array(5).fill(Number.NaN)];
  const how = { lambda: 1, nonnegative: false, most: 9, share: 0 };
  expect(design.sweep(Int32Array.of(0, 1, 2), design.squaredNorms(), how, x, r)).toBe(1);
  expect(x[0]).toBeNaN();
  expect(() => design.sweep(Int32Array.of(0), new Float64Array(2), how, x, r)).toThrow(
    "squares must have 1 numbers, got 2",
  );
});
