import { describe, expect, test } from "vitest";
import { ArgumentError, ConvergenceError, DataError } from "../../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { solve } from "../../iterate/iterate.ts";
import { twoLayerKernel } from "../../kernels/two-layer-kernel.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { mixtureTarget } from "../exact/mixture.ts";
import { diffuse } from "../processes/marginals.ts";
import { variancePreservingProcess } from "../processes/variance-preserving.ts";
import { kernelScore } from "./kernel-score.ts";
import { regressionLoss, scoreRegression } from "./regression.ts";
import { networkScore, trainScoreNetwork } from "./train-network.ts";
import { twoLayerNetwork, twoLayerOutputs } from "./two-layer-network.ts";

const process = variancePreservingProcess();
const centers = denseMatrix([0.8, 0.8, -0.8, 0.8, -0.8, -0.8, 0.8, -0.8], 4, 2);
const target = mixtureTarget(process, { centers, weights: [0.1, 0.2, 0.3, 0.4] });
const draw = (n: number, seed: number, options = {}) =>
  scoreRegression(process, target.sample(n, randomStream(seed)), { seed, ...options });
const network = (options = {}) => twoLayerNetwork({ inputs: 4, outputs: 2, width: 64, seed: 1, ...options });

describe("the regression", () => {
  test.each(["clean", "noise", "score", (t: number) => 2 + t] as const)(
    "weighs errors of the clean point like errors of the score, weighting %s",
    (weighting) => {
      const data = draw(50, 3, { weighting });
      const f = data.points.values.map((x) => Math.tanh(3 * x));
      let matching = 0;
      for (let i = 0; i < 50; i++) {
        const t = data.times[i];
        const [alpha, h] = [Math.exp(-t / 2), 1 - Math.exp(-t)];
        const lambda = {
          clean: (h * h) / (alpha * alpha),
          noise: h,
          score: 1,
        };
        const weight = typeof weighting === "function" ? weighting(t) : lambda[weighting];
        for (let k = 2 * i; k < 2 * i + 2; k++) {
          const x = data.points.values[k];
          const score = (alpha * f[k] - x) / h;
          const conditional = (alpha * data.clean.values[k] - x) / h;
          matching += weight * (score - conditional) ** 2;
        }
      }
      expect(regressionLoss(data, f) / (matching / 50)).toBeCloseTo(1, 10);
    },
  );

  test("repeats labels over draws, leaves out points beyond the radius, and makes the inputs", () => {
    const data = draw(20, 5, { drawsPerSample: 3, truncationRadius: 1.2 });
    const whole = draw(20, 5, { drawsPerSample: 3 });
    expect(whole.clean.rows).toBe(60);
    expect([...whole.clean.values.slice(0, 2)]).toEqual([...whole.clean.values.slice(4, 6)]);
    const kept = Array.from({ length: 60 }, (_, i) => i).filter((i) =>
      whole.points.values.subarray(2 * i, 2 * i + 2).every((x) => Math.abs(x) <= 1.2),
    );
    expect(data.times).toEqual(Float64Array.from(kept, (i) => whole.times[i]));
    expect(kept.length).toBeLessThan(60);
    const [t, x] = [data.times[4], data.points.values.slice(8, 10)];
    expect([...data.inputs.values.slice(16, 20)]).toEqual([...x, t - 0.05, 1]);
    const scaled = draw(20, 5, { pointScale: 0.5, bias: false });
    expect(scaled.inputs.columns).toBe(3);
    expect(scaled.inputs.values[0]).toBe(scaled.points.values[0] / 2);
    expect(Math.min(...whole.times)).toBeGreaterThanOrEqual(0.05);
    expect(Math.max(...whole.times)).toBeLessThanOrEqual(1);
  });

  test("refuses bad data and options", () => {
    const bad = denseMatrix([0, 1, Number.NaN, 2], 2, 2);
    expect(() => scoreRegression(process, bad, { seed: 1 })).toThrow(
      /clean must be finite, got NaN in row 1/,
    );
    expect(() => scoreRegression(process, denseMatrix([], 0, 2), { seed: 1 })).toThrow(ArgumentError);
    expect(() => draw(4, 1, { drawsPerSample: 0 })).toThrow(/drawsPerSample must be a positive integer/);
    expect(() => draw(4, 1, { truncationRadius: 1e-9 })).toThrow(/no point is within truncationRadius/);
    expect(() => draw(4, 1, { weighting: "flat" })).toThrow(/weighting must be/);
    expect(() => draw(4, 1, { weighting: () => -1 })).toThrow(/weighting must give numbers >= 0, got -1/);
    expect(() => draw(4, 1, { rows: 1 })).toThrow(/no option "rows"/);
    expect(() => regressionLoss(draw(4, 1), new Float64Array(3))).toThrow(/f must have 4 x 2 numbers, got 3/);
  });
});

describe("the network", () => {
  test("starts as zero when antisymmetric, and as the sum over its units otherwise", () => {
    const data = draw(10, 2);
    expect(twoLayerOutputs(network(), data.inputs).every((f) => Math.abs(f) < 1e-6)).toBe(true);
    const plain = network({ antisymmetric: false, width: 7, scale: 0.5 });
    const f = twoLayerOutputs(plain, data.inputs);
    for (let i = 0; i < 10; i++)
      for (let k = 0; k < 2; k++) {
        let sum = 0;
        for (let r = 0; r < 7; r++) {
          let along = 0;
          for (let c = 0; c < 4; c++) along += plain.weights[4 * r + c] * data.inputs.values[4 * i + c];
          sum += plain.outputWeights[2 * r + k] * Math.max(along, 0);
        }
        expect(f[2 * i + k]).toBeCloseTo(sum, 6);
      }
    expect(plain.outputWeights.every((a) => Math.abs(Math.abs(a) - 1 / Math.sqrt(7)) < 1e-7)).toBe(true);
  });

  test("names inputs beyond float32, in which it computes", () => {
    const far = { rows: 2, columns: 4, values: Float64Array.of(1, 1, 1, 1, 1, 1e39, 1, 1) };
    expect(() => twoLayerOutputs(network(), far)).toThrow(
      "z must be within ±3.4e38, the range of float32, got 1e+39 in row 1, column 1",
    );
  });

  test("one step moves the function by the empirical kernel, to second order", async () => {
    const data = draw(12, 4);
    const plain = network({ antisymmetric: false });
    const eta = 1e-3;
    const run = trainScoreNetwork(plain, data, { learningRate: eta });
    const { iterate } = await solve(run, { maxIterations: 1 });
    const [before, after] = [plain.weights, iterate.weights].map((w) =>
      twoLayerOutputs(plain, data.inputs, w),
    );
    const z = (i: number) => data.inputs.values.subarray(4 * i, 4 * i + 4);
    const inner = (u: Float64Array, v: ArrayLike<number>) => u.reduce((sum, one, c) => sum + one * v[c], 0);
    for (let i = 0; i < 12; i++)
      for (let k = 0; k < 2; k++) {
        let moved = 0;
        for (let j = 0; j < 12; j++)
          for (let l = 0; l < 2; l++) {
            let H = 0;
            for (let r = 0; r < 64; r++) {
              const w = plain.weights.subarray(4 * r, 4 * r + 4);
              if (inner(z(i), w) > 0 && inner(z(j), w) > 0)
                H += plain.outputWeights[2 * r + k] * plain.outputWeights[2 * r + l] * inner(z(i), z(j));
            }
            moved -= (eta / 12) * H * (before[2 * j + l] - data.clean.values[2 * j + l]);
          }
        // float32, and the second order: eta^2 times activation changes
        expect(Math.abs(after[2 * i + k] - before[2 * i + k] - moved)).toBeLessThan(3e-6);
      }
  });

  test("follows kernel gradient descent from the same start, closer the wider", async () => {
    const data = draw(60, 6);
    const further = draw(200, 7);
    const gapAt = async (width: number) => {
      const wide = network({ width, antisymmetric: false });
      const twin = await kernelScore(data, { network: wide });
      const [f] = await twin.denoised(further.times, further.points, [20]);
      const { iterate } = await solve(trainScoreNetwork(wide, data), { maxIterations: 20 });
      expect(iterate.state.learningRate).toBeCloseTo(twin.path.learningRate, 12);
      const { denoised } = networkScore(wide, data, iterate.weights);
      const g = denoised(further.times, further.points).values;
      return Math.sqrt(f.reduce((sum, one, k) => sum + (one - g[k]) ** 2, 0) / 200);
    };
    const [narrow, wide] = [await gapAt(128), await gapAt(8192)];
    expect(wide).toBeLessThan(0.03);
    // the square root of 64, within a factor of two
    expect(narrow / wide).toBeGreaterThan(4);
  });

  test.each(["gradient-descent", "adam"] as const)(
    "training by %s resumes bit for bit",
    async (optimizer) => {
      const data = draw(40, 8);
      const options = { optimizer, validation: draw(30, 9) };
      const whole = (await solve(trainScoreNetwork(network(), data, options), { maxIterations: 12 })).iterate;
      const half = (await solve(trainScoreNetwork(network(), data, options), { maxIterations: 5 })).iterate;
      const resume = parseCheckpoint(serializeCheckpoint(half)) as typeof half;
      const rest = trainScoreNetwork(network(), data, { ...options, resume });
      const { iterate } = await solve(rest, { maxIterations: 12 });
      expect(iterate.weights).toEqual(whole.weights);
      expect(iterate.best).toEqual(whole.best);
      expect(iterate.loss).toBeLessThan(half.loss);
      expect(iterate.best?.loss).toBeLessThanOrEqual(half.best?.loss ?? 0);
    },
  );

  test("reports what cannot be trained", async () => {
    const data = draw(10, 1);
    const wrong = (options: object) =>
      solve(trainScoreNetwork(network(), data, options), { maxIterations: 60 });
    await expect(wrong({ learningRate: 50 })).rejects.toThrow(/below 2 \/ lambda_max\(K\/n\) = .*got 50/);
    const huge = wrong({ learningRate: 1e5, optimizer: "adam" });
    await expect(huge).rejects.toThrow(/diverged.*take a learning rate below 100000/);
    await expect(huge).rejects.toThrow(ConvergenceError);
    await expect(wrong({ learningRate: -1 })).rejects.toThrow(/learningRate must be a positive/);
    await expect(wrong({ optimizer: "sgd" })).rejects.toThrow(/optimizer must be/);
    expect(() => network({ width: 3 })).toThrow(/width must be even for an antisymmetric network, got 3/);
    expect(() => network({ width: 0 })).toThrow(ArgumentError);
    const narrow = network({ inputs: 3 });
    await expect(solve(trainScoreNetwork(narrow, data), { maxIterations: 1 })).rejects.toThrow(
      /z must have D = 3 columns, got 4/,
    );
  });
});

describe("the kernel estimate", () => {
  test("with weights is gradient descent on the weighted loss", async () => {
    const data = draw(15, 10, { weighting: "noise" });
    const score = await kernelScore(data);
    const { values: K } = await twoLayerKernel(data.inputs);
    let f = new Float64Array(30);
    for (let s = 0; s < 9; s++) {
      const error = f.map((v, k) => data.weights[k >> 1] * (v - data.clean.values[k]));
      f = f.map((v, k) => {
        let sum = 0;
        for (let j = 0; j < 15; j++) sum += K[15 * (k >> 1) + j] * error[2 * j + (k & 1)];
        return v - (score.path.learningRate / 15) * sum;
      });
    }
    const [predicted] = await score.denoised(data.times, data.points, [9]);
    const single = await score.estimate(9).denoised(data.times, data.points);
    f.forEach((v, k) => {
      expect(predicted[k]).toBeCloseTo(v, 11);
      expect(single.values[k]).toBeCloseTo(v, 11);
    });
    expect((await score.losses(data, [9]))[0]).toBeCloseTo(regressionLoss(data, f), 11);
  });

  test("stops by every rule, with a smaller excess than at the end", async () => {
    const data = draw(200, 11);
    const test = draw(500, 12);
    const truth = target.posteriorMean(test.times, test.points).values;
    const score = await kernelScore(data);
    const noise = 0.49; // the square root of the mean conditional variance of a coordinate
    const steps = await Promise.all([
      score.stop({ rule: "local-complexity", noise }),
      score.stop({ rule: "sure", noise }),
      score.stop({ rule: "discrepancy", noise }),
      score.stop({ rule: "sure", noise: "estimate" }),
      score.stop({ rule: "holdout", validation: draw(300, 13) }),
      1_000_000,
    ]);
    const excess = (await score.denoised(test.times, test.points, steps)).map(
      (f) => f.reduce((sum, v, k) => sum + (v - truth[k]) ** 2, 0) / 500,
    );
    for (const value of excess.slice(0, -1)) expect(value).toBeLessThan(excess[5]);
    expect(await score.stop({ rule: "sure", noise: "support" })).toBeLessThan(steps[1]);
    expect(await score.stop({ rule: "local-complexity", noise: 0, maxSteps: 9 })).toBe(9);
  });

  test("is 0 beyond the truncation radius, and its score is that of its clean points", async () => {
    const data = draw(30, 14, { truncationRadius: 1.5 });
    const { denoised, score } = (await kernelScore(data)).estimate(10);
    const points = denseMatrix([0.2, 0.3, 1.6, 0], 2, 2);
    const f = (await denoised(0.5, points)).values;
    expect(f[0]).not.toBe(0);
    expect([f[2], f[3]]).toEqual([0, 0]);
    const s = (await score(0.5, points)).values;
    expect(s[0]).toBeCloseTo((Math.exp(-0.25) * f[0] - 0.2) / (1 - Math.exp(-0.5)), 12);
  });

  test("refuses what does not fit", async () => {
    const data = draw(10, 1);
    await expect(kernelScore(data, { network: network({ outputs: 3 }) })).rejects.toThrow(/d = 2 outputs/);
    await expect(kernelScore(data, { learningRate: 1e6 })).rejects.toThrow(/below 2 \/ lambda_max/);
    const score = await kernelScore(data);
    await expect(score.stop({ rule: "sure", noise: -1 })).rejects.toThrow(
      /noise must be "estimate", "support" or a non-negative number, got -1/,
    );
    await expect(score.stop({ rule: "sure", noise: 1, maxSteps: 0 })).rejects.toThrow(/maxSteps/);
    await expect(score.denoised(2, data.points, [1])).rejects.toThrow(/times must be in \[0.05, 1\], got 2/);
    const wide = denseMatrix([Number.POSITIVE_INFINITY, 0], 1, 2);
    await expect(score.estimate(1).score(0.5, wide)).rejects.toThrow(DataError);
  });
});

test("a rule without what it needs is refused by name", async () => {
  const process = variancePreservingProcess();
  const clean = denseMatrix([1, 2, 3, 4], 2, 2);
  const score = await kernelScore(scoreRegression(process, clean, { seed: 1 }));
  await expect(score.stop({ rule: "holdout" } as never)).rejects.toThrow(
    "validation must be what scoreRegression returns, got undefined",
  );
  for (const wrong of [undefined, null, {}, clean]) {
    const message = "must be what scoreRegression returns, got";
    await expect(kernelScore(wrong as never)).rejects.toThrow(`data ${message}`);
    await expect(score.losses(wrong as never, [1])).rejects.toThrow(`validation ${message}`);
    const network = twoLayerNetwork({ inputs: 4, outputs: 2, width: 4, seed: 1 });
    await expect(trainScoreNetwork(network, wrong as never).next()).rejects.toThrow(`data ${message}`);
  }
  await expect(score.stop(null as never)).rejects.toThrow("stop must be an object with a rule, got null");
  await expect(score.denoised(0.5, clean, 3 as never)).rejects.toThrow(
    "steps must be an array of numbers of steps, got 3",
  );
  expect(() => diffuse(process, clean, 0.5, 3 as never)).toThrow("stream.fillNormal must be a function");
  await expect(score.stop({ rule: "sure" } as never)).rejects.toThrow(
    'noise must be "estimate", "support" or a non-negative number, got undefined',
  );
});
