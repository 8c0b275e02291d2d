import { checkLength } from "../check/arrays.ts";
import { shown } from "../check/describe.ts";
import { DataError } from "../check/errors.ts";
import { checkIntegerWithin, checkPositiveInteger, checkWithin } from "../check/numbers.ts";
import { checkGivenOptions } from "../check/options.ts";
import { randomStream } from "../random/stream.ts";

/** Row numbers, ascending, of one part of a cross-validation. */
export interface Fold {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/**
 * Splits rows into k stratified folds: the counts of a class in any two folds differ by at most one, and so do the
 * folds' sizes. Every row is in exactly one test part and in the other k - 1 training parts. Each class is shuffled and
 * dealt to the folds in turn, starting where the previous class stopped.
 *
 * @param y one label per row
 * @throws ArgumentError unless k is an integer >= 2
 * @throws DataError when there are no rows, a label is not finite, or a class has fewer than k rows, so that some fold
 *   would not test it
 */
export function stratifiedKFold(y: ArrayLike<number>, k: number, seed: number): Fold[] {
  checkIntegerWithin(2, Number.POSITIVE_INFINITY, { k });
  if (y.length === 0) throw new DataError("y must have at least one row, got none");
  const stream = randomStream(seed);
  const foldOf = new Int32Array(y.length);
  const sizes = new Int32Array(k);
  let next = 0;
  for (const [label, rows] of rowsByClass(y)) {
    if (rows.length < k)
      throw new DataError(
        `every class must have at least k = ${k} rows, got ${rows.length} of class ${label}`,
      );
    for (const row of stream.split(label).shuffle(rows)) {
      foldOf[row] = next;
      sizes[next] += 1;
      next = (next + 1) % k;
    }
  }
  return Array.from({ length: k }, (_, fold) => partition(foldOf, fold, sizes[fold]));
}

/**
 * Splits rows into k folds at random; the folds' sizes differ by at most one.
 *
 * @param n number of rows, an integer in 2 .. 2^31 - 1
 * @throws ArgumentError unless n and k are integers, k an integer in 2 .. n
 */
export function kFold(n: number, k: number, seed: number): Fold[] {
  checkIntegerWithin(2, 2 ** 31 - 1, { n });
  checkIntegerWithin(2, n, { k });
  const foldOf = randomStream(seed).shuffle(Int32Array.from({ length: n }, (_, i) => i % k));
  return Array.from({ length: k }, (_, fold) => partition(foldOf, fold, Math.ceil((n - fold) / k)));
}

export interface SplitOptions {
  /** Fraction of the rows to hold out, in (0, 1). */
  readonly testShare: number;
  /** One label per row: the same fraction of each class is then held out, to within one row. */
  readonly labels?: ArrayLike<number>;
  readonly seed: number;
}

/**
 * Splits rows at random into round(testShare n) test rows and the remaining training rows; per class if labels are
 * given.
 *
 * @param n number of rows
 * @throws ArgumentError unless testShare is in (0, 1) and labels are one per row
 * @throws DataError when a part, or a class within a part, would be empty, or a label is not finite
 */
export function trainTestSplit(n: number, options: SplitOptions): Fold {
  checkGivenOptions("trainTestSplit", options, ["testShare", "labels", "seed"]);
  const { testShare, labels, seed } = options;
  checkPositiveInteger({ n });
  checkWithin("(0, 1)", { testShare });
  if (labels !== undefined) checkLength("labels", labels, n);
  const groups =
    labels === undefined ? [Array.from({ length: n }, (_, i) => i)] : [...rowsByClass(labels).values()];
  const stream = randomStream(seed);
  const held = new Int32Array(n).fill(1);
  let size = 0;
  for (const [number, rows] of groups.entries()) {
    const count = Math.round(testShare * rows.length);
    if (count === 0 || count === rows.length) {
      const what = labels === undefined ? "" : ` of class ${labels[rows[0]]}`;
      throw new DataError(`testShare ${testShare} of the ${rows.length} rows${what} leaves one part empty`);
    }
    for (const row of stream.split(number).shuffle(rows).slice(0, count)) held[row] = 0;
    size += count;
  }
  return partition(held, 0, size);
}

/** The rows of every class, classes ascending. */
function rowsByClass(y: ArrayLike<number>): Map<number, number[]> {
  const classes = new Map<number, number[]>();
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i])) throw new DataError(`y must be finite, got ${shown(y[i])} in row ${i}`);
    const rows = classes.get(y[i]);
    if (rows) rows.push(i);
    else classes.set(y[i], [i]);
  }
  return new Map([...classes].sort(([a], [b]) => a - b));
}

function partition(foldOf: Int32Array, fold: number, size: number): Fold {
  const test = new Int32Array(size);
  const train = new Int32Array(foldOf.length - size);
  let tested = 0;
  let trained = 0;
  for (let row = 0; row < foldOf.length; row++) {
    if (foldOf[row] === fold) test[tested++] = row;
    else train[trained++] = row;
  }
  return { train, test };
}
