import { loadDataset, trainTestSplit } from "gradus/data";
import { randomStream } from "gradus/random";
import { expect } from "vitest";
import { average, close, dot, numbersIn, topEigenvalue } from "../use-testing.ts";

/** The loss of score estimation on iris before training and after some steps, by gradient descent in plain loops. */
async function irisScoreLosses(steps: number): Promise<readonly [number, number]> {
  const { x } = await loadDataset("iris");
  const d = x.columns;
  const rows = Array.from({ length: x.rows }, (_, i) => x.values.slice(i * d, (i + 1) * d));
  const means = Array.from({ length: d }, (_, j) => average(rows.map((row) => row[j])));
  const deviations = means.map((m, j) =>
    Math.sqrt(rows.reduce((sum, row) => sum + (row[j] - m) ** 2, 0) / (rows.length - 1)),
  );
  const scaled = rows.map((row) => row.map((value, j) => (value - means[j]) / deviations[j]));
  const { train, test } = trainTestSplit(rows.length, { testShare: 0.3, seed: 1 });
  const draw = (indices: Int32Array, draws: number, seed: number) => {
    const n = indices.length * draws;
    const stream = randomStream(seed);
    const times = stream.split("times").fillUniform(new Float64Array(n));
    const noise = stream.split("noise").fillNormal(new Float64Array(n * d));
    return Array.from({ length: n }, (_, i) => {
      const t = 0.05 + 2.95 * times[i];
      const clean = scaled[indices[Math.floor(i / draws)]];
      const noisy = clean.map(
        (value, j) => Math.exp(-t / 2) * value + Math.sqrt(1 - Math.exp(-t)) * noise[i * d + j],
      );
      return { clean, z: Float64Array.of(...noisy, t - 0.05, 1) };
    });
  };
  const kernel = (u: Float64Array, v: Float64Array) => {
    const cosine = dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v));
    return (dot(u, v) * (Math.PI - Math.acos(Math.min(1, Math.max(-1, cosine))))) / (2 * Math.PI);
  };
  const data = draw(train, 4, 1);
  const heldOut = draw(test, 8, 2);
  const n = data.length;
  const K = data.map(({ z }) => Float64Array.from(data, (other) => kernel(z, other.z)));
  const rate = 1 / topEigenvalue((v) => Float64Array.from(K, (row) => dot(row, v)), n, 200);
  // f = sum_j K(z, z_j) a_j, and a step moves a_j by the error at j
  const a = data.map(() => new Float64Array(d));
  for (let step = 0; step < steps; step++) {
    const f = K.map((row) =>
      Float64Array.from({ length: d }, (_, j) =>
        dot(
          row,
          a.map((one) => one[j]),
        ),
      ),
    );
    for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) a[i][j] -= rate * (f[i][j] - data[i].clean[j]);
  }
  const loss = (coefficients: readonly Float64Array[]) =>
    average(
      heldOut.map(({ z, clean }) => {
        const row = Float64Array.from(data, (one) => kernel(z, one.z));
        return clean.reduce(
          (sum, value, j) =>
            sum +
            (value -
              dot(
                row,
                coefficients.map((one) => one[j]),
              )) **
              2,
          0,
        );
      }),
    );
  return [loss(a.map(() => new Float64Array(d))), loss(a)];
}

/** What the program of this paper must print. */
export default async function check(text: string): Promise<void> {
  const [untrained, trained, steps] = numbersIn(text);
  const [before, after] = await irisScoreLosses(steps);
  close(untrained, before);
  close(trained, after, 1e-6);
  const flowers = numbersIn(text.slice(text.indexOf("flowers:")));
  expect(flowers).toHaveLength(12);
  // standardized measurements
  for (const value of flowers) expect(Math.abs(value)).toBeLessThan(4);
}
