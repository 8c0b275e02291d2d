import { zerosOf } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkAtLeast, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { randomStream } from "../../random/stream.ts";
import type { LabeledRows } from "../dataset.ts";

export interface ConditionedLogisticOptions {
  /** Number of rows, at least d. */
  readonly n: number;
  /** Number of features. */
  readonly d: number;
  /** Condition number of the features: the ratio of the largest to the smallest singular value, >= 1. */
  readonly condition: number;
  readonly seed: number;
}

/** Rows with labels 0 and 1, and the weights from which the labels were drawn. */
export interface ConditionedLogisticRows extends LabeledRows<Int32Array> {
  readonly weights: Float64Array;
}

/**
 * Logistic data with a given condition number: X = sqrt(n) U diag(s) V^T with random orthonormal U and V, s log-spaced
 * from 1 to 1/condition; labels are 1 with probability sigmoid(X w), w = V (z / s), z standard normal. The distribution
 * of the margins X w does not depend on the condition number.
 *
 * @throws ArgumentError when a size is not a positive integer, n < d or condition < 1, or for an unknown option
 */
export function conditionedLogistic(options: ConditionedLogisticOptions): ConditionedLogisticRows {
  checkGivenOptions("conditionedLogistic", options, ["n", "d", "condition", "seed"]);
  const { n, d, condition, seed } = options;
  checkPositiveInteger({ n, d });
  if (n < d) throw new ArgumentError(`n must be at least d = ${d}, got ${n}`);
  checkAtLeast(1, { condition });
  const stream = randomStream(seed);
  const x = zerosOf({ n, d });
  const { values: U } = stream.split("U").orthogonal(n, d);
  const { values: V } = stream.split("V").orthogonal(d);
  const z = stream.split("weights").fillNormal(zerosOf({ d }));
  const s = Float64Array.from({ length: d }, (_, k) => (d === 1 ? 1 : condition ** (-k / (d - 1))));
  const labels = stream.split("labels");
  const y = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    let margin = 0;
    for (let k = 0; k < d; k++) {
      const u = Math.sqrt(n) * U[i * d + k];
      margin += u * z[k];
      for (let j = 0; j < d; j++) x[i * d + j] += u * s[k] * V[j * d + k];
    }
    y[i] = labels.uniform() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
  }
  const weights = new Float64Array(d);
  for (let j = 0; j < d; j++) for (let k = 0; k < d; k++) weights[j] += (V[j * d + k] * z[k]) / s[k];
  return { x: { rows: n, columns: d, values: x }, y, weights };
}
