import { array, loadOnnx, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { timeMlp } from "../networks/time-mlp.ts";
import { geometricBrownianProcess, varianceExplodingProcess } from "../processes/brownian.ts";
import type { ForwardProcess } from "../processes/contract.ts";
import { logVariancePreservingProcess } from "../processes/log-variance-preserving.ts";
import { variancePreservingProcess } from "../processes/variance-preserving.ts";
import { exportDenoiser, exportSampler } from "./export-diffusion.ts";
import { diffusionModel } from "./model.ts";
import type { PointData } from "./point-data.ts";
import { sample } from "./sample.ts";
import { standardScaling } from "./standard-scaling.ts";
import { trainDiffusion } from "./train-diffusion.ts";

const COUNT = 500;
const RHO = 0.9;
const stream = randomStream(2).split("standardize");
/** Normal points with deviations 1, correlation 0.9, and a third column that is constant. */
const unit = Array.from({ length: COUNT }, () => {
  const [a, b] = [stream.normal(), stream.normal()];
  return [a, RHO * a + Math.sqrt(1 - RHO * RHO) * b, 0.1];
});
const wide = variancePreservingProcess({ startTime: 0.01, endTime: 5 });
const network = timeMlp({ inputs: 3, hidden: [32, 32] });
const tableOf = (of: (x: number, column: number) => number) =>
  denseMatrix(Float64Array.from(unit.flatMap((row) => row.map(of))), COUNT, 3);

async function samplesOf(data: PointData, process: ForwardProcess, { steps = 20, standardize = true } = {}) {
  const run = trainDiffusion({ data, process, network, standardize, steps, batchSize: 128, seed: 1 });
  const { model } = (await solve(run)).iterate;
  const made = await sample(model, { count: 1000, steps: 30, sampler: "exponential", seed: 2 });
  return { model, samples: made.samples };
}

function correlation({ values }: { readonly values: Float64Array }): number {
  const [sums, squares] = [
    [0, 0],
    [0, 0],
  ];
  const rows = values.length / 3;
  for (let i = 0; i < rows; i++) for (const j of [0, 1]) sums[j] += values[3 * i + j] / rows;
  let product = 0;
  for (let i = 0; i < rows; i++) {
    const [a, b] = [values[3 * i] - sums[0], values[3 * i + 1] - sums[1]];
    squares[0] += a * a;
    squares[1] += b * b;
    product += a * b;
  }
  return product / Math.sqrt(squares[0] * squares[1]);
}

test("standardized points train alike in any units, column by column", async () => {
  const { samples } = await samplesOf(
    tableOf((x) => x),
    wide,
  );
  // powers of two change no bits of a quotient of differences
  const factors = [2 ** -20, 2 ** 20, 2 ** 7];
  const { samples: scaled } = await samplesOf(
    tableOf((x, j) => x * factors[j]),
    wide,
  );
  expect(scaled.values).toEqual(samples.values.map((x, k) => x * factors[k % 3]));
  // 1e9 beside deviations of 1 is beyond float32, but not beyond the scaling
  const { samples: shifted } = await samplesOf(
    tableOf((x) => 1e9 + x),
    wide,
  );
  const difference = shifted.values.map((x, k) => Math.abs(x - 1e9 - samples.values[k]));
  expect(Math.max(...difference)).toBeLessThan(1e-3);
});

test("learns what varies together in units far from 1, and keeps constant columns", async () => {
  const data = tableOf((x, j) => [1e-6, 1e6, 1][j] * x);
  const { samples } = await samplesOf(data, wide, { steps: 600 });
  // 1000 samples and 500 points know a correlation of 0.9 to some 0.01
  expect(Math.abs(correlation(samples) - RHO)).toBeLessThan(0.06);
  for (let k = 2; k < samples.values.length; k += 3) expect(samples.values[k]).toBe(0.1);
});

test("multiplicative noise moves standardized logarithms, by every sampler", async () => {
  const data = tableOf((x, j) => Math.exp([4, 0.01, 1][j] * x));
  const process = geometricBrownianProcess({ volatility: 3, startTime: 1e-4 });
  const { model, samples } = await samplesOf(data, process, { steps: 600 });
  const logs = { values: samples.values.map(Math.log) };
  expect(Math.abs(correlation(logs) - RHO)).toBeLessThan(0.06);
  const spread = (values: Float64Array, j: number) =>
    Math.sqrt(values.reduce((sum, y, k) => (k % 3 === j ? sum + (3 * y * y) / values.length : sum), 0));
  for (const j of [0, 1]) {
    // to the error of 1000 samples, 2 %, and of a short training
    const ratio = spread(logs.values, j) / spread(data.values.map(Math.log), j);
    expect(Math.abs(ratio - 1)).toBeLessThan(0.12);
  }
  const ambient = { sampler: "ambient", steps: 500, count: 200, onNonPositive: "drop", seed: 1 } as const;
  const { samples: moved } = await sample(model, ambient);
  expect(moved.values.every((x) => x > 0)).toBe(true);
});

test("images are divided by one deviation", () => {
  const images = { shape: [3, 1, 2, 2], values: [0, 10, 5, 1, 2, 30, 5, 1, 4, 80, 5, 1.003] };
  const { center, scale } = standardScaling(varianceExplodingProcess(), images);
  const [first, second] = [
    [0, 2, 4],
    [10, 30, 80],
  ].map((x) => {
    const mean = x.reduce((a, b) => a + b) / 3;
    return { mean, variance: x.reduce((sum, one) => sum + (one - mean) ** 2 / 3, 0) };
  });
  expect(center[0]).toBeCloseTo(first.mean, 12);
  expect(center[2]).toBe(5);
  expect(scale).toEqual(new Float64Array(4).fill(scale[0]));
  expect(scale[0] ** 2).toBeCloseTo((first.variance + second.variance + 2e-6) / 4, 4);
});

test("points of several axes are divided by one deviation, rows of a matrix column by column", () => {
  const process = varianceExplodingProcess();
  const values = [0, 10, 0, 30, 3, 50];
  // deviations sqrt(2) and sqrt(800 / 3) of the columns
  expect(standardScaling(process, { shape: [3, 2], values }).scale[1]).toBeCloseTo(Math.sqrt(800 / 3), 12);
  const pooled = Math.sqrt((2 + 800 / 3) / 2);
  for (const shape of [
    [3, 1, 2],
    [3, 2, 1],
    [3, 1, 1, 2],
  ])
    for (const one of standardScaling(process, { shape, values }).scale) expect(one).toBeCloseTo(pooled, 12);
});

test("whatever a constant coordinate is where particles start, it moves nothing", async () => {
  const { model } = await samplesOf(
    tableOf((x) => x),
    wide,
  );
  const startOf = (third: number) => Float64Array.of(1, -1, third, 0.5, 2, third);
  const sampleFrom = async (third: number) => {
    const start = denseMatrix(startOf(third), 2, 3);
    return (await sample(model, { start, steps: 5, seed: 4 })).samples.values;
  };
  expect(await sampleFrom(7)).toEqual(await sampleFrom(0.1));
  using denoiser = await loadOnnx(exportDenoiser(model));
  const denoised = async (third: number) => {
    const x = array(Float32Array.from(startOf(third)), [2, 3]);
    return toNumbers((await denoiser.run({ x, t: new Float32Array(2).fill(0.3) })).denoised);
  };
  expect(await denoised(7)).toEqual(await denoised(0.1));
});

test("files of a standardized model compute in the data's units", async () => {
  for (const process of [wide, logVariancePreservingProcess({ startTime: 0.01, endTime: 5 })]) {
    const log = process.space === "log";
    const own = (y: number, j: number) =>
      log ? Math.exp([3, 0.1, 1][j] * y) : [1e3, 1e-3, 1][j] * y + 2 * j;
    const rows = unit.flatMap(([a, b]) => [a, b, a - b].map(own));
    const { model } = await samplesOf(denseMatrix(Float64Array.from(rows), COUNT, 3), process);
    const { scaling, moments } = model;
    if (!scaling) throw new Error("the model has no scaling");
    const noise = randomStream(3).fillNormal(new Float32Array(60));
    const options = { steps: 8, sampler: "probability-flow" } as const;
    using file = await loadOnnx(exportSampler(model, options));
    const made = toNumbers((await file.run({ noise: array(noise, [20, 3]), draw: 5 })).samples);

    // where these numbers start, in the data's units
    const [factor, added] = [process.scale(process.endTime), process.variance(process.endTime)];
    const values = Float64Array.from(noise, (z, k) => {
      const j = k % 3;
      const y = factor * moments.mean[j] + Math.sqrt(factor * factor * moments.variance[j] + added) * z;
      return log
        ? Math.exp(scaling.scale[j] * y + scaling.center[j])
        : scaling.scale[j] * y + scaling.center[j];
    });
    const { samples } = await sample(model, { ...options, start: denseMatrix(values, 20, 3) });
    const apart = (x: number, y: number, j: number) =>
      log ? Math.abs(x / y - 1) : Math.abs(x - y) / scaling.scale[j];
    samples.values.forEach((x, k) => {
      expect(apart(made[k], x, k % 3)).toBeLessThan(1e-3);
    });

    // a single step of almost no length, then the estimate at its end
    const t = 0.3;
    const step = { times: Float64Array.of(t * (1 + 1e-9), t), start: denseMatrix(values, 20, 3) };
    const { samples: clean } = await sample(model, { ...step, sampler: "probability-flow" });
    using denoiser = await loadOnnx(exportDenoiser(model));
    const x = array(Float32Array.from(values), [20, 3]);
    const given = { x, t: new Float32Array(20).fill(t) };
    toNumbers((await denoiser.run(given)).denoised).forEach((value, k) => {
      expect(apart(value, clean.values[k], k % 3)).toBeLessThan(2e-3);
    });
  }
});

test("noise that hides the data, or leaves them as they are, is refused with what to do", async () => {
  const small = tableOf((x) => 1e-6 * x);
  await expect(samplesOf(small, wide, { standardize: false })).rejects.toThrow(DataError);
  await expect(samplesOf(small, wide, { standardize: false })).rejects.toThrow(
    /^the data must vary more than the noise at the start of the variance preserving process, 0\.1, got standard deviations up to 0\.0000010\d; set standardize: true/,
  );
  const large = tableOf((x) => 1e6 * x);
  await expect(samplesOf(large, wide, { standardize: false })).rejects.toThrow(ArgumentError);
  await expect(samplesOf(large, wide, { standardize: false })).rejects.toThrow(
    /^prior needs noise at the end of the variance preserving process of at least .*train with standardize: true/,
  );
  const decades = tableOf((x) => Math.exp(5 * x));
  await expect(
    samplesOf(decades, geometricBrownianProcess({ volatility: 0.8 }), { standardize: false }),
  ).rejects.toThrow(/largest standard deviation of the logarithms of the data/);
});

test("points that are all the same are neither hidden nor blown up", async () => {
  const same = tableOf((_, j) => [0.1, 3, 1e6][j]);
  const { model } = await samplesOf(same, wide, { standardize: false });
  expect(model.scaling).toBeUndefined();
  const { samples } = await samplesOf(same, wide);
  expect(samples.values).toEqual(Float64Array.from({ length: 3000 }, (_, k) => [0.1, 3, 1e6][k % 3]));
});

test("samples that overflow in their own units are refused", async () => {
  const { model } = await samplesOf(
    tableOf((x) => Math.exp(x)),
    logVariancePreservingProcess(),
  );
  const scaling = { center: new Float64Array(3), scale: new Float64Array(3).fill(1e4) };
  await expect(sample({ ...model, scaling }, { count: 10, steps: 5 })).rejects.toThrow(
    /particles overflowed/,
  );
});

test("a kept model takes its scaling, and refuses another size", async () => {
  const { model, samples } = await samplesOf(
    tableOf((x, j) => 100 * x + j),
    wide,
  );
  const { process, shape, moments, scaling, parameters } = model;
  const again = diffusionModel({ process, shape, moments, scaling, parameters, network });
  const made = await sample(again, { count: 1000, steps: 30, sampler: "exponential", seed: 2 });
  expect(made.samples).toEqual(samples);
  for (const [center, scale] of [
    [
      [0, 0],
      [1, 1, 1],
    ],
    [
      [0, 0, 0],
      [1, 1, -1],
    ],
    [
      [0, 0, Number.NaN],
      [1, 1, 1],
    ],
  ])
    expect(() =>
      diffusionModel({
        ...{ process, shape, moments, parameters, network },
        scaling: { center: Float64Array.from(center), scale: Float64Array.from(scale) },
      }),
    ).toThrow(ArgumentError);
});
