import type { DenseMatrix } from "../linalg/matrix.ts";
import { rowBlocks } from "./blocks.ts";
import { type ExplainableModel, perturbedValuesOf, valuesOf } from "./models/contract.ts";
import { type Perturbed, perturbedInputs, perturbedRows } from "./neighborhoods/contract.ts";
import { pauses } from "./pauses.ts";
import { scratch } from "./scratch.ts";

/**
 * From this many perturbations of a row on, a model that composes inputs is used: the inputs are then never written, and
 * a call of the model costs less than writing them.
 */
const COMPOSED_FROM = 32;

/**
 * Numbers for which a composed input counts in a block of rows: it is never written, but has a score, a weight and what
 * fits need beside them, which are products for all rows of a block. A quarter of a wide input's own numbers: a model takes
 * few more at a time anyway, and a signal is heeded between two blocks.
 */
const composedNumbers = (features: number) => Math.max(8, features / 4);

/** Whether a model is to compose the inputs that these perturbations make of a row. */
export function composes<K extends "perturbedValues" | "meanGradient">(
  model: ExplainableModel,
  method: K,
  perturbations: DenseMatrix,
): model is ExplainableModel & Required<Pick<ExplainableModel, K>> {
  return model[method] !== undefined && perturbations.rows >= COMPOSED_FROM;
}

/** Blocks of rows of which a model composes the inputs. */
export function composedBlocks(rows: DenseMatrix, perturbations: DenseMatrix) {
  return rowBlocks(rows.rows, perturbations.rows * composedNumbers(rows.columns));
}

/** Scores of the inputs that perturbations make of rows `from` up to `to`: N numbers for one row after another. */
export interface PerturbedScores {
  readonly from: number;
  readonly to: number;
  readonly scores: Float64Array;
}

/**
 * f at the inputs that N perturbations make of all rows, in blocks of rows.
 *
 * @throws ArgumentError when the model does not return one number an input
 * @throws DataError naming the input at which a score is not finite
 */
export async function* perturbedScores(
  model: ExplainableModel,
  perturbed: Perturbed,
  perturbations: DenseMatrix,
  signal: AbortSignal | undefined,
): AsyncGenerator<PerturbedScores, void, undefined> {
  const { rows: n, columns: d } = perturbed.x;
  const pause = pauses(signal);
  const origin = (from: number) => ({ from, each: perturbations.rows, rows: n });
  if (composes(model, "perturbedValues", perturbations)) {
    for (const [from, to] of composedBlocks(perturbed.x, perturbations)) {
      await pause();
      const scores = await perturbedValuesOf(
        model,
        perturbedRows(perturbed, from, to),
        perturbations,
        origin(from),
      );
      yield { from, to, scores };
    }
    return;
  }
  const memory = scratch();
  for (const [from, to] of rowBlocks(n, perturbations.rows * d)) {
    await pause();
    const inputs = perturbedInputs(perturbed, perturbations, from, to, memory);
    yield {
      from,
      to,
      scores: inputs.rows === 0 ? new Float64Array(0) : await valuesOf(model, inputs, origin(from)),
    };
  }
}
