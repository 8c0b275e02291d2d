import { checkLength } from "../../check/arrays.ts";
import { checkPositive } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { checkModel, type ExplainableModel, type ScoresAndGradients, valuesOf } from "./contract.ts";

export interface FiniteDifferenceOptions {
  /** h in units of the features, one for all or one for each; 1e-4 is for features of a size of about 1. */
  readonly step?: number | Float64Array;
}

/**
 * A model whose gradients are central differences, (f(x + h_j e_j) - f(x - h_j e_j)) / (2 h_j): 2d + 1 values a row. Their error
 * is O(h^2) plus rounding of f over h; with float32 scores choose h near 0.01.
 *
 * Of features in other units, give each a step that is as small beside their spread.
 *
 * @throws ArgumentError when it is no model, h is not a positive number or d of them, or for an unknown option
 */
export function finiteDifferences(
  model: ExplainableModel,
  options: FiniteDifferenceOptions = {},
): ExplainableModel & Required<Pick<ExplainableModel, "valuesAndGradients">> {
  checkModel(model);
  checkOptions("finiteDifferences", options, ["step"]);
  const { step = 1e-4 } = options;
  const d = model.features;
  if (step instanceof Float64Array) {
    checkLength("step", step, d);
    for (const [j, h] of step.entries()) checkPositive({ [`step[${j}]`]: h });
  } else checkPositive({ step });
  const steps = step instanceof Float64Array ? step.slice() : new Float64Array(d).fill(step);
  return {
    features: d,
    values: (rows) => model.values(rows),
    async valuesAndGradients({ rows, values: x }: DenseMatrix): Promise<ScoresAndGradients> {
      const stride = (2 * d + 1) * d;
      const shifted = new Float64Array(rows * stride);
      for (let i = 0; i < rows; i++)
        for (let k = 0; k <= 2 * d; k++) {
          const at = i * stride + k * d;
          for (let j = 0; j < d; j++) shifted[at + j] = x[i * d + j];
          if (k < 2 * d) shifted[at + (k >> 1)] += k % 2 === 0 ? steps[k >> 1] : -steps[k >> 1];
        }
      const all = await valuesOf(model, { rows: rows * (2 * d + 1), columns: d, values: shifted });
      const values = new Float64Array(rows);
      const gradients = new Float64Array(rows * d);
      for (let i = 0; i < rows; i++) {
        const at = i * (2 * d + 1);
        values[i] = all[at + 2 * d];
        for (let j = 0; j < d; j++)
          gradients[i * d + j] = (all[at + 2 * j] - all[at + 2 * j + 1]) / (2 * steps[j]);
      }
      return { values, gradients };
    },
  };
}
