import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { DataError } from "gradus/check";
import { parseCsv, parseLibsvm } from "gradus/data";
import { type CsrMatrix, csrFromRows } from "gradus/linalg";

/** Rows of a file, with a constant feature at their end, and their labels as the file has them. */
export interface LabeledFile {
  readonly A: CsrMatrix;
  readonly labels: Float64Array;
}

type Row = [column: number, value: number][];

function withConstant(rows: Row[], columns: number, labels: Float64Array): LabeledFile {
  for (const row of rows) row.push([columns, 1]);
  return { A: csrFromRows(rows, columns + 1), labels };
}

/**
 * Reads a table: `.csv` with a header and the label in the last column, anything else as LIBSVM.
 *
 * @throws DataError naming line and column of what does not belong there, or when the file is empty
 */
export function readRows(path: string): LabeledFile {
  const name = basename(path);
  const text = readFileSync(path, "utf8");
  if (path.endsWith(".csv")) {
    const { x } = parseCsv(text, { name });
    if (x.columns < 2) throw new DataError(`${name} must have features and a label, got ${x.columns} column`);
    const rows = Array.from({ length: x.rows }, (_, i) =>
      Array.from(x.values.subarray(i * x.columns, (i + 1) * x.columns - 1), (value, j): [number, number] => [
        j,
        value,
      ]),
    );
    return withConstant(
      rows,
      x.columns - 1,
      Float64Array.from({ length: x.rows }, (_, i) => x.values[(i + 1) * x.columns - 1]),
    );
  }
  const { x, y } = parseLibsvm(text, { name });
  const rows = Array.from({ length: x.rows }, (_, i) => {
    const row: Row = [];
    for (let k = x.rowPointers[i]; k < x.rowPointers[i + 1]; k++) row.push([x.columnIndices[k], x.values[k]]);
    return row;
  });
  return withConstant(rows, x.columns, y);
}
