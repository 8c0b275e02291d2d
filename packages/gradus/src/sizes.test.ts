import { expect, test } from "vitest";
import { ArgumentError } from "./check/index.ts";
import { kFold } from "./data/index.ts";
import { twoLayerNetwork } from "./diffusion/index.ts";
import { randomFeatures } from "./kernels/index.ts";
import { csrRowNorms, hadamardSketch, sparseSignSketch } from "./linalg/index.ts";
import { randomUnits } from "./nn/random-features/index.ts";
import { diagonalStart, twoLayerReluStart } from "./objectives/index.ts";
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
  ["bootstrapRows", `resamples = ${n}`, () => bootstrapRows(3, () => 0, { resamples: n, seed: 1 })],
])("%s names the sizes for which there is no room", (_, sizes, make) => {
  expect(make).toThrow(ArgumentError);
  expect(make).toThrow(sizes);
  expect(make).toThrow("must leave room in memory, got");
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
