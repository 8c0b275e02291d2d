// For tests: sweeps of proximal coordinate descent, whatever holds the columns.
import { expect } from "vitest";
import type { DesignColumns } from "./columns/index.ts";
import type { SparseColumns } from "./sparse/index.ts";
import { uniform } from "./testing.ts";

const numbers = (length: number, seed: number) => Float64Array.from({ length }, uniform(seed));

/** One sweep over three of four columns beside its definition, and many beside the optimality conditions. */
export function checkSweeps(
  design: DesignColumns | SparseColumns,
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
  const start = numbers(block.length, seed + 1).map((value) => (nonnegative ? Math.abs(value) : value));
  const c = numbers(m, seed + 2);
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
