import { loadDataset } from "gradus/data";
import { expect } from "vitest";
import { close, dot, numbersIn, solved } from "../use-testing.ts";

/** Validation losses of ridge regressions on half of the diabetes data: with penalties of 1, with the best common one. */
async function ridgeValidationLosses(): Promise<[equal: number, common: number]> {
  const { x, y } = await loadDataset("diabetes");
  const [n, d] = [x.rows, x.columns];
  const rows = Array.from({ length: n }, (_, i) => x.values.slice(i * d, (i + 1) * d));
  for (let j = 0; j < d; j++) {
    const mean = rows.reduce((sum, row) => sum + row[j], 0) / n;
    const spread = Math.sqrt(rows.reduce((sum, row) => sum + (row[j] - mean) ** 2, 0) / (n - 1));
    for (const row of rows) row[j] = (row[j] - mean) / spread;
  }
  const mean = y.reduce((sum, value) => sum + value, 0) / n;
  const targets = Float64Array.from(y, (value) => (value - mean) / 77);
  const m = n / 2;
  const products = (a: number, b: (i: number) => number) =>
    rows.slice(0, m).reduce((sum, row, i) => sum + (row[a] * b(i)) / m, 0);
  const cross = Float64Array.from({ length: d }, (_, a) => products(a, (i) => targets[i]));
  const gram = Array.from({ length: d }, (_, a) =>
    Float64Array.from({ length: d }, (_unused, b) => products(a, (i) => rows[i][b])),
  );
  const loss = (penalty: number) => {
    const w = solved(
      gram.map((row, a) => row.map((value, b) => value + (a === b ? penalty : 0))),
      cross,
    );
    return rows.slice(m).reduce((sum, row, i) => sum + (dot(row, w) - targets[m + i]) ** 2 / (2 * m), 0);
  };
  const common = Array.from({ length: 41 }, (_, k) => loss(Math.exp(-8 + k / 4)));
  return [loss(1), Math.min(...common)];
}

/** What the program of this paper must print. */
export default async function check(text: string): Promise<void> {
  const [equal, common] = await ridgeValidationLosses();
  const [first, chosen] = numbersIn(text).filter((value) => value !== 1);
  close(first, equal);
  expect(chosen).toBeLessThan(common);
}
