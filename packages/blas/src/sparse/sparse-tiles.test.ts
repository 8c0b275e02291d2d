import { expect, test } from "vitest";
import { BlasArgumentError } from "../errors.ts";
import { sharedHeap } from "../memory.ts";
import { usedBytes, vector, withBothBuilds } from "../testing.ts";
import { sparseRows } from "./sparse-rows.ts";
import { fitsTiles } from "./sparse-tiles.ts";
import { productsByLoops, randomRows } from "./test-support.ts";

test.each([
  ["tiles of which the last are partly empty", 70_001, 131_073],
  ["more columns than rows", 9_000, 100_000],
  ["more rows than columns", 150_000, 98_304],
])("products in tiles are bit for bit those of loops over the rows: %s", (_, rows, columns) => {
  const matrix = randomRows(rows, columns, 9, rows);
  expect(fitsTiles(matrix)).toBe(true);
  const [x, v] = [vector(columns, 1), vector(rows, 2)];
  const { forward, back } = productsByLoops(matrix, x, v);
  withBothBuilds(() => {
    const A = sparseRows(matrix);
    // results are overwritten, whatever they were
    const [overRows, overColumns] = [new Float64Array(rows).fill(7), new Float64Array(columns).fill(7)];
    for (let call = 0; call < 2; call++) {
      A.product(x, overRows);
      expect(overRows).toEqual(forward);
      A.adjoint(v, overColumns);
      expect(overColumns).toEqual(back);
      // what was released is made again
      A.release();
    }
  });
});

test("other passes of such a matrix take its rows, and everything is given back", () => {
  const used = usedBytes(sharedHeap());
  const matrix = randomRows(40_000, 133_000, 9, 5);
  const A = sparseRows(matrix);
  const [x, weights] = [vector(133_000, 1), vector(40_000, 2)];
  const [inner, found, wanted] = [
    new Float64Array(40_000),
    new Float64Array(133_000),
    new Float64Array(133_000),
  ];
  A.weightedProduct(weights, x, found);
  A.product(x, inner);
  A.adjoint(
    inner.map((value, i) => value * weights[i]),
    wanted,
  );
  for (let j = 0; j < wanted.length; j++) expect(Math.abs(found[j] - wanted[j])).toBeLessThan(1e-13);
  A.release();
  expect(usedBytes(sharedHeap())).toBe(used);
});

test("rows that are long, and matrices of few columns or nearly empty tiles, have none", () => {
  expect(fitsTiles(randomRows(1000, 100_000, 40, 1))).toBe(false);
  expect(fitsTiles(randomRows(100_000, 65_535, 9, 1))).toBe(false);
  expect(fitsTiles(randomRows(100, 1_000_000, 9, 1))).toBe(false);
});

test("matrices whose rows stay near their place have none", () => {
  const rows = 100_000;
  const band = Array.from({ length: rows }, (_, i) =>
    [i - 300, i - 1, i, i + 1].filter((j) => j >= 0 && j < rows),
  );
  const rowPointers = new Int32Array(rows + 1);
  band.forEach((row, i) => {
    rowPointers[i + 1] = rowPointers[i] + row.length;
  });
  const columnIndices = Int32Array.from(band.flat());
  const values = new Float64Array(columnIndices.length).fill(1);
  expect(fitsTiles({ rows, columns: rows, rowPointers, columnIndices, values })).toBe(false);
});

test("indices that do not fit are refused, and nothing is kept", () => {
  const used = usedBytes(sharedHeap());
  const matrix = randomRows(40_000, 140_000, 9, 3);
  const bad = sparseRows({ ...matrix, columnIndices: matrix.columnIndices.map((j) => j + 1) });
  expect(() => bad.product(new Float64Array(140_000), new Float64Array(40_000))).toThrow(BlasArgumentError);
  expect(() => bad.load()).toThrow("column indices from 0 to 139999");
  expect(usedBytes(sharedHeap())).toBe(used);
});
