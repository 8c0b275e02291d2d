import type { ArrayValue } from "@gradus/graph";
import type { ModelData, ModelLossName } from "./objective.ts";

/** Sizes of inputs and targets with which the usual learning rates work. */
const USUAL = [0.01, 100] as const;

const isUsual = (size: number) => size >= USUAL[0] && size <= USUAL[1];

/** Less than this share below the loss of a constant is hardly better. */
const HARDLY = 0.01;

/** Losses in float32 differ by this share where they would be equal. */
const ROUNDING = 1e-6;

/** A column of an input, and its root mean square. */
export interface UnusualColumn {
  readonly input: string;
  /** From 1. */
  readonly column: number;
  readonly rootMeanSquare: number;
}

/** A model that predicts no or hardly better than a constant, and what in its data may be why. */
export interface HardlyLearned {
  readonly loss: number;
  readonly constantLoss: number;
  /** Whether the loss is not even below that of the constant. */
  readonly isNoBetter: boolean;
  /** Columns of tables whose root mean square is not between 0.01 and 100; columns of zeros are left out. */
  readonly columns: readonly UnusualColumn[];
  /** The standard deviation of a regression's target, where it is not between 0.01 and 100. */
  readonly targetDeviation?: number;
}

/** Root mean squares of the numbers of a row. */
function rootMeanSquares({ data, shape }: ArrayValue): number[] {
  const [rows] = shape;
  const width = data.length / rows;
  return Array.from({ length: width }, (_, j) => {
    const column = Float64Array.from({ length: rows }, (_, i) => Number(data[i * width + j]));
    const mean = column.reduce((sum, value) => sum + value / rows, 0);
    const variance = column.reduce((sum, value) => sum + (value - mean) ** 2 / rows, 0);
    return Math.hypot(mean, Math.sqrt(variance));
  });
}

function unusualColumns(inputs: ModelData["inputs"]): UnusualColumn[] {
  return Object.entries(inputs).flatMap(([input, values]) =>
    values.shape.length === 2
      ? rootMeanSquares(values).flatMap((rootMeanSquare, j) =>
          rootMeanSquare === 0 || isUsual(rootMeanSquare) ? [] : [{ input, column: j + 1, rootMeanSquare }],
        )
      : [],
  );
}

/**
 * Whether a tuned model is less than 1 % better than one prediction for all rows, and which columns or targets are of
 * unusual size then; undefined where it is better.
 *
 * @param loss the loss that it was tuned with
 * @param figures.reached its loss, on the rows that `constant` was computed on: undefined is not known
 * @param figures.constant the smallest loss of one prediction for all rows, as `Tuner.constantLoss`
 */
export function hardlyLearned(
  { inputs }: Pick<ModelData, "inputs">,
  loss: ModelLossName,
  { reached, constant }: { readonly reached: number | undefined; readonly constant: number },
): HardlyLearned | undefined {
  if (reached === undefined || constant === 0 || reached < (1 - HARDLY) * constant) return undefined;
  const deviation = Math.sqrt(constant);
  return {
    loss: reached,
    constantLoss: constant,
    isNoBetter: !(reached < (1 - ROUNDING) * constant),
    columns: unusualColumns(inputs),
    ...(loss === "squared" && !isUsual(deviation) && { targetDeviation: deviation }),
  };
}
