import { ArgumentError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";
import { checkDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { baselineOf } from "../baseline.ts";
import { checkModel, checkRows, type ExplainableModel, valuesOf } from "../models/contract.ts";

/**
 * sum_j w_j - (f(x0) - f(r)) of each row: 0 for Shapley values, and for Integrated Gradients but for its quadrature.
 *
 * @param x rows, n x d
 * @param attributions w of each row, n x d
 * @throws ArgumentError when shapes do not fit or an option is unknown
 * @throws DataError when x, the baseline or a score is not finite
 * @throws the signal's reason when it is aborted before the model has scored the rows
 */
export async function completenessGaps(
  model: ExplainableModel,
  x: DenseMatrix,
  attributions: DenseMatrix,
  options: { readonly baseline?: ArrayLike<number>; readonly signal?: AbortSignal } = {},
): Promise<Float64Array> {
  checkOptions("completenessGaps", options, ["baseline", "signal"]);
  options.signal?.throwIfAborted();
  checkModel(model);
  checkRows("x", x, model.features);
  checkDense("attributions", attributions);
  const { rows: n, columns: d } = x;
  if (attributions.rows !== n || attributions.columns !== d)
    throw new ArgumentError(
      `attributions must be ${n} x ${d}, got ${attributions.rows} x ${attributions.columns}`,
    );
  const both = new Float64Array((n + 1) * d);
  both.set(x.values);
  both.set(baselineOf(options.baseline, d), n * d);
  const scores = await valuesOf(model, { rows: n + 1, columns: d, values: both });
  options.signal?.throwIfAborted();
  return Float64Array.from({ length: n }, (_, i) => {
    const sum = attributions.values.subarray(i * d, (i + 1) * d).reduce((total, value) => total + value, 0);
    return sum - (scores[i] - scores[n]);
  });
}
