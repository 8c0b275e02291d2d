import { checkFiniteMatrix } from "../check/arrays.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkPositiveInteger } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import type { Loss } from "../losses/contract.ts";
import type { BatchLoss, TargetLoss } from "./contract.ts";

export interface TargetLossOptions {
  /** Number of targets per row; defaults to the loss's number of outputs, or 1. */
  readonly outputs?: number;
}

/** The labels of the given rows, `width` numbers each. */
function gathered(labels: Float64Array, width: number, rows: Int32Array | undefined): Float64Array {
  if (rows === undefined) return labels;
  const batch = new Float64Array(rows.length * width);
  for (let i = 0; i < rows.length; i++)
    for (let k = 0; k < width; k++) batch[i * width + k] = labels[rows[i] * width + k];
  return batch;
}

/**
 * A loss of targets z with the labels of all rows, for `targetProblem`:
 *
 *     targetLoss(softmaxLoss(10), labels)
 *
 * @param labels one number per row (a class, a sign), or rows x outputs where every target has its own label
 * @throws ArgumentError when the number of labels does not match, or an option is unknown
 * @throws DataError naming the row of a label that the loss is not defined for
 */
export function targetLoss(
  loss: Loss,
  labels: ArrayLike<number>,
  options: TargetLossOptions = {},
): TargetLoss {
  checkOptions("targetLoss", options, ["outputs"]);
  const outputs = options.outputs ?? loss.outputs ?? 1;
  checkPositiveInteger({ outputs });
  if (loss.outputs !== undefined && outputs !== loss.outputs)
    throw new ArgumentError(`outputs must be ${loss.outputs} for the ${loss.name}, got ${outputs}`);
  const width = loss.labels === "output" ? outputs : 1;
  if (labels.length === 0 || labels.length % width !== 0)
    throw new ArgumentError(`labels must have rows x ${width} numbers, got ${labels.length}`);
  const all = Float64Array.from(labels);
  if (width > 1) checkFiniteMatrix("labels", all, width);
  loss.checkLabels("labels", all);
  const on = (rows?: Int32Array): BatchLoss => {
    const batch = gathered(all, width, rows);
    const count = batch.length / width;
    const losses = new Float64Array(count);
    const mean = (z: Float64Array, gradient?: Float64Array) => {
      if (z.length !== count * outputs)
        throw new ArgumentError(
          `targets must be [${count}, ${outputs}] for this loss, got ${z.length} numbers`,
        );
      loss.evaluate(z, batch, losses, gradient);
      let total = 0;
      for (let i = 0; i < count; i++) total += losses[i];
      return total / count;
    };
    const { curvatures } = loss;
    return {
      value: (z) => mean(z),
      valueAndGradient(z) {
        const gradient = new Float64Array(z.length);
        return { value: mean(z, gradient), gradient };
      },
      ...(curvatures && {
        curvature(z: Float64Array) {
          const out = new Float64Array(z.length);
          curvatures(z, batch, out);
          return out;
        },
      }),
    };
  };
  return { outputs, rows: all.length / width, smoothness: loss.smoothness, on };
}

/**
 * The smoothness constant L of a loss in its targets: with eta <= 1/L the surrogate is an upper bound.
 *
 * @throws ArgumentError when the loss has none: set eta or use the line search in target space
 */
export function lossSmoothness({ smoothness }: { readonly smoothness?: number }): number {
  if (smoothness === undefined)
    throw new ArgumentError(
      "the loss has no smoothness constant: set eta to a number, a schedule or a line search in target space",
    );
  return smoothness;
}
