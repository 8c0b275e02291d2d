import fc from "fast-check";
import { expect, test } from "vitest";
import { checkBrokenSweep, checkColumns, checkSweeps, randomBlock } from "../columns-testing.ts";
import { BlasArgumentError } from "../errors.ts";
import { sharedHeap } from "../memory.ts";
import { usedBytes, vector, withBothBuilds } from "../testing.ts";
import { sparseColumns } from "./sparse-columns.ts";
import { fromDense, productsByLoops, randomSparse } from "./test-support.ts";

function check(m: number, n: number, size: number, share: number, seed: number): void {
  const { matrix, entry } = randomSparse(m, n, share, seed);
  const A = sparseColumns(matrix);
  const block = randomBlock(n, size, seed + 2);
  let entries = 0;
  for (const j of block) for (let i = 0; i < m; i++) if (entry(i, j) !== 0) entries += 1;
  expect(A.blockEntries(block)).toBe(entries);
  checkColumns(A, { block, entry, seed: seed + 3 });
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
  const used = usedBytes(sharedHeap());
  const bad = sparseColumns({ ...matrix, columnIndices: matrix.columnIndices.map((j) => j + 1) });
  expect(() => bad.squaredNorms()).toThrow("column indices from 0 to 2");
  expect(usedBytes(sharedHeap())).toBe(used);
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
  checkBrokenSweep(sparseColumns(randomSparse(5, 3, 1, 1).matrix));
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

test("sweeps over blocks that overlap, until columns taken out have no room, are those over these columns alone", () => {
  const [m, n, size] = [40, 90, 20];
  const { matrix, entry } = randomSparse(m, n, 0.3, 5);
  const how = { lambda: 0.2, nonnegative: false, most: 5, share: 0 };
  withBothBuilds(() => {
    const design = sparseColumns(matrix);
    const squares = design.squaredNorms();
    for (const first of [0, 10, 30, 50, 70, 5]) {
      const block = Int32Array.from({ length: size }, (_, p) => first + p);
      const dense = Float64Array.from({ length: m * size }, (_, k) =>
        entry(Math.floor(k / size), first + (k % size)),
      );
      const [r, x] = [vector(m, first), vector(size, first + 1)];
      const [r2, x2] = [r.slice(), x.slice()];
      design.sweep(block, squares.slice(first, first + size), how, x, r);
      const alone = sparseColumns(fromDense(m, size, dense));
      const all = Int32Array.from(block.keys());
      alone.gram(all, undefined, new Float64Array(size ** 2));
      alone.sweep(all, alone.squaredNorms(), how, x2, r2);
      alone.release();
      expect(design.readsRows).toBe(true);
      expect([x, r]).toEqual([x2, r2]);
    }
    design.release();
  });
});

test("the first product with all columns, which brings the norms, later ones and norms alone are sums in the order of the rows", () => {
  const [m, n] = [60, 25];
  const { matrix, entry } = randomSparse(m, n, 0.6, 6);
  const v = vector(m, 7).map((value, i) => (i % 5 === 0 ? 0 : value));
  const { back } = productsByLoops(matrix, new Float64Array(n), v);
  const squares = Float64Array.from({ length: n }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < m; i++) sum += entry(i, j) ** 2;
    return sum;
  });
  withBothBuilds(() => {
    for (const normsFirst of [false, true]) {
      const design = sparseColumns(matrix);
      if (normsFirst) expect(design.squaredNorms()).toEqual(squares);
      for (let call = 0; call < 2; call++) {
        const out = new Float64Array(n).fill(Number.NaN);
        design.adjoint(v, out);
        expect(out).toEqual(back);
      }
      expect(design.squaredNorms()).toEqual(squares);
      design.gram(Int32Array.of(0), undefined, new Float64Array(1));
      expect(design.readsRows).toBe(false);
      design.release();
    }
  });
});
