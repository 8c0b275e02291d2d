import fc from "fast-check";
import { expect, test } from "vitest";
import { BlasArgumentError } from "../errors.ts";
import { sharedHeap } from "../memory.ts";
import { checkSweeps } from "../sweeps-testing.ts";
import { RATIO, uniform, withBothBuilds } from "../testing.ts";
import { sparseColumns } from "./sparse-columns.ts";
import { fromDense, randomSparse, vector, worst } from "./test-support.ts";

/** Every operation on a block of columns beside its definition. */
function check(m: number, n: number, size: number, share: number, seed: number): void {
  const { matrix, entry } = randomSparse(m, n, share, seed);
  const A = sparseColumns(matrix);
  const next = uniform(seed + 2);
  const block = n === 0 ? new Int32Array() : Int32Array.from({ length: size }, () => ((next() + 1) / 2) * n);
  const sum = (term: (i: number) => number) => {
    let total = 0;
    for (let i = 0; i < m; i++) total += term(i);
    return total;
  };
  const [v, weights] = [vector(m, seed + 3), vector(m, seed + 4)];
  const step = vector(block.length, seed + 5).map((s, p) => (p % 3 === 2 ? 0 : s));
  const all = new Float64Array(n).fill(Number.NaN);
  A.adjoint(v, all);
  expect(worst(all, (j) => sum((i) => entry(i, j) * v[i]), m)).toBeLessThan(RATIO);
  expect(worst(A.squaredNorms(), (j) => sum((i) => entry(i, j) ** 2), m)).toBeLessThan(RATIO);
  expect(A.blockEntries(block)).toBe(
    block.reduce((count, j) => count + sum((i) => (entry(i, j) === 0 ? 0 : 1)), 0),
  );
  const some = new Float64Array(block.length).fill(Number.NaN);
  A.blockAdjoint(v, block, some);
  expect(worst(some, (p) => sum((i) => entry(i, block[p]) * v[i]), m)).toBeLessThan(RATIO);
  const moved = v.slice();
  A.addColumns(block, step, moved);
  const image = (i: number) => block.reduce((total, j, p) => total + step[p] * entry(i, j), v[i]);
  expect(worst(moved, image, size)).toBeLessThan(RATIO);
  const k = block.length;
  for (const w of [undefined, weights]) {
    const gram = new Float64Array(k ** 2 + 1).fill(7);
    A.gram(block, w, gram);
    const exact = (at: number) =>
      sum((i) => (w ? w[i] : 1) * entry(i, block[Math.floor(at / k)]) * entry(i, block[at % k]));
    expect(worst(gram.subarray(0, k * k), exact, m)).toBeLessThan(RATIO);
    for (let p = 0; p < k; p++) for (let q = 0; q < p; q++) expect(gram[p * k + q]).toBe(gram[q * k + p]);
    expect(gram[k * k]).toBe(7);
  }
  A.release();
}

test("every operation is its definition for every size and share of entries, in both builds", () => {
  const size = fc.integer({ min: 0, max: 25 });
  withBothBuilds(() =>
    fc.assert(fc.property(size, size, size, fc.constantFrom(0, 0.1, 0.5, 1), fc.integer(), check), {
      numRuns: 80,
    }),
  );
});

test("blocks that take longer than the way into WebAssembly", () => {
  withBothBuilds(() => {
    check(300, 40, 33, 0.5, 1);
    check(5000, 3, 1, 0.7, 2);
    check(70, 200, 129, 0.4, 3);
  });
});

test("arrays that do not fit are refused by name, and nothing is kept", () => {
  const { matrix } = randomSparse(4, 3, 1, 1);
  const used = sharedHeap().used;
  const bad = sparseColumns({ ...matrix, columnIndices: matrix.columnIndices.map((j) => j + 1) });
  expect(() => bad.squaredNorms()).toThrow("column indices from 0 to 2");
  expect(sharedHeap().used).toBe(used);
  const good = sparseColumns(matrix);
  expect(() => good.adjoint(new Float64Array(3), new Float64Array(3))).toThrow(BlasArgumentError);
  expect(() => good.gram(Int32Array.of(3), undefined, new Float64Array(1))).toThrow(
    "block must have column indices from 0 to 2",
  );
  good.release();
});

test("sweeps: one is its definition, and many end where the optimality conditions hold, in both builds", () => {
  const check = (m: number, n: number, share: number, lambda: number, nonnegative: boolean, seed: number) => {
    const { matrix, entry } = randomSparse(m, n, share, seed);
    const design = sparseColumns(matrix);
    checkSweeps(design, m, n, entry, { lambda, nonnegative, seed });
  };
  const size = fc.integer({ min: 0, max: 12 });
  const lambdas = fc.constantFrom(0.05, 0.3, 2);
  withBothBuilds(() =>
    fc.assert(
      fc.property(size, size, fc.constantFrom(0.1, 0.5, 1), lambdas, fc.boolean(), fc.integer(), check),
      { numRuns: 60 },
    ),
  );
});

test("sweeps end where a number is not finite, and leave it", () => {
  const design = sparseColumns(randomSparse(5, 3, 1, 1).matrix);
  const [x, r] = [new Float64Array(3), new Float64Array(5).fill(Number.NaN)];
  const how = { lambda: 1, nonnegative: false, most: 9, share: 0 };
  expect(design.sweep(Int32Array.of(0, 1, 2), design.squaredNorms(), how, x, r)).toBe(1);
  expect(x[0]).toBeNaN();
  expect(() => design.sweep(Int32Array.of(0), new Float64Array(2), how, x, r)).toThrow(
    "squares must have 1 numbers, got 2",
  );
});

test("sweeps over a few columns of many, taken out of the rows and later by columns, are those over these columns alone", () => {
  const [m, n] = [50, 600];
  const { matrix, entry } = randomSparse(m, n, 0.1, 4);
  const how = { lambda: 0.4, nonnegative: false, most: 20, share: 1e-9 };
  withBothBuilds(() => {
    const design = sparseColumns(matrix);
    for (let call = 0; call < 9; call++) {
      const block = Int32Array.from({ length: 15 }, (_, p) => (p * 41 + 7 * call) % n);
      // the same column twice is no block, but is swept over in turn all the same
      if (call === 2) block[3] = block[8];
      const dense = Float64Array.from({ length: m * 15 }, (_, k) => entry(Math.floor(k / 15), block[k % 15]));
      const alone = sparseColumns(fromDense(m, 15, dense));
      const [r, x] = [vector(m, call), vector(15, call + 1)];
      const [r2, x2] = [r.slice(), x.slice()];
      const squares = design.squaredNorms();
      const own = Float64Array.from(block, (j) => squares[j]);
      const made = design.sweep(block, own, how, x, r);
      expect(alone.sweep(Int32Array.from(block.keys()), own, how, x2, r2)).toBe(made);
      expect([x, r]).toEqual([x2, r2]);
      expect(design.blockEntries(block)).toBe(alone.blockEntries(Int32Array.from(block.keys())));
      alone.release();
    }
    design.release();
  });
});
