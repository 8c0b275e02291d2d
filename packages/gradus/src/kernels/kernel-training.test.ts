import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DenseMatrix, denseMatrix } from "../linalg/matrix.ts";
import { randomStream } from "../random/stream.ts";
import { denseKernel } from "./dense-kernel.ts";
import { crossEntropyCost, kernelGradient, squaredCost } from "./kernel-gradient.ts";
import { kernelGradientDescent, maxLearningRate } from "./kernel-gradient-descent.ts";
import { type KernelFlowIterate, kernelGradientFlow } from "./kernel-gradient-flow.ts";
import { trainedDistribution } from "./trained-distribution.ts";

fc.configureGlobal({ seed: 1, numRuns: 25 });

const gaussian = (seed: number, length: number) => randomStream(seed).fillNormal(new Float64Array(length));
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  expect(a.length).toBe(b.length);
  return Math.max(0, ...Array.from(a, (value, i) => Math.abs(value - b[i])));
};

/** The square matrix of row-major numbers. */
const squareMatrix = (...values: number[]) =>
  denseMatrix(values, Math.sqrt(values.length), Math.sqrt(values.length));

/** G G^T of rank r. */
function gram(seed: number, n: number, r: number): DenseMatrix {
  const G = gaussian(seed, n * r);
  const values = Float64Array.from({ length: n * n }, (_, k) => {
    let sum = 0;
    for (let l = 0; l < r; l++) sum += G[Math.floor(k / n) * r + l] * G[(k % n) * r + l];
    return sum;
  });
  return denseMatrix(values, n, n);
}

const circle = denseMatrix([1, 0, 0, 1, -1, 0], 3, 2);
const between = denseMatrix([Math.SQRT1_2, Math.SQRT1_2], 1, 2);
const labels = Float64Array.of(1, -1, 0.5);

const cases = fc.record({
  n: fc.integer({ min: 1, max: 8 }),
  m: fc.integer({ min: 0, max: 3 }),
  k: fc.integer({ min: 1, max: 3 }),
  rank: fc.integer({ min: 1, max: 8 }),
  seed: fc.nat(1000),
});

describe("kernelGradientDescent", () => {
  test("whole steps are explicit updates f <- f - (rate/N) K (f - y), also with singular kernels", () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 60 }), ({ n, m, k, rank, seed }, steps) => {
        const all = gram(seed, n + m, rank);
        const rowsOf = (from: number, to: number) =>
          denseMatrix(
            Float64Array.from(
              { length: (to - from) * n },
              (_, i) => all.values[(from + Math.floor(i / n)) * (n + m) + (i % n)],
            ),
            to - from,
            n,
          );
        const [K, testKernel] = [rowsOf(0, n), rowsOf(n, n + m)];
        const [y, f0, testF0] = [
          gaussian(seed + 1, n * k),
          gaussian(seed + 2, n * k),
          gaussian(seed + 3, m * k),
        ];
        const learningRate = 0.9 * maxLearningRate(K);
        const [f, g] = [f0.slice(), testF0.slice()];
        for (let step = 0; step < steps; step++) {
          const error = f.map((value, i) => value - y[i]);
          const move = (target: Float64Array, { values: kernel }: DenseMatrix) => {
            for (let i = 0; i < target.length; i++)
              for (let j = 0; j < n; j++)
                target[i] -= (learningRate / n) * kernel[Math.floor(i / k) * n + j] * error[j * k + (i % k)];
          };
          move(f, K);
          move(g, testKernel);
        }
        const result = kernelGradientDescent(K, y, { steps, learningRate, f0, testKernel, testF0 });
        expect(distance(result.train, f)).toBeLessThan(1e-10);
        expect(distance(result.test, g)).toBeLessThan(1e-9);
        expect(result.rank).toBe(Math.min(rank, n));
      }),
    );
  });

  test("many small steps come to the flow; nothing has moved at time 0; the end meets the labels", () => {
    const K = gram(4, 5, 9);
    const [y, testKernel] = [gaussian(5, 5), denseMatrix(gaussian(6, 10), 2, 5)];
    const flow = kernelGradientDescent(K, y, { time: 0.7, testKernel });
    const steps = kernelGradientDescent(K, y, { steps: 1_000_000, learningRate: 7e-7, testKernel });
    expect(distance(flow.train, steps.train)).toBeLessThan(1e-5);
    expect(distance(flow.test, steps.test)).toBeLessThan(1e-5);
    const start = kernelGradientDescent(K, y, { time: 0, testKernel });
    expect(distance([...start.train, ...start.test], new Float64Array(7))).toBeLessThan(1e-15);
    const end = kernelGradientDescent(K, y, { time: Number.POSITIVE_INFINITY, testKernel });
    expect(distance(end.train, y)).toBeLessThan(1e-14);
    expect(end.warnings).toStrictEqual([]);
  });

  test("a singular kernel: copies of a point move together, and the end says its rank", () => {
    const K = squareMatrix(2, 2, 2, 2);
    const y = Float64Array.of(1, 3);
    const { train, test: copies } = kernelGradientDescent(K, y, {
      time: 0.5,
      testKernel: denseMatrix([2, 2], 1, 2),
    });
    // one mode: f = mean of y times 1 - exp(-2 t)
    expect(train[0]).toBeCloseTo(2 * (1 - Math.exp(-1)), 14);
    expect(copies[0]).toBeCloseTo(train[0], 14);
    const end = kernelGradientDescent(K, y, {
      time: Number.POSITIVE_INFINITY,
      testKernel: denseMatrix([2, 2], 1, 2),
    });
    expect(end.test[0]).toBeCloseTo(2, 14);
    expect([end.rank, end.warnings.length]).toStrictEqual([1, 1]);
    expect(end.warnings[0]).toContain("2 points has rank 1");
    const nothing = kernelGradientDescent(squareMatrix(0, 0, 0, 0), y, { time: 3 });
    expect(distance(nothing.train, [0, 0])).toBe(0);
  });

  test.each([
    [[1, 2, 2.1, 1], [1, 1], { time: 1 }, "K: A must be symmetric; row 1, column 0 is 2.1"],
    [[1, 2, 2, 1], [1, 1], { time: 1 }, "K must be positive semidefinite, got the eigenvalues -"],
    [[1, 0, 0, 1], [1, Number.NaN], { time: 1 }, "y must be finite, got NaN in row 1, column 0"],
    [[1, 0, 0, 1], [1, 1, 1], { time: 1 }, "y must have N = 2 numbers or a multiple, got 3"],
    [[1, 0, 0, 1], [1, 1], { time: -1 }, "time must be a non-negative number or Infinity, got -1"],
    [[1, 0, 0, 1], [1, 1], { steps: 1.5, learningRate: 1 }, "steps must be a non-negative integer, got 1.5"],
    [
      [1, 0, 0, 1],
      [1, 1],
      { steps: 1, learningRate: -1 },
      "learningRate must be a non-negative number, got -1",
    ],
    [[1, 0, 0, 1], [1, 1], { steps: 1, learningRate: 4.1 }, "at most 2 N / lambda_max = 4, got 4.1"],
    [[1, 0, 0, 1], [1, 1], { time: 1, f0: Float64Array.of(1) }, "f0 must have 2 numbers, got 1"],
    [
      [1, 0, 0, 1],
      [1, 1],
      { time: 1, testKernel: denseMatrix([1], 1, 1) },
      "testKernel must have N = 2 columns, got 1",
    ],
  ])("refuses %o with %o, %o", (K, y, options, message) => {
    const run = () => kernelGradientDescent(squareMatrix(...K), Float64Array.from(y), options);
    expect(run).toThrow(message);
  });

  test("refuses a kernel that is not square, not dense or not a matrix", () => {
    const run = (K: DenseMatrix) => () => kernelGradientDescent(K, labels, { time: 1 });
    expect(run(denseMatrix([1, 2, 3], 1, 3))).toThrow("K must be square, got 1 x 3");
    expect(run(new Float64Array(9) as unknown as DenseMatrix)).toThrow(
      "K must be a matrix { rows, columns, values }",
    );
  });

  test("an unstable rate is computed where it is allowed", () => {
    const options = { steps: 3, learningRate: 6, allowUnstable: true };
    const { train } = kernelGradientDescent(squareMatrix(1), Float64Array.of(1), {
      ...options,
      learningRate: 3,
    });
    expect(train[0]).toBe(1 - (1 - 3) ** 3);
    expect(maxLearningRate(squareMatrix(4, 0, 0, 1), { momentum: 0.5 })).toBeCloseTo(1.5, 14);
    expect(() => maxLearningRate(squareMatrix(1), { momentum: 1 })).toThrow(
      "momentum must be in [0, 1), got 1",
    );
  });
});

describe("kernel gradient", () => {
  test("costs: gradients by finite differences; dC/dt = -||d||_K^2", () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(squaredCost, crossEntropyCost), ({ n, k, seed }, cost) => {
        const K = gram(seed, n, n + 1);
        const [f, y] = [gaussian(seed + 1, n * k), gaussian(seed + 2, n * k).map(Math.abs)];
        if (cost === crossEntropyCost)
          for (let i = 0; i < n; i++) {
            const row = y.subarray(i * k, (i + 1) * k);
            const sum = row.reduce((a, b) => a + b);
            row.forEach((value, c) => {
              row[c] = value / sum;
            });
          }
        const d = cost.gradient(f, y, n);
        const step = 1e-6;
        for (let i = 0; i < n * k; i++) {
          const at = (h: number) =>
            cost.value(
              f.map((value, j) => (i === j ? value + h : value)),
              y,
              n,
            );
          expect(Math.abs((at(step) - at(-step)) / (2 * step) - d[i] / n)).toBeLessThan(1e-7);
        }
        const direction = kernelGradient(K, d);
        const along = (t: number) =>
          cost.value(
            f.map((value, i) => value - t * direction[i]),
            y,
            n,
          );
        const rate = (along(step) - along(-step)) / (2 * step);
        // -dC/dt = (1/N^2) sum_ij d_i K_ij d_j = (1/N) sum_i d_i (grad_K C)_i
        const dissipation = direction.reduce((sum, value, i) => sum + value * d[i], 0) / n;
        expect(Math.abs(rate + dissipation)).toBeLessThan(1e-6 * (1 + dissipation));
      }),
    );
    expect(() => kernelGradient(squareMatrix(1, 0, 0, 1), new Float64Array(3))).toThrow(
      "d must have N = 2 numbers or a multiple, got 3",
    );
  });
});

async function end(flow: AsyncGenerator<KernelFlowIterate>): Promise<KernelFlowIterate> {
  let last: KernelFlowIterate | undefined;
  for await (const iterate of flow) last = iterate;
  if (!last) throw new Error("no iterate");
  return last;
}

describe("kernelGradientFlow", () => {
  // the flow of the squared cost is linear: y in other units only changes the units
  test.each([1e-10, 1e-6, 1e6, 1e10])("meets the closed form for y in units of %d", async (unit) => {
    const K = gram(4, 5, 9);
    const y = gaussian(5, 5);
    const wanted = kernelGradientDescent(K, y, { time: 3 }).train;
    let last: KernelFlowIterate | undefined;
    const scaled = y.map((value) => value * unit);
    for await (const iterate of kernelGradientFlow(K, scaled, { time: 3, cost: squaredCost })) last = iterate;
    const found = (last?.train ?? new Float64Array(5)).map((value) => value / unit);
    expect(distance(found, wanted)).toBeLessThan(1e-5);
  });

  test("on squared loss it is the closed form", async () => {
    const K = gram(7, 6, 8);
    const training = {
      f0: gaussian(8, 12),
      testKernel: denseMatrix(gaussian(9, 18), 3, 6),
      testF0: gaussian(10, 6),
    };
    const y = gaussian(11, 12);
    const flow = await end(kernelGradientFlow(K, y, { ...training, time: 2, cost: squaredCost }));
    const closed = kernelGradientDescent(K, y, { ...training, time: 2 });
    expect(flow.time).toBe(2);
    expect(distance(flow.train, closed.train)).toBeLessThan(1e-5);
    expect(distance(flow.test, closed.test)).toBeLessThan(1e-5);
  });

  test("on cross-entropy of one point with two classes the margin solves m' = 2 kappa / (1 + e^m)", async () => {
    // m + e^m = 1 + 2 kappa t
    const { train, loss } = await end(
      kernelGradientFlow(squareMatrix(3), Float64Array.of(1, 0), { time: 10, relativeTolerance: 1e-9 }),
    );
    const margin = train[0] - train[1];
    expect(margin + Math.exp(margin)).toBeCloseTo(1 + 2 * 3 * 10, 5);
    expect(loss).toBeCloseTo(Math.log1p(Math.exp(-margin)), 12);
  });

  test("the cost falls at every step, and an iterate resumes bit for bit", async () => {
    const K = gram(12, 4, 6);
    const y = Float64Array.of(1, 0, 0, 1, 1, 0, 0, 1);
    const all: KernelFlowIterate[] = [];
    for await (const iterate of kernelGradientFlow(K, y, { time: 5 })) all.push(iterate);
    for (let i = 1; i < all.length; i++) expect(all[i].loss).toBeLessThan(all[i - 1].loss);
    const middle = all[Math.floor(all.length / 2)];
    expect(await end(kernelGradientFlow(K, y, { time: 5, resume: middle }))).toStrictEqual(all.at(-1));
    const stopped = kernelGradientFlow(K, y, { time: 5, signal: AbortSignal.abort(new Error("enough")) });
    await expect(stopped.next()).rejects.toThrow("enough");
    await expect(kernelGradientFlow(K, y, { time: 0 }).next()).rejects.toThrow(
      "time must be a positive number, got 0",
    );
  });
});

describe("trainedDistribution", () => {
  const kernel = denseKernel({ depth: 3 });

  // The specification's figures, by an independent prototype in NumPy.
  test.each([
    [10, 0.00865293, 0.02733981],
    [Number.POSITIVE_INFINITY, -0.04639016, 0.01981337],
  ])("at time %d between the points of the circle: mean %d, variance %d", async (time, mean, variance) => {
    const law = await trainedDistribution(kernel, circle, labels, between, { time });
    expect(Math.abs(law.mean[0] - mean)).toBeLessThan(5e-9);
    expect(Math.abs(law.covariance.values[0] - variance)).toBeLessThan(5e-9);
    expect(law.deviation[0] ** 2).toBeCloseTo(law.covariance.values[0], 14);
  });

  test("on the data: the labels without variance in the end, the prior at time 0", async () => {
    const over = await trainedDistribution(kernel, circle, labels, circle);
    expect(distance(over.mean, labels)).toBeLessThan(1e-8);
    expect(distance(over.covariance.values, new Float64Array(9))).toBeLessThan(1e-8);
    const before = await trainedDistribution(kernel, circle, labels, circle, { time: 0 });
    expect(distance(before.mean, [0, 0, 0])).toBe(0);
    expect(distance(before.covariance.values, (await kernel.nngp(circle)).values)).toBeLessThan(1e-15);
  });

  test("mode nngp is the Gaussian posterior, here of one point with noise by hand", async () => {
    const X = denseMatrix([1, 2], 1, 2);
    const x = denseMatrix([-1, 1], 1, 2);
    const law = await trainedDistribution(kernel, X, Float64Array.of(3), x, { mode: "nngp" });
    const entry = async (...points: [DenseMatrix, DenseMatrix?]) => (await kernel.nngp(...points)).values[0];
    const [a, b, c] = [await entry(X), await entry(x, X), await entry(x)];
    expect(law.mean[0]).toBeCloseTo((b / a) * 3, 13);
    expect(law.covariance.values[0]).toBeCloseTo(c - (b * b) / a, 13);
    const ridged = await trainedDistribution(kernel, X, Float64Array.of(3), x, { mode: "nngp", ridge: 0.5 });
    expect(ridged.mean[0]).toBeCloseTo((b / (a + 0.5)) * 3, 13);
  });

  test("a point given twice does no harm, and is told at the end", async () => {
    const twice = denseMatrix([1, 0, 1, 0], 2, 2);
    const law = await trainedDistribution(kernel, twice, Float64Array.of(1, 1), between);
    const once = await trainedDistribution(kernel, denseMatrix([1, 0], 1, 2), Float64Array.of(1), between);
    expect(distance(law.mean, once.mean)).toBeLessThan(1e-12);
    expect(distance(law.covariance.values, once.covariance.values)).toBeLessThan(1e-12);
    expect([law.rank, law.warnings.length, once.warnings.length]).toStrictEqual([1, 1, 0]);
    await expect(trainedDistribution(kernel, twice, Float64Array.of(1), between)).rejects.toThrow(
      "y must have N = 2",
    );
    await expect(
      trainedDistribution(kernel, circle, labels, between, { mode: "gp" as "ntk" }),
    ).rejects.toThrow('mode must be "ntk" or "nngp", got "gp"');
    await expect(trainedDistribution(kernel, circle, labels, between, { ridge: -1 })).rejects.toThrow(
      "got -1",
    );
  });
});
