import { expect, test } from "vitest";
import { ArgumentError } from "./check/index.ts";
import { dirichletPartition, lateNodes } from "./collaborative/index.ts";
import { gramOfBlocks, momentRecursion } from "./curvature/index.ts";
import { kFold } from "./data/index.ts";
import { twoLayerNetwork } from "./diffusion/index.ts";
import { randomFeatures } from "./kernels/index.ts";
import { csrRowNorms, hadamardSketch, sparseSignSketch } from "./linalg/index.ts";
import { denseParameters, fourierFrequencies, layerNormalizationParameters } from "./nn/index.ts";
import { randomUnits } from "./nn/random-features/index.ts";
import { diagonalStart, softmaxRegression, twoLayerReluStart } from "./objectives/index.ts";
import { chebyshevSpace } from "./operators/index.ts";
import { poissonControl } from "./optimize/index.ts";
import { randomStream } from "./random/index.ts";
import { bootstrapRows } from "./statistics/index.ts";
import { crossEntropyLoss, fitLinearClassifier } from "./train/index.ts";

/** More numbers than an array can have in any engine. */
const n = 2 ** 50;
const stream = randomStream(1);
const K = { rows: 2, columns: 2, values: Float64Array.of(1, 0, 0, 1) };
const sparse = {
  rows: 1,
  columns: 1,
  rowPointers: Int32Array.of(0, 1),
  columnIndices: Int32Array.of(0),
  values: Float64Array.of(1),
};

test.each<[name: string, sizes: string, make: () => unknown]>([
  ["hadamardSketch", `N = ${n}`, () => hadamardSketch(4, n)],
  ["sparseSignSketch", `n = ${n} and nonzeros = 8`, () => sparseSignSketch(8, n)],
  ["csrRowNorms", `rows = ${n}`, () => csrRowNorms({ ...sparse, rows: n })],
  [
    "randomUnits",
    `width = ${n} and inputs = 2`,
    () => randomUnits({ inputs: 2, width: n, slope: 1, bias: 1 }),
  ],
  ["randomFeatures", `count = ${n} and n = 2`, () => randomFeatures(K, { count: n, stream })],
  ["twoLayerReluStart", `hidden = ${n}`, () => twoLayerReluStart({ features: 2, hidden: n }, { seed: 1 })],
  ["diagonalStart", `layers = 2 and d = ${n}`, () => diagonalStart(n, { seed: 1 })],
  ["chebyshevSpace", `points = ${n}`, () => chebyshevSpace({ points: n, terms: 2, bound: 1 })],
  ["poissonControl", "columns = 35184372088832", () => poissonControl(2 ** 22)],
  [
    "twoLayerNetwork",
    `units = ${n / 2} and inputs = 2`,
    () => twoLayerNetwork({ inputs: 2, outputs: 1, width: n, seed: 1 }),
  ],
  [
    "denseParameters",
    `shape[0] = ${n} and shape[1] = 2`,
    () => denseParameters({ inputs: n, outputs: 2, stream }),
  ],
  ["layerNormalizationParameters", `shape[0] = ${n}`, () => layerNormalizationParameters([n])],
  [
    "fourierFrequencies",
    `inputs = ${n} and count = 2`,
    () => fourierFrequencies({ inputs: n, count: 2, deviation: 1, stream }),
  ],
  [
    "softmaxRegression",
    `classes = ${n} and features = 2`,
    () => softmaxRegression(K, [0, 1], { classes: n }),
  ],
  ["momentRecursion", `steps + 1 = ${n + 1}`, () => momentRecursion(K, { learningRate: 0.1, steps: n })],
  ["bootstrapRows", `resamples = ${n}`, () => bootstrapRows(3, () => 0, { resamples: n, seed: 1 })],
])("%s names the sizes for which there is no room", (_, sizes, make) => {
  expect(make).toThrow(ArgumentError);
  expect(make).toThrow(sizes);
  expect(make).toThrow("must leave room in memory, got");
});

test("the Gram matrix of more rows than there is room for is refused by them", async () => {
  await expect(gramOfBlocks(n, [])).rejects.toThrow(
    `rows = ${n} and columns = ${n} must leave room in memory`,
  );
});

test("float32 weights count 4 bytes", () => {
  expect(() => denseParameters({ inputs: n, outputs: 2, stream })).toThrow("numbers of 4 bytes");
  expect(() => denseParameters({ inputs: n, outputs: 2, stream, dtype: "f64" })).toThrow(
    "numbers of 8 bytes",
  );
});

test.each<[name: string, message: string, make: () => unknown]>([
  ["orthogonal", `rows must be an integer from 1 to 2147483647, got ${n}`, () => stream.orthogonal(n, 2)],
  [
    "orthogonal",
    "rows x columns must be an integer from 1 to 2147483647, got 4294967296",
    () => stream.orthogonal(2 ** 16),
  ],
  ["unitSphere", `dimension must be an integer from 1 to 2147483647, got ${n}`, () => stream.unitSphere(n)],
  [
    "dirichletPartition",
    `parts must be an integer from 1 to 2147483647, got ${n}`,
    () => dirichletPartition([0, 1], { parts: n, concentration: 1, random: stream }),
  ],
  [
    "lateNodes",
    `nodes must be an integer from 1 to 2147483647, got ${n}`,
    () => lateNodes({ nodes: n, faulty: 1, arrival: "worst", seed: 1 }),
  ],
  [
    "lateNodes",
    "faulty must be an integer from 0 to 4, got 5",
    () => lateNodes({ nodes: 5, faulty: 5, arrival: "worst", seed: 1 }),
  ],
])("%s says which sizes it takes: %s", (_, message, make) => {
  expect(make).toThrow(ArgumentError);
  expect(make).toThrow(message);
});

test("a shape that is no array is refused as such", () => {
  const parameters: (shape: never) => unknown = layerNormalizationParameters;
  expect(() => parameters({} as never)).toThrow("shape must be an array of sizes, got an object");
});

test("sizes that count nothing are refused as such", () => {
  expect(() => csrRowNorms({ ...sparse, rows: -1 })).toThrow("rows must be a non-negative integer, got -1");
  expect(() => kFold(n, 2, 1)).toThrow(`n must be an integer from 2 to 2147483647, got ${n}`);
  expect(() => bootstrapRows(n, () => 0, { seed: 1 })).toThrow("n must be an integer from 2 to 2147483647");
});

test("a classifier's batch size is checked before anything is made of it", async () => {
  const x = { rows: 2, columns: 1, values: Float64Array.of(1, 2) };
  for (const batchSize of [-1, Number.NaN, 1.5, 0])
    await expect(
      fitLinearClassifier(x, [0, 1], { loss: crossEntropyLoss(), epochs: 1, learningRate: 0.1, batchSize }),
    ).rejects.toThrow(`batchSize must be a positive integer, got ${batchSize}`);
});
