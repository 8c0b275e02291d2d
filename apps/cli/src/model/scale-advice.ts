import { formatFigure } from "@gradus/papers";
import type { HardlyLearned } from "gradus/models";

/** Columns that a message lists. */
const MOST_COLUMNS = 4;

/** What to do where a tuned model is hardly better than one prediction for all rows. */
export function scaleAdvice({
  loss,
  constantLoss,
  isNoBetter,
  columns,
  targetDeviation,
}: HardlyLearned): string {
  const listed = columns
    .slice(0, MOST_COLUMNS)
    .map(
      ({ input, column, rootMeanSquare }) => `column ${column} of ${input} ${formatFigure(rootMeanSquare)}`,
    )
    .join(", ");
  const more = columns.length > MOST_COLUMNS ? ", …" : "";
  const advice = [
    ...(columns.length > 0
      ? [`Inputs have unusual root mean squares, which --mean and --std bring to about 1: ${listed}${more}.`]
      : []),
    ...(targetDeviation === undefined
      ? []
      : [`The target's standard deviation is ${formatFigure(targetDeviation)}: divide the target by it.`]),
  ];
  const otherwise = ["Train for more --epochs, or with another --learning-rate."];
  const found = `The model is ${isNoBetter ? "no" : "hardly"} better than the same prediction for every row: a loss of ${formatFigure(loss)} against ${formatFigure(constantLoss)}.`;
  return [found, ...(advice.length > 0 ? advice : otherwise)].join(" ");
}
