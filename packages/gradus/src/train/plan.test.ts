import fc from "fast-check";
import { expect, test } from "vitest";
import { planFullBatches, planMinibatches } from "./plan.ts";

test("calls go through the epochs in order, in full batches, and one shorter batch where rows are left over", () => {
  const epochs = fc.array(fc.array(fc.nat(99), { minLength: 1, maxLength: 12 }), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(epochs, fc.integer({ min: 1, max: 6 }), (rows, batchSize) => {
      const calls = planMinibatches(
        rows.map((epoch) => Int32Array.from(epoch)),
        batchSize,
      );
      const steps = calls.flatMap(({ plan, rows: size, place }) => {
        expect(plan.shape[1]).toBe(size);
        return Array.from({ length: plan.shape[0] }, (_, i) => ({
          ...place(i),
          rows: Array.from(plan.data.subarray(i * size, (i + 1) * size), Number),
        }));
      });
      const expected = rows.flatMap((epoch, e) =>
        Array.from({ length: Math.ceil(epoch.length / batchSize) }, (_, b) => ({
          epoch: e,
          batch: b,
          rows: epoch.slice(b * batchSize, (b + 1) * batchSize),
        })),
      );
      expect(steps).toStrictEqual(expected);
      for (let i = 1; i < calls.length; i++)
        expect(calls[i].rows === batchSize && calls[i - 1].rows === batchSize).toBe(false);
    }),
    { seed: 8, numRuns: 200 },
  );
});

test("full batches are one step an epoch", () => {
  const [call, ...rest] = planFullBatches(3, 7);
  expect(rest).toHaveLength(0);
  expect(call.plan.shape).toStrictEqual([3]);
  expect(call.rows).toBe(7);
  expect(call.place(2)).toStrictEqual({ epoch: 2, batch: 0 });
});
