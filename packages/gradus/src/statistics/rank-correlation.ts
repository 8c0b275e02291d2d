import { checkLength } from "../check/arrays.ts";
import { ArgumentError, DataError } from "../check/errors.ts";

/** Ranks in ascending order, from 1; ties share the mean of their ranks. */
function ranks(values: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const n = values.length;
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) =>
    values[i] < values[j] ? -1 : Number(values[i] > values[j]),
  );
  const places = new Float64Array(n);
  for (let from = 0, to = 0; from < n; from = to) {
    while (to < n && values[order[to]] === values[order[from]]) to += 1;
    for (let k = from; k < to; k++) places[order[k]] = (from + to + 1) / 2;
  }
  return places;
}

/**
 * Spearman's rank correlation: the correlation of the ranks of two samples, with mean ranks for ties. NaN if all
 * numbers of one sample are equal.
 * Source: Spearman 1904, "The proof and measurement of association between two things".
 *
 * @param y as many numbers as x
 * @returns in [-1, 1]
 * @throws ArgumentError unless both have the same length, at least 2
 * @throws DataError naming a number that is NaN
 */
export function rankCorrelation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const n = x.length;
  if (n < 2) throw new ArgumentError(`x must have at least 2 numbers, got ${n}`);
  checkLength("y", y, n);
  for (const [name, values] of Object.entries({ x, y }))
    for (let i = 0; i < n; i++)
      if (Number.isNaN(values[i])) throw new DataError(`${name} must be numbers, got NaN at ${i}`);
  const [a, b] = [ranks(x), ranks(y)];
  const middle = (n + 1) / 2;
  let [covariance, ofX, ofY] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    covariance += (a[i] - middle) * (b[i] - middle);
    ofX += (a[i] - middle) ** 2;
    ofY += (b[i] - middle) ** 2;
  }
  return covariance / Math.sqrt(ofX * ofY);
}
