import fc from "fast-check";
import { expect, test } from "vitest";
import { checkBrokenSweep, checkColumns, checkSweeps, randomBlock } from "../columns-testing.ts";
import { BlasArgumentError } from "../errors.ts";
import { entryOf, randomMatrix, SIZES, vector, withBothBuilds } from "../testing.ts";
import { designColumns } from "./design-columns.ts";

function check(m: number, n: number, size: number, gap: number, seed: number): void {
  const a = randomMatrix(m, n, seed, gap);
  const factors = vector(m, seed + 1);
  const design = designColumns(a, factors);
  const entry = (i: number, j: number) => factors[i] * entryOf(a, i, j);
  checkColumns(design, { block: randomBlock(n, size, seed + 2), entry, seed: seed + 3 });
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
  checkBrokenSweep(designColumns(randomMatrix(5, 3, 1)));
});
