import fc from "fast-check";
import { expect, test } from "vitest";
import { MissingClassError } from "../check/errors.ts";
import { randomStream } from "../random/stream.ts";
import { shuffledBatches, stratifiedBatches } from "./batches.ts";

const sizes = fc
  .integer({ min: 1, max: 60 })
  .chain((rows) =>
    fc.record({ rows: fc.constant(rows), batchSize: fc.integer({ min: 1, max: rows }), seed: fc.nat() }),
  );

test("shuffled batches hold each row at most once, and differ from epoch to epoch", () => {
  fc.assert(
    fc.property(sizes, ({ rows, batchSize, seed }) => {
      const order = shuffledBatches(rows)(randomStream(seed), batchSize);
      expect(order).toHaveLength(rows - (rows % batchSize));
      expect(new Set(order).size).toBe(order.length);
      expect(order.every((row) => row >= 0 && row < rows)).toBe(true);
    }),
    { seed: 5, numRuns: 100 },
  );
  const plan = shuffledBatches(50);
  const stream = randomStream(1);
  expect(plan(stream.split(0), 10)).not.toStrictEqual(plan(stream.split(1), 10));
  expect(plan(stream.split(0), 10)).toStrictEqual(plan(stream.split(0), 10));
});

test("stratified batches give every class its share to within one row", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 12 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 8 }),
      fc.nat(),
      (steps, a, b, seed) => {
        const positives = steps * a + (steps > 2 ? 1 : 0);
        const rows = positives + steps * b * 3;
        const labels = Array.from({ length: rows }, (_, i) => (i < positives ? 1 : 0));
        const batchSize = Math.floor(rows / steps);
        const used = Math.floor(rows / batchSize);
        if (positives < used) return;
        const order = stratifiedBatches(labels)(randomStream(seed), batchSize);
        expect(new Set(order).size).toBe(order.length);
        const share = (positives * batchSize) / rows;
        for (let s = 0; s < used; s++) {
          const count = order
            .subarray(s * batchSize, (s + 1) * batchSize)
            .reduce((c, row) => c + labels[row], 0);
          expect(Math.abs(count - share)).toBeLessThan(2);
          expect(count).toBeGreaterThan(0);
        }
      },
    ),
    { seed: 6, numRuns: 200 },
  );
});

test("stratified batches of any number of classes come in the order of a plain sort by place", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(8), { minLength: 1, maxLength: 60 }), fc.nat(), (labels, seed) => {
      const stream = randomStream(seed);
      const rows: { row: number; place: number }[] = [];
      for (const label of [...new Set(labels)].sort()) {
        const own = [...labels.keys()].filter((row) => labels[row] === label);
        const order = stream.permutation(own.length);
        const offset = stream.uniform();
        for (const [k, at] of order.entries()) rows.push({ row: own[at], place: (k + offset) / own.length });
      }
      const sorted = rows.sort((a, b) => a.place - b.place || a.row - b.row).map(({ row }) => row);
      expect([...stratifiedBatches(labels)(randomStream(seed), labels.length)]).toEqual(sorted);
    }),
    { seed: 7, numRuns: 200 },
  );
});

test("stratified batches that leave rows over have every class, however few rows it has", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 2, maxLength: 5 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(),
      (sizes, batchSize, seed) => {
        const labels = sizes.flatMap((size, label) => Array<number>(size).fill(label));
        const steps = Math.floor(labels.length / batchSize);
        fc.pre(steps >= 1 && Math.min(...sizes) >= steps && batchSize >= sizes.length);
        const order = stratifiedBatches(labels)(randomStream(seed), batchSize);
        expect(order).toHaveLength(steps * batchSize);
        expect(new Set(order).size).toBe(order.length);
        for (let s = 0; s < steps; s++) {
          const batch = order.subarray(s * batchSize, (s + 1) * batchSize);
          sizes.forEach((size, label) => {
            const count = batch.filter((row) => labels[row] === label).length;
            const off = Math.abs(count - (size * batchSize) / labels.length);
            expect(count).toBeGreaterThan(0);
            expect(off).toBeLessThan(sizes.length === 2 ? 1 : 2);
          });
        }
      },
    ),
    { seed: 8, numRuns: 300 },
  );
});

test("a class too small for its batches is refused by name", () => {
  const labels = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  expect(() => stratifiedBatches(labels)(randomStream(0), 2)).toThrow(MissingClassError);
  expect(() => stratifiedBatches(labels)(randomStream(0), 2)).toThrow(
    /class 1 has 1 rows for 5 batches of 2/,
  );
  expect(() => stratifiedBatches([0, 1, 2])(randomStream(0), 2)).toThrow(
    "batches of 2 cannot have a row of each of 3 classes; use batches of at least 3",
  );
});
