import { loadDataset } from "gradus/data";
import { expect } from "vitest";
import { dot } from "../use-testing.ts";

/** F1 by gradient descent on the amplified counts, written out. */
async function anyLossCounts() {
  const { x, y } = await loadDataset("breast-cancer");
  const [n, d] = [x.rows, x.columns];
  const rows = Array.from({ length: n }, (_, i) => x.values.slice(i * d, (i + 1) * d));
  for (let j = 0; j < d; j++) {
    const mean = rows.reduce((sum, row) => sum + row[j], 0) / n;
    const deviation = Math.sqrt(rows.reduce((sum, row) => sum + (row[j] - mean) ** 2, 0) / n);
    for (const row of rows) row[j] = (row[j] - mean) / deviation;
  }
  const sigmoid = (t: number) => 1 / (1 + Math.exp(-t));
  const w = new Float64Array(d);
  let bias = 0;
  for (let epoch = 0; epoch < 1000; epoch++) {
    const p = rows.map((row) => sigmoid(dot(row, w) + bias));
    const a = p.map((value) => sigmoid(73 * (value - 0.5)));
    let [tp, fp, fn] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      if (y[i] === 1) [tp, fn] = [tp + a[i], fn + 1 - a[i]];
      else fp += a[i];
    }
    // F1 = 2 tp / (2 tp + fn + fp); with P = tp + fn fixed, the denominator is tp + P + fp.
    const below = 2 * tp + fn + fp;
    const step = new Float64Array(d);
    let stepBias = 0;
    for (let i = 0; i < n; i++) {
      const slope = y[i] === 1 ? (2 * below - 2 * tp) / below ** 2 : (-2 * tp) / below ** 2;
      const s = slope * 73 * a[i] * (1 - a[i]) * p[i] * (1 - p[i]);
      for (let j = 0; j < d; j++) step[j] += s * rows[i][j];
      stepBias += s;
    }
    for (let j = 0; j < d; j++) w[j] += 0.01 * step[j];
    bias += 0.01 * stepBias;
  }
  const counts = { tp: 0, fp: 0, fn: 0, tn: 0 };
  rows.forEach((row, i) => {
    const positive = dot(row, w) + bias > 0;
    counts[positive ? (y[i] === 1 ? "tp" : "fp") : y[i] === 1 ? "fn" : "tn"] += 1;
  });
  return counts;
}

/** What the program of this paper must print. */
export default async function check(text: string): Promise<void> {
  const { tp, fp, fn, tn } = await anyLossCounts();
  expect({ tp, fp, fn, tn }).toEqual({ tp: 356, fp: 5, fn: 1, tn: 207 });
  expect(text).toContain(`{ tp: ${tp}, fp: ${fp}, fn: ${fn}, tn: ${tn} }`);
}
