import { expect, test } from "vitest";
import { trainTestSplit } from "../../data/folds.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { holdOut } from "./hold-out.ts";
import { randomFeatureRegression } from "./regression.ts";

test("distinct rows are split as they are", () => {
  const x = denseMatrix(randomStream(1).fillNormal(new Float64Array(80)), 40, 2);
  expect(holdOut(x, 0.25, 3)).toEqual(trainTestSplit(40, { testShare: 0.25, seed: 3 }));
});

test("copies of a row stay together", () => {
  // 0, 1, ..., 9, 0, 1, ...
  const x = denseMatrix(
    Float64Array.from({ length: 50 }, (_, i) => i % 10),
    50,
    1,
  );
  const { train, test: held } = holdOut(x, 0.3, 1);
  const digits = (rows: Int32Array) => [...new Set([...rows].map((i) => i % 10))];
  expect([train.length, held.length]).toEqual([35, 15]);
  expect(digits(held)).toHaveLength(3);
  expect(digits(train).filter((digit) => digits(held).includes(digit))).toEqual([]);
  expect(() => holdOut(denseMatrix([2, 2, 2], 3, 1), 0.3, 1)).toThrow(
    "x must have rows that differ, got the same one 3 times",
  );
});

test("copies do not hide that rows are not predicted", () => {
  // Labels of variance 1 that have nothing to do with x: the expected squared error on rows held out is 1 or more, and
  // their mean over 25 such rows is above 1/4 but for once in a billion.
  const [distinct, columns, copies] = [100, 6, 10];
  const stream = randomStream(2);
  const values = stream.fillUniform(new Float64Array(distinct * columns));
  const labels = stream.fillNormal(new Float64Array(distinct));
  const rows = distinct * copies;
  const repeated = Float64Array.from({ length: rows * columns }, (_, k) => values[k % values.length]);
  const y = Float64Array.from({ length: rows }, (_, i) => labels[i % distinct]);
  const x = denseMatrix(repeated, rows, columns);
  const { validationRmse } = randomFeatureRegression({ x, y, slope: 10, width: 150 });
  expect(validationRmse).toBeGreaterThan(0.5);
});
