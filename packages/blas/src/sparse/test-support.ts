import { uniform } from "../testing.ts";
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
