import { formatFigure } from "@gradus/papers";
import { DataError } from "gradus/check";
import {
  type CompareOptions,
  type ExplainableModel,
  type ExplainerName,
  type Explanation,
  explainBy,
  explainerNames,
  explainers,
  type LocalApproximation,
} from "gradus/explain";
import type { DenseMatrix } from "gradus/linalg";

/** What one method says of a row. */
export interface MethodOfRow {
  readonly name: ExplainerName;
  readonly explanation: Explanation | LocalApproximation;
}

/** A width at which LIME's kernel ignores no perturbation. */
const UNBOUNDED_WIDTH = 1e150;

/**
 * LIME of one row; undefined where its kernel is so narrow that no perturbation counts.
 *
 * @throws what `explainBy` throws for any other reason
 */
async function limeOfRow(
  model: ExplainableModel,
  x: DenseMatrix,
  { width, sigma: _, ...shared }: CompareOptions,
): Promise<Explanation | LocalApproximation | undefined> {
  try {
    return await explainBy("lime", model, x, { ...shared, width });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    // Where the width is not to blame, this fails too, and says why.
    await explainBy("lime", model, x, { ...shared, width: UNBOUNDED_WIDTH });
    return undefined;
  }
}

/** All methods that the model allows, for one row; without LIME where its kernel sees no perturbation. */
export async function compareRow(
  model: ExplainableModel,
  x: DenseMatrix,
  options: CompareOptions,
): Promise<MethodOfRow[]> {
  const { width: _, sigma, ...shared } = options;
  const found: MethodOfRow[] = [];
  for (const name of explainerNames) {
    if (explainers[name].usesGradients && model.valuesAndGradients === undefined) continue;
    const noise = name === "smoothGrad" || name === "cLime" ? { sigma } : {};
    const explanation =
      name === "lime"
        ? await limeOfRow(model, x, options)
        : await explainBy(name, model, x, { ...shared, ...noise });
    if (explanation) found.push({ name, explanation });
  }
  return found;
}

/** Says that LIME's kernel sees no perturbation of a row, and at which width it does. */
export function narrowKernelAdvice(row: number, x: Float64Array, baseline: Float64Array, width = 1): string {
  // Half of the features are removed, so that half of the squared distance remains.
  const squares = x.reduce((sum, value, j) => sum + (value - baseline[j]) ** 2, 0);
  const enough = Number(Math.sqrt(squares / 2).toPrecision(2));
  return `LIME is left out: its kernel of width ${formatFigure(width)} counts no perturbation of row ${row}, as they are at distances of about ${formatFigure(enough)}. Choose --width ${enough}, or scale the features.`;
}
