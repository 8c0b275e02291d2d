import { DataError } from "../../check/errors.ts";
import { type Fold, trainTestSplit } from "../../data/folds.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";

/**
 * Holds out a share of the distinct rows of x, each with all its copies: a copy among the rows that are fitted would show
 * what is held out.
 *
 * @throws DataError when all rows are the same
 */
export function holdOut({ rows, columns, values }: DenseMatrix, share: number, seed: number): Fold {
  const groups = new Map<string, number[]>();
  for (let i = 0; i < rows; i++) {
    const key = values.subarray(i * columns, (i + 1) * columns).join();
    const copies = groups.get(key);
    if (copies) copies.push(i);
    else groups.set(key, [i]);
  }
  if (groups.size < 2) throw new DataError(`x must have rows that differ, got the same one ${rows} times`);
  const split = trainTestSplit(groups.size, { testShare: share, seed });
  const members = [...groups.values()];
  const rowsOf = (chosen: Int32Array) => Int32Array.from([...chosen].flatMap((k) => members[k])).sort();
  return { train: rowsOf(split.train), test: rowsOf(split.test) };
}
