import { formatFigure } from "@gradus/papers";
import type { DenseMatrix } from "gradus/linalg";

/** The noise of C-LIME and SmoothGrad where none is chosen, as in the library. */
const SIGMA = 0.1;

/** In words, that the noise of C-LIME and SmoothGrad is wider than a column that varies; undefined where it is not. */
export function noiseAdvice(
  { rows, columns, values }: DenseMatrix,
  names: readonly string[],
  sigma = SIGMA,
): string | undefined {
  const narrow: string[] = [];
  for (let j = 0; j < columns; j++) {
    let [least, most] = [values[j], values[j]];
    for (let i = 1; i < rows; i++) {
      least = Math.min(least, values[i * columns + j]);
      most = Math.max(most, values[i * columns + j]);
    }
    if (most > least && most - least < sigma)
      narrow.push(`${names[j]}, whose values differ by ${formatFigure(most - least)} at most`);
  }
  if (narrow.length === 0) return undefined;
  const others = narrow.length === 1 ? "" : `, and ${narrow.length - 1} more`;
  return `The noise of C-LIME and SmoothGrad, of standard deviation ${sigma} in every feature, is wider than ${narrow[0]}${others}: their slopes are means far beyond the data. Choose a smaller --sigma, or explain a model of features in a common unit.`;
}
