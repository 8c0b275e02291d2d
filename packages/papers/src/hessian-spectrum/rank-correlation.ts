/** Places in ascending order, from 1; equal values share the mean of their places. */
function ranks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}

/**
 * Spearman's rank correlation: the correlation of the places of two rows of numbers, ties at their mean place. NaN
 * where all numbers of a row are equal.
 *
 * @param y as many numbers as x
 */
export function rankCorrelation(x: readonly number[], y: readonly number[]): number {
  const [a, b] = [ranks(x), ranks(y)];
  const middle = (x.length + 1) / 2;
  let [covariance, ofX, ofY] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    covariance += (a[i] - middle) * (b[i] - middle);
    ofX += (a[i] - middle) ** 2;
    ofY += (b[i] - middle) ** 2;
  }
  return covariance / Math.sqrt(ofX * ofY);
}
