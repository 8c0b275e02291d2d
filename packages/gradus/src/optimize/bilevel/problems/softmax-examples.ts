import { gemm, type Matrix, residentMatrix } from "@gradus/blas/dense";
import { softmaxRows } from "@gradus/blas/rows";
import type { LabeledRows } from "../../../data/dataset.ts";
import type { DenseMatrix } from "../../../linalg/matrix.ts";
import { softmaxLoss } from "../../../losses/softmax.ts";
import { rowNumbers } from "../../../objectives/design-matrix.ts";

/** A column of ones at the end. */
export function withIntercept({ rows, columns, values }: DenseMatrix): DenseMatrix {
  const wide = new Float64Array(rows * (columns + 1));
  for (let i = 0; i < rows; i++) {
    wide.set(values.subarray(i * columns, (i + 1) * columns), i * (columns + 1));
    wide[(i + 1) * (columns + 1) - 1] = 1;
  }
  return { rows, columns: columns + 1, values: wide };
}

/**
 * Losses l_i of examples and their slopes, of a softmax regression with an intercept, for several coefficients W at once.
 * Those stand class by class: `columns` numbers for each class of the first W, then of the next. The examples stay in
 * WebAssembly memory, and scores stand class by class too, so that exponentials are taken in vectors.
 */
export interface SoftmaxExamples {
  readonly rows: number;
  /** Features and the intercept. */
  readonly columns: number;
  /** l_i of each example at one W, in a new array. */
  losses(W: Float64Array): Float64Array;
  /** sum_i weights_i grad l_i at each W, in memory that the next call with as many W overwrites. */
  slopes(W: Float64Array, weights: Float64Array): Float64Array;
}

/** @throws DataError when a label is no class number, ArgumentError when labels are not as many as rows */
export function softmaxExamples(
  name: string,
  { x, y }: LabeledRows<Int32Array>,
  classes: number,
): SoftmaxExamples {
  const numbers = rowNumbers(y, x.rows, `${name}.y`);
  softmaxLoss(classes).checkLabels(`${name}.y`, numbers);
  const labels = Int32Array.from(numbers);
  const X = residentMatrix(withIntercept(x));
  const { rows: n, columns } = X;
  const losses = new Float64Array(n);
  /** Scores and slopes for W of a given size: allocating and clearing them takes as long as a softmax. */
  const results = new Map<number, { readonly scores: Matrix; readonly slopes: Matrix }>();
  function resultsOf({ length }: Float64Array) {
    const rows = length / columns;
    const matrix = (width: number) => ({ rows, columns: width, values: new Float64Array(rows * width) });
    const made = results.get(rows) ?? { scores: matrix(n), slopes: matrix(columns) };
    results.set(rows, made);
    return made;
  }
  /** Class by class, n numbers each; `losses` are those of the last W. */
  function probabilities(W: Float64Array): Float64Array {
    const { scores } = resultsOf(W);
    gemm({ a: { rows: scores.rows, columns, values: W }, b: X, transposeB: true, c: scores });
    const { values } = scores;
    for (let at = 0; at < values.length; at += classes * n)
      softmaxRows({ scores: values.subarray(at, at + classes * n), classes, labels, losses });
    return values;
  }
  return {
    rows: n,
    columns,
    losses(W) {
      probabilities(W);
      return losses.slice();
    },
    slopes(W, weights) {
      const excess = probabilities(W);
      for (let at = 0; at < excess.length; at += classes * n)
        for (let i = 0; i < n; i++) excess[at + labels[i] * n + i] -= 1;
      for (let at = 0; at < excess.length; at += n) for (let i = 0; i < n; i++) excess[at + i] *= weights[i];
      const { scores, slopes } = resultsOf(W);
      return gemm({ a: scores, b: X, c: slopes }).values;
    },
  };
}
