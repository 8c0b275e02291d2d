import { loadDataset } from "gradus/data";
import { expect } from "vitest";
import { dot, numbersIn } from "../use-testing.ts";

/** Steps of normalized gradient descent of size 100 until every digit 1 and 8 is classified correctly. */
async function stepsUntilSeparated(): Promise<number> {
  const { x, y } = await loadDataset("digits");
  const d = x.columns;
  const samples = Array.from(y.keys())
    .filter((i) => y[i] === 1 || y[i] === 8)
    .map((i) => {
      const row = x.values.subarray(i * d, (i + 1) * d);
      return y[i] === 8 ? row : row.map((value) => -value);
    });
  let theta = new Float64Array(d);
  for (let step = 0; step < 1000; step++) {
    const margins = samples.map((row) => dot(row, theta));
    if (margins.every((margin) => margin > 0)) return step;
    const weights = margins.map((m) => 1 / (1 + Math.exp(m)));
    const total = weights.reduce((sum, value) => sum + value, 0);
    const direction = new Float64Array(d);
    samples.forEach((row, i) => {
      for (let j = 0; j < d; j++) direction[j] += weights[i] * row[j];
    });
    theta = theta.map((value, j) => value + (100 * direction[j]) / total);
  }
  return Number.POSITIVE_INFINITY;
}

/** What the program of this paper must print. */
export default async function check(text: string): Promise<void> {
  expect(numbersIn(text)).toEqual([64, await stepsUntilSeparated()]);
  expect(text).toContain("separated: true");
}
