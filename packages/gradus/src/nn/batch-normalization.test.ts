import { compile, f64, gradient, repeat, type Tensor, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { meanSquaredError } from "../losses/traced/regression.ts";
import { randomStream } from "../random/stream.ts";
import {
  batchNormalization,
  batchNormalizationInference,
  batchNormalizationParameters,
} from "./batch-normalization.ts";

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

test("over images, a channel has one mean and one variance for all places, as its values in one column have", async () => {
  const { parameters, state } = batchNormalizationParameters(2, "f64");
  const rows = 3;
  const places = 4;
  const stream = randomStream(5);
  const images = Float64Array.from({ length: rows * 2 * places }, () => 1 + 2 * stream.normal());
  // [rows, 2, places] as [rows places, 2].
  const columns = Float64Array.from({ length: images.length }, (_, k) => {
    const [sample, channel] = [k >> 1, k & 1];
    return images[(Math.floor(sample / places) * 2 + channel) * places + (sample % places)];
  });
  using program = await compile(
    ({ p, s, image, column }) => ({
      image: batchNormalization(p, s, image),
      column: batchNormalization(p, s, column),
      evaluated: batchNormalizationInference(p, s, image),
    }),
    {
      p: { scale: f64(2), shift: f64(2) },
      s: { mean: f64(2), variance: f64(2) },
      image: f64("n", 2, 2, 2),
      column: f64("m", 2),
    },
  );
  const { image, column, evaluated } = await program.run({
    p: { scale: Float64Array.of(2, 3), shift: Float64Array.of(-1, 1) },
    s: state,
    image: images,
    column: columns,
  });
  const expected = toNumbers(column.output);
  toNumbers(image.output).forEach((value, k) => {
    const [row, channel, place] = [Math.floor(k / 8), Math.floor(k / places) % 2, k % places];
    expect(value).toBeCloseTo(expected[(row * places + place) * 2 + channel], 13);
  });
  for (const estimate of ["mean", "variance"] as const)
    toNumbers(image.state[estimate]).forEach((v, i) => {
      expect(v).toBeCloseTo(toNumbers(column.state[estimate])[i], 14);
    });
  const inverse = 1 / Math.sqrt(1 + 1e-3);
  toNumbers(evaluated).forEach((value, k) => {
    const channel = Math.floor(k / places) % 2;
    expect(value).toBeCloseTo(images[k] * inverse * [2, 3][channel] + [-1, 1][channel], 13);
  });
  expect(parameters.scale.shape).toStrictEqual([2]);
});

test("running estimates of a constant stream approach it as 1 - momentum^t", async () => {
  const { parameters, state } = batchNormalizationParameters(1, "f64");
  using program = await compile(
    ({ p, s, x }) =>
      repeat(20, s, (running) => ({ carried: batchNormalization(p, running, x, { momentum: 0.9 }).state })),
    { p: { scale: f64(1), shift: f64(1) }, s: { mean: f64(1), variance: f64(1) }, x: f64(4, 1) },
  );
  const { carried } = await program.run({ p: parameters, s: state, x: Float64Array.of(1, 3, 5, 7) });
  expect(toNumbers(carried.mean)[0]).toBeCloseTo(4 * (1 - 0.9 ** 20), 13);
  expect(toNumbers(carried.variance)[0]).toBeCloseTo(5 + (1 - 5) * 0.9 ** 20, 13);
});
