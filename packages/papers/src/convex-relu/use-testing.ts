import { loadDataset } from "gradus/data";
import { expect } from "vitest";
import { close, dot, numbersIn, solved } from "../use-testing.ts";

/** The share of the diabetes data's variance that linear least squares explains. */
async function explainedByLine(): Promise<number> {
  const { x, y } = await loadDataset("diabetes");
  const d = x.columns + 1;
  const rows = Array.from({ length: x.rows }, (_, i) => [
    ...x.values.subarray(i * (d - 1), (i + 1) * (d - 1)),
    1,
  ]);
  const normal = Array.from({ length: d }, (_, a) =>
    Array.from({ length: d }, (_, b) => rows.reduce((sum, row) => sum + row[a] * row[b], 0)),
  );
  const right = Array.from({ length: d }, (_, a) => rows.reduce((sum, row, i) => sum + row[a] * y[i], 0));
  const weights = solved(normal, right);
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  let [wrong, spread] = [0, 0];
  rows.forEach((row, i) => {
    wrong += (y[i] - dot(row, weights)) ** 2;
    spread += (y[i] - mean) ** 2;
  });
  return 1 - wrong / spread;
}

/** What the program of this paper must print. */
export default async function check(text: string): Promise<void> {
  const [objective, bound, gap, explained] = numbersIn(text);
  expect(bound).toBeLessThanOrEqual(objective);
  close(gap, 100 * (1 - bound / objective), 0.1);
  expect(gap).toBeLessThan(0.1);
  // 0.52 on all rows is known of the linear model; unseen rows scatter around that
  const line = await explainedByLine();
  expect(line).toBeCloseTo(0.5177, 4);
  expect(Math.abs(explained - line)).toBeLessThan(0.15);
}
