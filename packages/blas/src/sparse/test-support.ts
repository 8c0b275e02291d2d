import { uniform, vector } from "../testing.ts";
import type { CompressedRows } from "./compressed-rows.ts";

/** A random matrix with a share of its entries, in both forms. */
export function randomSparse(
  rows: number,
  columns: number,
  share: number,
  seed: number,
  value = uniform(seed),
) {
  const chance = uniform(seed + 1);
  const dense = Float64Array.from({ length: rows * columns }, () =>
    (chance() + 1) / 2 < share ? value() : 0,
  );
  return { matrix: fromDense(rows, columns, dense), entry: (i: number, j: number) => dense[i * columns + j] };
}

/** The nonzeros of a dense matrix by compressed rows. */
export function fromDense(rows: number, columns: number, dense: Float64Array): CompressedRows {
  const rowPointers = new Int32Array(rows + 1);
  const [indices, values]: [number[], number[]] = [[], []];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++)
      if (dense[i * columns + j] !== 0) {
        indices.push(j);
        values.push(dense[i * columns + j]);
      }
    rowPointers[i + 1] = indices.length;
  }
  return {
    rows,
    columns,
    rowPointers,
    columnIndices: Int32Array.from(indices),
    values: Float64Array.from(values),
  };
}

/** Rows of 0 to `most` entries in ascending columns, the last column among them. */
export function randomRows(rows: number, columns: number, most: number, seed: number): CompressedRows {
  const next = uniform(seed);
  const rowPointers = new Int32Array(rows + 1);
  const columnIndices: number[] = [];
  for (let i = 0; i < rows; i++) {
    const count = i === rows - 1 ? 1 : Math.floor((most + 1) * Math.abs(next()));
    for (let k = 0; k < count; k++) {
      const [from, to] = [k, k + 1].map((part) => Math.floor((part * columns) / count));
      columnIndices.push(i === rows - 1 ? columns - 1 : from + Math.floor((to - from) * Math.abs(next())));
    }
    rowPointers[i + 1] = columnIndices.length;
  }
  const values = vector(columnIndices.length, seed + 1);
  return { rows, columns, rowPointers, columnIndices: Int32Array.from(columnIndices), values };
}

/** A x from the left to the right of each row, and A^T v from the top to the bottom of each column. */
export function productsByLoops(
  { rows, columns, rowPointers, columnIndices, values }: CompressedRows,
  x: Float64Array,
  v: Float64Array,
) {
  const [forward, back] = [new Float64Array(rows), new Float64Array(columns)];
  for (let i = 0; i < rows; i++)
    for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++) {
      forward[i] += values[k] * x[columnIndices[k]];
      back[columnIndices[k]] += values[k] * v[i];
    }
  return { forward, back };
}
