import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { type Minibatch, type MinibatchOptions, minibatches } from "./minibatches.ts";

function take(count: number, n: number, options: MinibatchOptions): Minibatch[] {
  const stream = minibatches(n, options);
  return Array.from({ length: count }, () => stream.next().value);
}

const sizes = fc
  .record({ n: fc.integer({ min: 1, max: 40 }), seed: fc.nat() })
  .chain(({ n, seed }) =>
    fc.record({ n: fc.constant(n), seed: fc.constant(seed), batchSize: fc.integer({ min: 1, max: n }) }),
  );
const plain = fc.record({ replacement: fc.boolean(), leftover: fc.constantFrom("batch", "skip") });

describe("minibatches", () => {
  test("with the leftover batch, an epoch holds every row once", () => {
    fc.assert(
      fc.property(sizes, ({ n, seed, batchSize }) => {
        const each = Math.ceil(n / batchSize);
        const batches = take(3 * each, n, { batchSize, seed, leftover: "batch" });
        for (let epoch = 0; epoch < 3; epoch++) {
          const own = batches.filter((batch) => batch.epoch === epoch);
          expect(own.length).toBe(each);
          const rows = own.flatMap((batch) => [...batch.rows]).sort((a, b) => a - b);
          expect(rows).toEqual(Array.from({ length: n }, (_, i) => i));
        }
      }),
    );
  });

  test("without it, all batches are full and no row comes twice in an epoch", () => {
    fc.assert(
      fc.property(sizes, ({ n, seed, batchSize }) => {
        const each = Math.floor(n / batchSize);
        for (const { rows } of take(2 * each, n, { batchSize, seed })) expect(rows.length).toBe(batchSize);
        const first = take(each, n, { batchSize, seed }).flatMap(({ rows }) => [...rows]);
        expect(new Set(first).size).toBe(each * batchSize);
      }),
    );
  });

  test("goes on from any batch as if it had given the ones before", () => {
    fc.assert(
      fc.property(sizes, plain, fc.nat(20), ({ n, seed, batchSize }, options, from) => {
        const all = take(from + 5, n, { batchSize, seed, ...options });
        expect(take(5, n, { batchSize, seed, from, ...options })).toEqual(all.slice(from));
        expect(all.map(({ batch }) => batch)).toEqual(all.map((_, i) => i));
      }),
    );
  });

  test("with replacement draws every row equally often, repeats included", () => {
    const counts = new Float64Array(10);
    let repeats = 0;
    for (const { rows } of take(4000, 10, { batchSize: 5, seed: 2, replacement: true })) {
      for (const row of rows) counts[row] += 1;
      if (new Set(rows).size < 5) repeats += 1;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    expect(chiSquare).toBeLessThan(27.9); // 9 degrees of freedom, exceeded with probability 1e-3
    // all 5 different with probability 10 9 8 7 6 / 10^5 = 0.3024
    expect(Math.abs(repeats / 4000 - 0.6976)).toBeLessThan(5 * Math.sqrt((0.3024 * 0.6976) / 4000));
  });

  test("rejects batches that rows cannot fill", () => {
    expect(() => take(1, 5, { batchSize: 6, seed: 1 })).toThrow(ArgumentError);
    expect(() => take(1, 5, { batchSize: 6, seed: 1 })).toThrow(
      "batchSize must be an integer from 1 to 5, got 6",
    );
    expect(() => take(1, 5, { batchSize: 2, from: -1, seed: 1 })).toThrow(
      "from must be a non-negative integer",
    );
  });
});
