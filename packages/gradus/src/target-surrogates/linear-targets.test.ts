import fc from "fast-check";
import { expect, test } from "vitest";
import { denseMatrix } from "../linalg/matrix.ts";
import { csrFromDense } from "../linalg/sparse/build.ts";
import { linearTargets } from "./linear-targets.ts";

const rows = 6;
const columns = 3;
// integers, so that sums are exact in any order
const values = Float64Array.from({ length: rows * columns }, (_, k) => ((7 * k) % 11) - 5);
const theta = Float64Array.of(2, -1, 3);
const entry = (i: number, k: number) => values[i * columns + k];

const batches = fc.oneof(
  fc.array(fc.integer({ min: 0, max: rows - 1 }), { minLength: 1, maxLength: 8 }),
  fc
    .record({ first: fc.nat({ max: rows - 1 }), count: fc.integer({ min: 1, max: rows }) })
    .map(({ first, count }) => Array.from({ length: Math.min(count, rows - first) }, (_, i) => first + i)),
);

test("a batch has the targets of its rows, wherever they lie", () => {
  const models = [
    linearTargets({ rows, columns, values }),
    linearTargets(csrFromDense(denseMatrix(values, rows, columns))),
  ];
  fc.assert(
    fc.property(batches, (batch) => {
      const cotangents = Float64Array.from(batch, (_, i) => i - 2);
      for (const model of models) {
        const map = model.on(Int32Array.from(batch));
        expect(map.rows).toBe(batch.length);
        expect(map.targets(theta)).toEqual(
          Float64Array.from(batch, (i) => 2 * entry(i, 0) - entry(i, 1) + 3 * entry(i, 2)),
        );
        expect(map.pullback(theta, cotangents)).toEqual(
          Float64Array.from({ length: columns }, (_, k) =>
            batch.reduce((sum, i, place) => sum + (place - 2) * entry(i, k), 0),
          ),
        );
      }
    }),
  );
});

test("rows that are not there are named, also at the end of a run of rows", () => {
  const model = linearTargets({ rows, columns, values });
  expect(() => model.on(Int32Array.of(4, 5, 6))).toThrow("rows[2] must be an integer from 0 to 5, got 6");
  expect(() => model.on(Int32Array.of(-1, 0))).toThrow("rows[0] must be an integer from 0 to 5, got -1");
  expect(() => model.on(Int32Array.of(1, 0, 9))).toThrow("rows[2]");
});
