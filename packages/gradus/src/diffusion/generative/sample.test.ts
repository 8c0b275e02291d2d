import { add, div, mul, neg, square, sub, type Tensor } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError, ConvergenceError, DataError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { normalCdf } from "../../statistics/normal-distribution.ts";
import { geometricBrownianProcess, varianceExplodingProcess } from "../processes/brownian.ts";
import type { ForwardProcess } from "../processes/contract.ts";
import { logVariancePreservingProcess } from "../processes/log-variance-preserving.ts";
import { variancePreservingProcess } from "../processes/variance-preserving.ts";
import { compileSampler } from "./compile-sampler.ts";
import { exportDenoiser, exportSampler } from "./export-diffusion.ts";
import { exactModel, type NoiseLevel } from "./model.ts";
import { sample, samplePath } from "./sample.ts";
import type { SamplerName } from "./step-table.ts";

const [MEAN, VARIANCE] = [0.3, 0.0625];

/** The law N(0.3, 0.25^2) of Y_0 with its exact score. */
const normalModel = (process: ForwardProcess) =>
  exactModel({
    process,
    shape: [1],
    moments: { mean: Float32Array.of(MEAN), variance: Float32Array.of(VARIANCE) },
    score: (y: Tensor, { scale, shift, deviation }: NoiseLevel) => {
      const variance = add(mul(square(scale), VARIANCE), square(deviation));
      return neg(div(sub(y, add(mul(scale, MEAN), shift)), variance));
    },
  });

const logMoments = (values: Float64Array, log: boolean) => {
  const y = log ? values.map(Math.log) : values;
  const mean = y.reduce((sum, v) => sum + v, 0) / y.length;
  return { mean, variance: y.reduce((sum, v) => sum + (v - mean) ** 2, 0) / y.length };
};

test("every sampler of every process brings a normal law back, to the error of its steps", async () => {
  const count = 20_000;
  const processes = [
    geometricBrownianProcess({ drift: 0.5, volatility: 0.8 }),
    varianceExplodingProcess({ volatility: 2 }),
    variancePreservingProcess({ speed: 4, startTime: 1e-3 }),
    logVariancePreservingProcess({ speed: 4, startTime: 1e-3 }),
  ];
  for (const process of processes) {
    const isLog = process.space === "log";
    const samplers: SamplerName[] = ["euler-maruyama", "exponential", "probability-flow"];
    if (isLog) samplers.push("ambient");
    for (const sampler of samplers) {
      const { samples } = await sample(normalModel(process), {
        count,
        steps: sampler === "probability-flow" ? 40 : 250,
        sampler,
        denoise: false,
        onNonPositive: "drop",
        seed: 1,
      });
      const { mean, variance } = logMoments(samples.values, isLog);
      const name = `${process.name}, ${sampler}`;
      // the law at the end of the run, a little before the data
      const t = process.startTime;
      const center = MEAN * process.scale(t) + process.shift(t);
      const spread = VARIANCE * process.scale(t) ** 2 + process.variance(t);
      expect(Math.abs(mean - center), name).toBeLessThan(4 * Math.sqrt(spread / count) + 0.003);
      expect(Math.abs(variance / spread - 1), name).toBeLessThan(4 * Math.sqrt(2 / count) + 0.03);
    }
  }
});

test("the variance of Dale-Langevin samples is that of its recursion", async () => {
  const process = geometricBrownianProcess({ volatility: 0.8 });
  const count = 40_000;
  const { samples } = await sample(normalModel(process), {
    count,
    steps: 10,
    times: "uniform",
    denoise: false,
    seed: 3,
  });
  const delta = (process.endTime - process.startTime) / 10;
  let v = VARIANCE + process.variance(1);
  for (let k = 0; k < 10; k++)
    v = (1 - (delta * 0.64) / (VARIANCE + process.variance(1 - k * delta))) ** 2 * v + delta * 0.64;
  const { variance } = logMoments(samples.values, true);
  expect(Math.abs(variance / v - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
});

test("the same seed gives the same samples, in one call, step by step and resumed", async () => {
  const model = normalModel(geometricBrownianProcess({ volatility: 0.8 }));
  const settings = { count: 50, steps: 23, seed: 9 } as const;
  const { samples, evaluations } = await sample(model, settings);
  expect(evaluations).toBe(24);
  const states = [];
  for await (const iterate of samplePath(model, { ...settings, stepsPerIterate: 7 })) states.push(iterate);
  expect(states.map(({ steps }) => steps)).toEqual([0, 7, 14, 21, 23]);
  expect(states[4].denoised.values).toEqual(samples.values);
  const { iterate } = await solve(
    samplePath(model, { ...settings, stepsPerIterate: 7, resume: structuredClone(states[2]) }),
  );
  expect(iterate.denoised.values).toEqual(samples.values);
  const { samples: others } = await sample(model, { ...settings, seed: 10 });
  expect(others.values[0]).not.toBe(samples.values[0]);
});

test("samples that are watched are the same, and end when their signal is aborted", async () => {
  const model = normalModel(geometricBrownianProcess({ volatility: 0.8 }));
  const settings = { count: 50, steps: 23, seed: 9 } as const;
  const { samples } = await sample(model, settings);
  using sampler = await compileSampler(model);
  const seen: number[][] = [];
  const watched = await sampler.sample({ ...settings, onProgress: (...at) => seen.push(at) });
  expect(seen).toEqual([10, 20, 23].map((steps) => [steps, 23]));
  expect(watched.samples).toEqual(samples);
  expect((await sample(model, { ...settings, signal: new AbortController().signal })).samples).toEqual(
    samples,
  );
  for (const last of [10, 20]) {
    const controller = new AbortController();
    const reached: number[] = [];
    const stopped = sampler.sample({
      ...settings,
      signal: controller.signal,
      onProgress(steps) {
        reached.push(steps);
        if (steps === last) controller.abort(new Error("enough"));
      },
    });
    await expect(stopped).rejects.toThrow("enough");
    expect(reached.at(-1)).toBe(last);
  }
  const before = { ...settings, signal: AbortSignal.abort(new Error("before")) };
  await expect(sampler.sample(before)).rejects.toThrow("before");
  await expect(sample(model, before)).rejects.toThrow("before");
  // what was stopped leaves nothing behind
  expect((await sampler.sample(settings)).samples).toEqual(samples);
});

test("data in other units give samples in other units", async () => {
  const process = geometricBrownianProcess({ volatility: 0.8 });
  const model = normalModel(process);
  const start = { shape: [4, 1], values: [0.5, 1, 2, 3] };
  const { samples } = await sample(model, { start, steps: 20, seed: 1 });
  const shifted = exactModel({
    process,
    shape: [1],
    moments: model.moments,
    score: (y, level) => neg(div(model.noise({}, sub(y, Math.log(7)), level), level.deviation)),
  });
  const scaledStart = { shape: [4, 1], values: [3.5, 7, 14, 21] };
  const { samples: larger } = await sample(shifted, { start: scaledStart, steps: 20, seed: 1 });
  larger.values.forEach((value, i) => {
    expect(value / samples.values[i]).toBeCloseTo(7, 4);
  });
});

test("ambient steps that leave the positive numbers are counted, kept, dropped or refused", async () => {
  const model = normalModel(geometricBrownianProcess({ drift: 0.32, volatility: 0.8, startTime: 0.01 }));
  const run = { count: 20_000, steps: 5, times: "uniform", seed: 2 } as const;
  using sampler = await compileSampler(model, { sampler: "ambient" });
  await expect(sampler.sample(run)).rejects.toThrow(ConvergenceError);
  await expect(sampler.sample(run)).rejects.toThrow(/of 20000 particles became negative or 0/);
  const kept = await sampler.sample({ ...run, onNonPositive: "keep" });
  expect(kept.nonPositive).toBeGreaterThan(0);
  expect(kept.samples.rows).toBe(20_000);
  const dropped = await sampler.sample({ ...run, onNonPositive: "drop" });
  expect(dropped.samples.rows).toBe(20_000 - kept.nonPositive);
  expect(dropped.samples.values.every((x) => x > 0)).toBe(true);
  const log = await sample(model, run);
  expect(log.nonPositive).toBe(0);
});

test("kept particles are those of x <- x (1 + ...), with the signs that it gives", async () => {
  // a law so wide that its score in logarithms is 0 and every factor 1 + delta (sigma^2 - mu) + sqrt(delta) sigma Z
  const [sigma, mu] = [0.8, 0.1];
  const process = geometricBrownianProcess({ drift: mu, volatility: sigma, startTime: 0.1 });
  const model = exactModel({
    process,
    shape: [1],
    moments: { mean: Float32Array.of(0), variance: Float32Array.of(1) },
    score: (y) => mul(y, 0),
  });
  const [count, first] = [100_000, 1.4];
  const times = Float64Array.of(1, 0.6, 0.1);
  const start = { shape: [count, 1], values: new Float64Array(count).fill(first) };
  const run = { start, times, sampler: "ambient", onNonPositive: "keep", denoise: false, seed: 4 } as const;
  const { samples, nonPositive } = await sample(model, run);
  // products of independent normal numbers
  let [mean, square, inside, odd] = [first, first * first, 1, 0];
  for (const delta of [0.4, 0.5]) {
    const [m, v] = [1 + delta * (sigma * sigma - mu), delta * sigma * sigma];
    const tail = normalCdf(-m / Math.sqrt(v));
    mean *= m;
    square *= m * m + v;
    inside *= 1 - tail;
    odd = odd * (1 - tail) + (1 - odd) * tail;
  }
  const share = (of: number, p: number) => Math.abs(of / count - p) / Math.sqrt((p * (1 - p)) / count);
  const found = samples.values.reduce((sum, x) => sum + x / count, 0);
  expect(Math.abs(found - mean)).toBeLessThan(4 * Math.sqrt((square - mean * mean) / count));
  expect(share(nonPositive, 1 - inside)).toBeLessThan(4);
  expect(share(samples.values.filter((x) => x < 0).length, odd)).toBeLessThan(4);
  expect(samples.values.reduce((sum, x) => sum + (x * x) / count, 0) / square).toBeCloseTo(1, 1);
});

test("the authors' settings: inner steps, shorter steps, fading noise, steps without noise", async () => {
  const model = normalModel(geometricBrownianProcess({ volatility: 0.8 }));
  const { samples, evaluations } = await sample(model, {
    count: 100,
    steps: 10,
    times: "uniform",
    innerSteps: 3,
    stepScale: 0.2,
    noiseDecay: 0.9,
    denoisingSteps: 5,
    denoise: false,
    seed: 1,
  });
  expect(evaluations).toBe(35);
  expect(samples.values.every((x) => Number.isFinite(x) && x > 0)).toBe(true);
});

test("what is no model is refused where samples or files are made", async () => {
  const message = "model must be a diffusion model, such as an iterate of trainDiffusion has, got";
  for (const wrong of [undefined, null, {}, { process: geometricBrownianProcess() }]) {
    const model = wrong as unknown as Parameters<typeof sample>[0];
    await expect(sample(model)).rejects.toThrow(message);
    expect(() => exportSampler(model)).toThrow(message);
    expect(() => exportDenoiser(model)).toThrow(message);
  }
  const own = { ...geometricBrownianProcess(), scale: undefined } as unknown as ForwardProcess;
  expect(() => normalModel(own)).toThrow("process.scale must be a function, got undefined");
  const broken = { ...normalModel(geometricBrownianProcess()), process: own };
  await expect(sample(broken)).rejects.toThrow("process.scale must be a function, got undefined");
});

test("settings that do not fit are refused", async () => {
  const model = normalModel(geometricBrownianProcess({ volatility: 0.8 }));
  const refused = async (options: object, message: string | RegExp, of = ArgumentError) => {
    await expect(sample(model, options)).rejects.toThrow(message);
    await expect(sample(model, options)).rejects.toBeInstanceOf(of);
  };
  await refused({ steps: 0 }, "steps must be a positive integer, got 0");
  await refused({ sampler: "ddpm" }, 'sampler must be "euler-maruyama", "ambient", "exponential" or');
  await refused({ times: Float64Array.of(1, 2) }, /times must be in \[0.001, 1\], got 2/);
  await refused({ times: Float64Array.of(0.5, 0.7) }, "times must descend");
  await refused({ count: 5, start: { shape: [2, 1], values: [1, 1] } }, "start must be given without count");
  await refused(
    { start: { shape: [2, 1], values: [1, -1] } },
    /must be positive, got -1 in point 1/,
    DataError,
  );
  await refused(
    { sampler: "probability-flow", innerSteps: 2 },
    "innerSteps must be 1 for the probability-flow",
  );
  // one point to start from is enough, as is one to make
  const one = await sample(model, { start: denseMatrix([1.5], 1, 1), steps: 3, denoise: false });
  expect(one.samples.rows).toBe(1);
  await refused(
    { start: denseMatrix([-1], 1, 1) },
    "start of a geometric Brownian process must be",
    DataError,
  );
  await refused({ start: { shape: [0, 1], values: [] } }, "start must have at least one point", DataError);
  await refused({ noiseDecay: 0 }, "noiseDecay must be in (0, 1], got 0");
  await refused({ prior: { mean: 0, deviation: -1 } }, "prior.deviation must be a positive number, got -1");
  await refused({ sampel: 1 }, 'no option "sampel"');
  const additive = normalModel(varianceExplodingProcess());
  await expect(sample(additive, { sampler: "ambient" })).rejects.toThrow(/noise is multiplicative/);
  await expect(sample(model, { prior: { mean: 0, deviation: 1e38 }, denoise: false })).rejects.toThrow(
    /particles overflowed between steps 1 and 250/,
  );
});
