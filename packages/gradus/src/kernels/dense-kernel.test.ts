import { gelu, mul, tanh, workTimes } from "@gradus/graph";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DenseMatrix, denseMatrix } from "../linalg/matrix.ts";
import { randomStream } from "../random/stream.ts";
import { type DenseKernelOptions, denseKernel } from "./dense-kernel.ts";
import type { DualPairs } from "./dual-activation.ts";

fc.configureGlobal({ seed: 1, numRuns: 25 });

const rowsOf = (...points: number[][]) => denseMatrix(points.flat(), points.length, points[0].length);
const gaussian = (seed: number, n: number, d: number) =>
  denseMatrix(randomStream(seed).fillNormal(new Float64Array(n * d)), n, d);
const values = async (matrix: Promise<DenseMatrix>) => (await matrix).values;
const circle = rowsOf([1, 0], [0, 1], [-1, 0]);

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));
}

// The specification's figures, by an independent prototype in NumPy.
test.each([
  [2, [0.265, 0.09368462, 0.01059547], [0.52, 0.09621583, -0.01131697]],
  [3, [0.1425, 0.07826137, 0.05485864], [0.4025, 0.10784859, 0.05195737]],
  [4, [0.08125, 0.05576028, 0.04809659], [0.2825, 0.09270211, 0.06435377]],
])("relu of depth %d on the circle: first rows of Sigma and Theta", async (depth, sigma, theta) => {
  const { nngp, ntk } = await denseKernel({ depth }).both(circle);
  for (const K of [nngp, ntk]) expect([K.rows, K.columns]).toStrictEqual([3, 3]);
  expect(distance(nngp.values.subarray(0, 3), sigma)).toBeLessThan(5e-9);
  expect(distance(ntk.values.subarray(0, 3), theta)).toBeLessThan(5e-9);
});

test("the diagonal follows the sum rule s/2 + beta^2, T/2 + s", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 8 }),
      fc.double({ min: 0, max: 2, noNaN: true }),
      fc.integer({ min: 1, max: 5 }),
      async (depth, biasStd, d) => {
        const X = gaussian(depth, 4, d);
        const { nngp, ntk } = await denseKernel({ depth, biasStd }).both(X);
        for (let i = 0; i < 4; i++) {
          const square = X.values.subarray(i * d, (i + 1) * d).reduce((sum, v) => sum + v * v, 0);
          let s = square / d + biasStd ** 2;
          let T = s;
          for (let l = 1; l < depth; l++) {
            s = s / 2 + biasStd ** 2;
            T = T / 2 + s;
          }
          expect(nngp.values[i * 5] / s).toBeCloseTo(1, 13);
          expect(ntk.values[i * 5] / T).toBeCloseTo(1, 13);
        }
      },
    ),
  );
});

describe("invariants", () => {
  const activations = ["relu", "erf", "sine", "square", "gaussian", "leakyRelu"] as const;
  const cases = fc.record({
    activation: fc.constantFrom(...activations),
    depth: fc.integer({ min: 2, max: 4 }),
    n: fc.integer({ min: 1, max: 12 }),
    d: fc.integer({ min: 1, max: 6 }),
    seed: fc.nat(1000),
  });

  test("symmetric, Theta(x, x) >= Sigma(x, x) > 0, the same whether Y is left out or X again, or by blocks", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ activation, depth, n, d, seed }) => {
        const kernel = denseKernel({ depth, activation });
        const X = gaussian(seed, n, d);
        const both = await kernel.both(X);
        const [nngp, ntk] = [both.nngp.values, both.ntk.values];
        for (let i = 0; i < n; i++) {
          expect(nngp[i * (n + 1)]).toBeGreaterThan(0);
          expect(ntk[i * (n + 1)]).toBeGreaterThanOrEqual(nngp[i * (n + 1)]);
          for (let j = 0; j < i; j++) expect(ntk[i * n + j]).toBe(ntk[j * n + i]);
        }
        const size = Math.max(...ntk);
        expect(distance(await values(kernel.ntk(X, X)), ntk)).toBeLessThan(1e-14 * size);
        expect(distance(await values(kernel.nngp(X, X)), nngp)).toBeLessThan(1e-14 * size);
        const byBlocks: number[] = [];
        for await (const block of kernel.rowBlocks(X)) {
          expect(block.firstRow * n).toBe(byBlocks.length);
          byBlocks.push(...block.ntk.values);
        }
        expect(distance(byBlocks, ntk)).toBeLessThan(1e-14 * size);
        const diagonal = await kernel.diagonal(X);
        expect(
          distance(
            diagonal.ntk,
            ntk.filter((_, k) => k % (n + 1) === 0),
          ),
        ).toBe(0);
      }),
    );
  });

  test("rotating all points changes nothing; permuting them permutes the matrix", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ activation, depth, n, d, seed }) => {
        const kernel = denseKernel({ depth, activation });
        const X = gaussian(seed, n, d);
        const { values: Q } = randomStream(seed).orthogonal(d);
        const rotated = new Float64Array(n * d);
        for (let i = 0; i < n; i++)
          for (let k = 0; k < d; k++)
            for (let j = 0; j < d; j++) rotated[i * d + k] += X.values[i * d + j] * Q[j * d + k];
        const theta = await values(kernel.ntk(X));
        const size = Math.max(...theta.map(Math.abs));
        // duplicated directions (d = 1) turn rounding into its square root
        expect(distance(await values(kernel.ntk({ ...X, values: rotated })), theta)).toBeLessThan(
          1e-7 * size,
        );
        const order = randomStream(seed).permutation(n);
        const permuted = {
          ...X,
          values: X.values.map((_, k) => X.values[order[Math.floor(k / d)] * d + (k % d)]),
        };
        const expected = theta.map((_, k) => theta[order[Math.floor(k / n)] * n + order[k % n]]);
        expect(distance(await values(kernel.ntk(permuted)), expected)).toBeLessThan(1e-13 * size);
      }),
    );
  });

  test("identity without bias: Theta = L x.x'/d", async () => {
    const X = gaussian(5, 6, 3);
    const theta = await values(denseKernel({ depth: 5, activation: "identity", biasStd: 0 }).ntk(X));
    for (let i = 0; i < 6; i++)
      for (let j = 0; j < 6; j++) {
        let product = 0;
        for (let k = 0; k < 3; k++) product += X.values[i * 3 + k] * X.values[j * 3 + k];
        expect(theta[i * 6 + j]).toBeCloseTo((5 * product) / 3, 13);
      }
  });

  test("relu is homogeneous: scaling weights of layer l by c scales a kernel without bias by c^2", async () => {
    const X = gaussian(6, 5, 2);
    const plain = await denseKernel({ depth: 3, biasStd: 0 }).both(X);
    const scaled = await denseKernel({ depth: 3, biasStd: 0, weightStd: [1, 2, 0.5] }).both(X);
    const doubled = await denseKernel({ depth: 3, biasStd: 0, weightStd: [1, 3, 1] }).both(X);
    expect(distance(scaled.nngp.values, plain.nngp.values)).toBeLessThan(1e-14);
    expect(
      distance(
        doubled.ntk.values,
        plain.ntk.values.map((v) => 9 * v),
      ),
    ).toBeLessThan(1e-13);
  });

  test("copies of a row are not told apart, and a row of zeros without bias gives zeros", async () => {
    const X = rowsOf([0.3, -1.7, 2.2], [0.3, -1.7, 2.2], [0, 0, 0]);
    const theta = await values(denseKernel({ depth: 6, biasStd: 0 }).ntk(X));
    expect(theta[1]).toBe(theta[0]);
    expect(Array.from(theta.subarray(6))).toStrictEqual([0, 0, 0]);
  });

  test("a traced activation gives the kernel of its plain form", async () => {
    const X = gaussian(7, 5, 3);
    const traced = denseKernel({ depth: 3, activation: tanh });
    const named = denseKernel({ depth: 3, activation: "tanh", quadratureNodes: 384 });
    const plain = denseKernel({
      depth: 3,
      activation: { value: Math.tanh, derivative: (z) => 1 / Math.cosh(z) ** 2 },
    });
    const expected = await plain.both(X);
    for (const kernel of [traced, named]) {
      expect(distance(await values(kernel.ntk(X)), expected.ntk.values)).toBeLessThan(1e-12);
      await kernel.dispose();
    }
  });
});

test("kernels of a named activation share its programs, those of a function have their own", async () => {
  const X = gaussian(4, 3, 5);
  const first = await denseKernel({ depth: 2, activation: "gelu" }).both(X);
  const before = workTimes().programs;
  for (let i = 0; i < 3; i++) {
    const kernel = denseKernel({ depth: 2, activation: "gelu" });
    expect(await kernel.both(X)).toStrictEqual(first);
    await kernel.dispose();
  }
  expect(workTimes().programs).toBe(before);
  const covariances: number[] = [];
  for (const factor of [1, 2]) {
    const kernel = denseKernel({ depth: 2, activation: (z) => mul(gelu(z), factor), biasStd: 0 });
    covariances.push((await values(kernel.nngp(X)))[1]);
    await kernel.dispose();
  }
  expect(covariances[1] / covariances[0]).toBeCloseTo(4, 10);
  expect(workTimes().programs).toBe(before + 4);
});

// scipy 1.17, nested quad; variances of the first layer are 63 to 73
test("tanh of depth 3 on raw pixels is SciPy's", async () => {
  const X = rowsOf([0, 5, 13, 9, 1, 0, 0, 16], [2, 0, 12, 16, 8, 0, 3, 11], [0, 15, 10, 0, 16, 4, 0, 7]);
  const { nngp, ntk } = await denseKernel({ depth: 3, activation: "tanh" }).both(X);
  const [a, b, c] = [0.271065588066, 0.162070965127, 0.148513699847];
  const sigma = [0.387750398973, a, b, a, 0.388828000577, c, b, c, 0.389503756498];
  const [p, q, r] = [0.984009969011, 0.48969475202, 0.441817154617];
  const theta = [2.907260359465, p, q, p, 3.03088703647, r, q, r, 3.116375211773];
  expect(distance(nngp.values, sigma)).toBeLessThan(1e-9);
  expect(distance(ntk.values, theta)).toBeLessThan(2e-8);
});

describe("what is refused", () => {
  const kernel = denseKernel({ depth: 2 });

  test.each([
    [{ depth: 0 }, "depth must be a positive integer, got 0"],
    [{ depth: 2, weightStd: -1 }, "weightStd must be a positive number, got -1"],
    [{ depth: 2, biasStd: [0.1, -2] }, "biasStd[1] must be a non-negative number, got -2"],
    [{ depth: 2, biasStd: [0.1] }, "biasStd must have 2 numbers, got 1"],
    [{ depth: 2, activation: "tanh", quadratureNodes: 40 }, "nodes must be an integer from 64 to 16384"],
    [{ depth: 2, bias: 1 }, 'denseKernel has no option "bias"'],
  ] as const)("%o", (options, message) => {
    expect(() => denseKernel(options as DenseKernelOptions)).toThrow(message);
  });

  test("points that are not finite, not there or of other lengths, and matrices too large", async () => {
    const bad = rowsOf([1, 2], [3, Number.NaN]);
    await expect(kernel.ntk(bad)).rejects.toThrow("X must be finite, got NaN in row 1, column 1");
    await expect(kernel.ntk(circle, rowsOf([1, 2, 3]))).rejects.toThrow(
      "Y must have as many columns as X, 2, got 3",
    );
    await expect(kernel.ntk(denseMatrix([], 0, 2))).rejects.toThrow("at least one row");
    await expect(kernel.ntk({ ...circle, rows: 4 })).rejects.toThrow("X must have 4 x 2 numbers, got 6");
    await expect(kernel.ntk([[1, 2]] as unknown as DenseMatrix)).rejects.toThrow(
      "X must be a matrix { rows, columns, values }",
    );
    await expect(kernel.ntk(gaussian(1, 20_000, 1))).rejects.toThrow(
      "the kernel matrix must fit in 2 GiB, got 20000 x 20000: use rowBlocks",
    );
  });

  test("numbers that leave the range of float64, naming the rows", async () => {
    await expect(kernel.ntk(rowsOf([1, 2], [1e200, 0]))).rejects.toThrow(
      "X must have rows of finite squared norm, got Infinity in row 1: scale the rows down",
    );
    const wide = denseKernel({ depth: 3, weightStd: 1e80 });
    await expect(wide.ntk(rowsOf([1, 2], [1, 1]))).rejects.toThrow(
      /the kernel of X\[\d\] and X\[\d\] must be finite, got/,
    );
  });

  test("a signal ends the evaluation; progress is told", async () => {
    const seen: number[] = [];
    await kernel.ntk(gaussian(1, 300, 2), undefined, { onProgress: (fraction) => seen.push(fraction) });
    expect(seen.at(-1)).toBe(1);
    expect(seen.length).toBeGreaterThan(3);
    const stop = new AbortController();
    const evaluation = kernel.ntk(gaussian(1, 300, 2), undefined, {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error("enough")),
    });
    await expect(evaluation).rejects.toThrow("enough");
  });
});

test("a dual of one's own that does not write its pairs is refused", async () => {
  const x = denseMatrix([1, 0.5, -0.2, 0.3], 2, 2);
  const kernel = (evaluate: unknown) =>
    denseKernel({ depth: 2, activation: { name: "own", evaluate } as never }).ntk(x);
  const message = 'activation "own" must write covariance >= 0 for every pair of equal units in evaluate';
  // a dual of 0 was a kernel of zeros
  await expect(kernel(() => {})).rejects.toThrow(
    `${message}, before it returns; got NaN at the variance 0.6`,
  );
  const returned = ({ k11 }: DualPairs) => ({ covariance: k11, derivative: k11 });
  await expect(kernel(returned)).rejects.toThrow("got NaN");
  await expect(kernel(({ covariance }: DualPairs) => void covariance.fill(-1))).rejects.toThrow("got -1");
  await expect(kernel(({ covariance }: DualPairs) => void covariance.fill(1))).rejects.toThrow(
    "write derivative",
  );
  expect(() => kernel(1)).toThrow("activation.evaluate must be a function, got 1");

  const identity = ({ k12, covariance, derivative }: DualPairs) => {
    covariance.set(k12);
    derivative.fill(1);
  };
  const { values } = await kernel(identity);
  const linear = await denseKernel({ depth: 2, activation: "identity" }).ntk(x);
  for (const [k, value] of linear.values.entries()) expect(values[k]).toBeCloseTo(value, 14);
});
