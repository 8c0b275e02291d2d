import { array, compile, f64, gradient, i64, item, jvp, type Tensor, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../errors.ts";
import { randomStream } from "../random/stream.ts";
import {
  batchNormalization,
  batchNormalizationInference,
  batchNormalizationParameters,
} from "./batch-normalization.ts";
import { dense, denseParameters } from "./dense.ts";
import { glorotUniform, heNormal, zeroWeights } from "./initializers.ts";
import { meanSquaredError, sigmoidCrossEntropy, softmaxCrossEntropy } from "./losses.ts";

test("a dense layer is x W + b", async () => {
  using program = await compile(({ p, x }) => dense(p, x), {
    p: { weights: f64(2, 2), bias: f64(2) },
    x: f64("n", 2),
  });
  const y = await program.run({
    p: { weights: Float64Array.of(1, 2, 3, 4), bias: Float64Array.of(10, 20) },
    x: Float64Array.of(1, 1, 0, 2),
  });
  expect(toNumbers(y)).toStrictEqual([14, 26, 16, 28]);
});

test("initializers have the published variances, and the seed decides them", () => {
  const variance = (data: ArrayLike<number>) => Array.from(data).reduce((s, v) => s + v * v, 0) / data.length;
  // 40,000 draws: the relative standard error of a variance is below 1 %.
  const he = heNormal(randomStream(1), 100, 400, "f64");
  expect(variance(he.data as Float64Array) / (2 / 100)).toBeCloseTo(1, 1);
  const glorot = glorotUniform(randomStream(1), 100, 400, "f64");
  expect(variance(glorot.data as Float64Array) / (2 / 500)).toBeCloseTo(1, 1);
  expect(Math.max(...toNumbers(glorot).map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(6 / 500));
  expect(toNumbers(zeroWeights(randomStream(1), 2, 3, "f32"))).toStrictEqual(new Array(6).fill(0));
  const layer = (seed: number) => denseParameters({ inputs: 3, outputs: 2, stream: randomStream(seed) });
  expect(layer(4)).toStrictEqual(layer(4));
  expect(layer(4)).not.toStrictEqual(layer(5));
  expect(() => denseParameters({ inputs: 0, outputs: 2, stream: randomStream(1) })).toThrow(ArgumentError);
});

test("batch normalization: zero mean and unit variance a feature in training, running estimates at inference", async () => {
  const { parameters, state } = batchNormalizationParameters(2, "f64");
  const signature = {
    p: { scale: f64(2), shift: f64(2) },
    s: { mean: f64(2), variance: f64(2) },
    x: f64("n", 2),
  };
  using program = await compile(
    ({ p, s, x }) => ({
      training: batchNormalization(p, s, x, { momentum: 0.75, epsilon: 0 }),
      inference: batchNormalizationInference(p, s, x, { epsilon: 0 }),
    }),
    signature,
  );
  const x = Float64Array.of(1, 10, 2, 20, 3, 60);
  const { training, inference } = await program.run({ p: parameters, s: state, x });
  const out = toNumbers(training.output);
  for (const feature of [0, 1]) {
    const values = [out[feature], out[2 + feature], out[4 + feature]];
    expect(values.reduce((a, b) => a + b)).toBeCloseTo(0, 14);
    expect(values.reduce((a, b) => a + b * b) - values[0] + values[0] ** 2).toBeCloseTo(3, 13);
  }
  expect(toNumbers(training.state.mean)).toStrictEqual([0.25 * 2, 0.25 * 30]);
  expect(toNumbers(training.state.variance)[0]).toBeCloseTo(0.75 + 0.25 * (2 / 3), 14);
  expect(toNumbers(inference)).toStrictEqual([...x]);
});

test("the gradient of batch normalization in its input is that of the closed form", async () => {
  // Ioffe and Szegedy (2015), the chain rule below Algorithm 1.
  const p = { scale: Float64Array.of(1.5), shift: Float64Array.of(0.2) };
  const x = [0.3, -1.2, 2.5, 0.9];
  const c = [0.7, -0.4, 1.1, 0.3];
  using program = await compile(
    ({ p, s, x, c }) =>
      gradient((v: Tensor) => meanSquaredError(batchNormalization(p, s, v, { epsilon: 1e-3 }).output, c))(x),
    {
      p: { scale: f64(1), shift: f64(1) },
      s: { mean: f64(1), variance: f64(1) },
      x: f64("n", 1),
      c: f64("n", 1),
    },
  );
  const g = toNumbers(
    await program.run({
      p,
      s: { mean: Float64Array.of(0), variance: Float64Array.of(1) },
      x: Float64Array.from(x),
      c: Float64Array.from(c),
    }),
  );
  const m = x.reduce((a, b) => a + b) / 4;
  const v = x.reduce((a, b) => a + (b - m) ** 2, 0) / 4;
  const inverse = 1 / Math.sqrt(v + 1e-3);
  const hat = x.map((value) => (value - m) * inverse);
  const dy = hat.map((h, i) => (2 / 4) * (1.5 * h + 0.2 - c[i]) * 1.5);
  const meanDy = dy.reduce((a, b) => a + b) / 4;
  const meanDyHat = dy.reduce((a, b, i) => a + b * hat[i], 0) / 4;
  dy.forEach((d, i) => {
    expect(g[i]).toBeCloseTo(inverse * (d - meanDy - hat[i] * meanDyHat), 13);
  });
});

test("cross-entropies agree with their definitions and stay exact for large logits", async () => {
  using program = await compile(
    ({ z, y, w, labels }) => ({
      binary: sigmoidCrossEntropy(z, y),
      weighted: sigmoidCrossEntropy(z, y, { positiveWeight: 3 }),
      slope: jvp((v: Tensor) => sigmoidCrossEntropy(v, y), z, y).tangent,
      categorical: softmaxCrossEntropy(w, labels),
    }),
    { z: f64("n"), y: f64("n"), w: f64("n", 3), labels: i64("n") },
  );
  const z = [0.4, -1.3, 900];
  const y = [1, 0, 0];
  const w = [0.1, 0.5, -0.2, 1000, 0, 0, 0, 0, 0];
  const result = await program.run({
    z: Float64Array.from(z),
    y: Float64Array.from(y),
    w: array(Float64Array.from(w), [3, 3]),
    labels: Int32Array.of(1, 1, 2),
  });
  const p = (v: number) => 1 / (1 + Math.exp(-v));
  expect(item(result.binary)).toBeCloseTo((-Math.log(p(0.4)) - Math.log(1 - p(-1.3)) + 900) / 3, 12);
  expect(item(result.weighted)).toBeCloseTo((-3 * Math.log(p(0.4)) - Math.log(1 - p(-1.3)) + 900) / 3, 12);
  expect(item(result.slope)).toBeCloseTo((p(0.4) - 1) / 3, 14);
  const first = -Math.log(Math.exp(0.5) / (Math.exp(0.1) + Math.exp(0.5) + Math.exp(-0.2)));
  expect(item(result.categorical)).toBeCloseTo((first + 1000 + Math.log(3)) / 3, 12);
});
