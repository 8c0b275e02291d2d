// For tests: what coordinate methods do with columns, whatever holds them.
import { expect } from "vitest";
import type { DesignColumns } from "./columns/index.ts";
import type { SparseColumns } from "./sparse/index.ts";
import { RATIO, uniform, vector, worst } from "./testing.ts";

type AnyColumns = DesignColumns | SparseColumns;

/** A block of so many of n columns, with repeats. */
export function randomBlock(n: number, size: number, seed: number): Int32Array {
  const next = uniform(seed);
  return n === 0 ? new Int32Array() : Int32Array.from({ length: size }, () => ((next() + 1) / 2) * n);
}

/** Every operation on a block of columns beside its definition. */
export function checkColumns(
  design: AnyColumns,
  {
    block,
    entry,
    seed,
  }: { readonly block: Int32Array; readonly entry: (i: number, j: number) => number; readonly seed: number },
): void {
  const { rows: m, columns: n } = design;
  const k = block.length;
  const sum = (term: (i: number) => number) => {
    let total = 0;
    for (let i = 0; i < m; i++) total += term(i);
    return total;
  };
  const [v, weights] = [vector(m, seed), vector(m, seed + 1)];
  const step = vector(k, seed + 2).map((s, p) => (p % 3 === 2 ? 0 : s));
  const all = new Float64Array(n).fill(Number.NaN);
  design.adjoint(v, all);
  expect(worst(all, (j) => sum((i) => entry(i, j) * v[i]), m)).toBeLessThan(RATIO);
  expect(worst(design.squaredNorms(), (j) => sum((i) => entry(i, j) ** 2), m)).toBeLessThan(RATIO);
  const some = new Float64Array(k).fill(Number.NaN);
  design.blockAdjoint(v, block, some);
  expect(worst(some, (p) => sum((i) => entry(i, block[p]) * v[i]), m)).toBeLessThan(RATIO);
  const moved = v.slice();
  design.addColumns(block, step, moved);
  const image = (i: number) => block.reduce((total, j, p) => total + step[p] * entry(i, j), v[i]);
  expect(worst(moved, image, k)).toBeLessThan(RATIO);
  for (const w of [undefined, weights]) {
    const gram = new Float64Array(k ** 2 + 1).fill(7);
    design.gram(block, w, gram);
    const exact = (at: number) =>
      sum((i) => (w ? w[i] : 1) * entry(i, block[Math.floor(at / k)]) * entry(i, block[at % k]));
    expect(worst(gram.subarray(0, k * k), exact, m)).toBeLessThan(RATIO);
    for (let p = 0; p < k; p++) for (let q = 0; q < p; q++) expect(gram[p * k + q]).toBe(gram[q * k + p]);
    expect(gram[k * k]).toBe(7);
  }
}

/** One sweep over three of four columns beside its definition, and many beside the optimality conditions. */
export function checkSweeps(
  design: AnyColumns,
  m: number,
  n: number,
  entry: (i: number, j: number) => number,
  {
    lambda,
    nonnegative,
    seed,
  }: { readonly lambda: number; readonly nonnegative: boolean; readonly seed: number },
): void {
  const block = Int32Array.from({ length: n }, (_, p) => p).filter((j) => j % 4 !== 3);
  const norms = design.squaredNorms();
  const squares = Float64Array.from(block, (j) => norms[j]);
  const start = vector(block.length, seed + 1).map((value) => (nonnegative ? Math.abs(value) : value));
  const c = vector(m, seed + 2);
  const residual = (x: Float64Array) =>
    c.map((value, i) => block.reduce((total, j, p) => total + entry(i, j) * x[p], -value));
  const slope = (j: number, r: Float64Array) => r.reduce((total, value, i) => total + entry(i, j) * value, 0);
  const [x, r] = [start.slice(), residual(start)];
  expect(design.sweep(block, squares, { lambda, nonnegative, most: 1, share: 0 }, x, r)).toBe(1);
  const expected = start.slice();
  block.forEach((j, p) => {
    if (squares[p] === 0) return;
    const moved = squares[p] * expected[p] - slope(j, residual(expected));
    const size = Math.max(0, nonnegative ? moved - lambda : Math.abs(moved) - lambda);
    expected[p] = (Math.sign(moved) * size) / squares[p];
  });
  const scale = 1 + Math.max(0, ...expected.map(Math.abs), ...squares);
  x.forEach((value, p) => {
    expect(Math.abs(value - expected[p])).toBeLessThan(1e-12 * scale ** 2);
  });
  design.sweep(block, squares, { lambda, nonnegative, most: 20_000, share: 1e-26 }, x, r);
  residual(x).forEach((value, i) => {
    expect(Math.abs(value - r[i])).toBeLessThan(1e-10 * scale);
  });
  block.forEach((j, p) => {
    if (squares[p] === 0) return;
    const g = slope(j, r);
    if (nonnegative) expect(x[p]).toBeGreaterThanOrEqual(0);
    if (x[p] !== 0) expect(Math.abs(g + lambda * Math.sign(x[p]))).toBeLessThan(1e-6 * scale);
    else expect(nonnegative ? -g : Math.abs(g)).toBeLessThan(lambda + 1e-6 * scale);
  });
}

/** Sweeps over three columns of five numbers from a residual that is not one. */
export function checkBrokenSweep(design: AnyColumns): void {
  const [x, r] = [new Float64Array(3), new Float64Array(5).fill(Number.NaN)];
  const how = { lambda: 1, nonnegative: false, most: 9, share: 0 };
  expect(design.sweep(Int32Array.of(0, 1, 2), design.squaredNorms(), how, x, r)).toBe(1);
  expect(x[0]).toBeNaN();
  expect(() => design.sweep(Int32Array.of(0), new Float64Array(2), how, x, r)).toThrow(
    "squares must have 1 numbers, got 2",
  );
}
