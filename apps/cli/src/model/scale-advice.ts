import type { ArrayValue } from "@gradus/graph";
import { formatFigure } from "@gradus/papers";
import type { ModelData, ModelLossName } from "gradus/models";

/** Sizes of inputs and targets with which the usual learning rates work. */
const USUAL = [0.01, 100] as const;

const isUsual = (size: number) => size >= USUAL[0] && size <= USUAL[1];

/** Means and variances of the numbers of a row. */
function moments({ data, shape }: ArrayValue): { readonly mean: number; readonly variance: number }[] {
  const [rows] = shape;
  const width = data.length / rows;
  return Array.from({ length: width }, (_, j) => {
    const column = Float64Array.from({ length: rows }, (_, i) => Number(data[i * width + j]));
    const mean = column.reduce((sum, value) => sum + value / rows, 0);
    return { mean, variance: column.reduce((sum, value) => sum + (value - mean) ** 2 / rows, 0) };
  });
}

/** Columns of tables that are very large or small in size, as words. */
function unusualColumns(inputs: ModelData["inputs"]): string[] {
  return Object.entries(inputs).flatMap(([name, input]) =>
    input.shape.length === 2
      ? moments(input).flatMap(({ mean, variance }, j) => {
          const size = Math.hypot(mean, Math.sqrt(variance));
          return size === 0 || isUsual(size) ? [] : [`column ${j + 1} of ${name} ${formatFigure(size)}`];
        })
      : [],
  );
}

/** Columns that a message lists. */
const MOST_COLUMNS = 4;

/** Less than this share below the loss of a constant is hardly better. */
const HARDLY = 0.01;

/**
 * What to do where a tuned model is hardly better than one prediction for all rows: which columns or targets are of unusual
 * size, in their root mean square. Undefined where it is better.
 *
 * @param reached its loss
 * @param constant the smallest loss of one prediction for all rows
 */
export function scaleAdvice(
  { inputs }: Pick<ModelData, "inputs">,
  loss: ModelLossName,
  { reached, constant }: { readonly reached: number | null; readonly constant: number },
): string | undefined {
  if (reached === null || constant === 0 || reached < (1 - HARDLY) * constant) return undefined;
  const columns = unusualColumns(inputs);
  const listed = columns.slice(0, MOST_COLUMNS).join(", ") + (columns.length > MOST_COLUMNS ? ", …" : "");
  const target = loss === "squared" ? Math.sqrt(constant) : 1;
  const advice = [
    ...(columns.length > 0
      ? [`Inputs have unusual root mean squares, which --mean and --std bring to about 1: ${listed}.`]
      : []),
    ...(isUsual(target)
      ? []
      : [`The target's standard deviation is ${formatFigure(target)}: divide the target by it.`]),
  ];
  const otherwise = ["Train for more --epochs, or with another --learning-rate."];
  const found = `The model is ${reached < constant ? "hardly" : "no"} better than the same prediction for every row: a loss of ${formatFigure(reached)} against ${formatFigure(constant)}.`;
  return [found, ...(advice.length > 0 ? advice : otherwise)].join(" ");
}
