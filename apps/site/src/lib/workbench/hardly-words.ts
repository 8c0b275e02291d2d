import { formatFigure } from "@gradus/papers";
import type { HardlyLearned } from "gradus/models";

/** Columns that the page lists. */
const MOST_COLUMNS = 4;

/** That a tuned model is hardly better than one prediction for all rows, and what to change. */
export function hardlyWords({
  loss,
  constantLoss,
  isNoBetter,
  columns,
  targetDeviation,
}: HardlyLearned): string {
  const sentences = [
    `The model is ${isNoBetter ? "no" : "hardly"} better than the same prediction for every row: a loss of ${formatFigure(loss)} against ${formatFigure(constantLoss)}.`,
  ];
  const listed = columns
    .slice(0, MOST_COLUMNS)
    .map(
      ({ input, column, rootMeanSquare }) => `column ${column} of ${input} ${formatFigure(rootMeanSquare)}`,
    );
  if (columns.length > MOST_COLUMNS) listed.push("…");
  if (listed.length > 0)
    sentences.push(
      `Inputs have unusual root mean squares: ${listed.join(", ")}. Standardize these columns in the file.`,
    );
  if (targetDeviation !== undefined)
    sentences.push(
      `The target’s standard deviation is ${formatFigure(targetDeviation)}: divide the target by it.`,
    );
  if (sentences.length === 1) sentences.push("Train for more epochs, or with another learning rate.");
  return sentences.join(" ");
}
