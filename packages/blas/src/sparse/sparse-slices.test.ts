import { expect, test } from "vitest";
import { sharedHeap } from "../memory.ts";
import { COPIES_LIMIT, ResidentCopy } from "../resident-copy.ts";
import { usedBytes, vector, withBothBuilds } from "../testing.ts";
import type { CompressedRows } from "./compressed-rows.ts";
import { sparseRows } from "./sparse-rows.ts";
import { productsByLoops, randomRows } from "./test-support.ts";

/** More products than are made before there are slices. */
const MANY = 24;

/** A matrix of many entries whose first column has one in every row, and whose last five rows and columns have none. */
function withFullColumn(rows: number, columns: number, most: number): CompressedRows {
  const { rowPointers, columnIndices } = randomRows(rows - 5, columns - 6, most, rows);
  const pointers = new Int32Array(rows + 1);
  const indices: number[] = [];
  for (let i = 0; i < rows - 5; i++) {
    indices.push(0);
    for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++) indices.push(1 + columnIndices[k]);
    pointers[i + 1] = indices.length;
  }
  pointers.fill(indices.length, rows - 4);
  const columnIndicesOfAll = Int32Array.from(indices);
  return {
    rows,
    columns,
    rowPointers: pointers,
    columnIndices: columnIndicesOfAll,
    values: vector(indices.length, 1),
  };
}

function expectBits(matrix: CompressedRows): void {
  const { rows, columns, values } = matrix;
  const [x, v] = [vector(columns, 1), vector(rows, 2)];
  v[3] = 0;
  const { forward, back } = productsByLoops(matrix, x, v);
  const short = values.length < 12 * rows;
  withBothBuilds(() => {
    const used = usedBytes(sharedHeap());
    const A = sparseRows(matrix);
    // results are overwritten, whatever they were
    const [overRows, overColumns] = [new Float64Array(rows), new Float64Array(columns)];
    const products = () => {
      A.product(x, overRows.fill(7));
      // long rows are summed in another order
      if (short) expect(overRows).toEqual(forward);
      else for (let i = 0; i < rows; i++) expect(Math.abs(overRows[i] - forward[i])).toBeLessThan(1e-12);
      A.adjoint(v, overColumns.fill(7));
      expect(overColumns).toEqual(back);
    };
    for (let call = 0; call < MANY; call++) products();
    const whole = usedBytes(sharedHeap());
    // rows and columns, or columns alone, beside the copy row by row
    expect(whole - used).toBeGreaterThan((short ? 36 : 24) * values.length);
    A.release();
    expect(usedBytes(sharedHeap())).toBe(used);
    products();
    A.release();
    expect(usedBytes(sharedHeap())).toBe(used);
  });
}

test.each([
  ["short rows", () => randomRows(20_003, 5_001, 9, 1)],
  ["fewer columns than a slice has", () => randomRows(60_000, 3, 3, 2)],
  ["fewer rows than a slice has", () => randomRows(3, 200_000, 200_000, 3)],
  ["rows longer than a digit of lengths", () => randomRows(301, 9_000, 4_000, 4)],
  ["a full column, empty rows and empty columns", () => withFullColumn(20_006, 4_997, 9)],
])("repeated products have the bits of loops over the rows: %s", (_, matrix) => expectBits(matrix()));

test("with numbers that are not finite, A^T v stays what rows give: zeros of v reach nothing", () => {
  const matrix = randomRows(20_000, 500, 9, 6);
  const [first, last] = [matrix.rowPointers[1000], matrix.rowPointers[1001]];
  for (let k = first; k < last; k++) matrix.values[k] = k % 2 ? Number.NaN : Number.POSITIVE_INFINITY;
  const v = vector(20_000, 1);
  v[1000] = 0;
  const A = sparseRows(matrix);
  const out = new Float64Array(500);
  for (let call = 0; call < MANY; call++) {
    A.adjoint(v, out.fill(7));
    expect(out.every(Number.isFinite)).toBe(true);
  }
  const rows = new Float64Array(20_000);
  for (let call = 0; call < MANY; call++) {
    A.product(new Float64Array(500).fill(1), rows);
    expect(rows.every((value, i) => i === 1000 || Number.isFinite(value))).toBe(true);
    expect(last === first || !Number.isFinite(rows[1000])).toBe(true);
  }
  A.release();
});

test("small matrices have no slices", () => {
  const matrix = randomRows(2_000, 500, 9, 7);
  const A = sparseRows(matrix);
  const used = usedBytes(sharedHeap());
  const [x, out] = [vector(500, 1), new Float64Array(2_000)];
  for (let call = 0; call < MANY; call++) A.product(x, out);
  expect(usedBytes(sharedHeap()) - used).toBeLessThan(13 * matrix.values.length + 8 * 2_000);
  A.release();
});

test("slices that other copies have dropped are made again after twice as many products", () => {
  const matrix = randomRows(20_003, 5_001, 9, 8);
  const bytes = 12 * matrix.values.length;
  /** Makes room for copies of all that copies may take; the bytes used with them. */
  const dropOthers = () => {
    const others = Array.from({ length: 2 }, () => new ResidentCopy(COPIES_LIMIT / 2, "others", () => {}));
    for (const other of others) other.load();
    const size = usedBytes(sharedHeap());
    for (const other of others) other.release();
    return size;
  };
  // what other tests left goes first
  dropOthers();
  const used = usedBytes(sharedHeap());
  const A = sparseRows(matrix);
  const [x, out] = [vector(5_001, 1), new Float64Array(20_003)];
  const { forward } = productsByLoops(matrix, x, vector(20_003, 2));
  /** The first of so many products with which there are slices, or none. */
  const firstWithSlices = (products: number) => {
    const calls = Array.from({ length: products }, () => {
      A.product(x, out.fill(7));
      expect(out).toEqual(forward);
      return usedBytes(sharedHeap()) - used;
    });
    return calls.findIndex((size) => size > 2 * bytes);
  };
  expect(firstWithSlices(25)).toBe(20);
  for (const patience of [40, 80]) {
    expect(dropOthers() - used).toBe(COPIES_LIMIT);
    expect(firstWithSlices(patience + 1)).toBe(patience);
  }
  // no copy has taken the place of what was given back
  A.release();
  expect(firstWithSlices(1)).toBe(0);
  A.release();
});
