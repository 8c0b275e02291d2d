import {
  array,
  compile,
  expandDims,
  flattenTree,
  mapTensors,
  perExampleGradients,
  specsOf,
  type Tensor,
  toNumbers,
  unflattenTree,
} from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { softmaxCrossEntropy } from "../../losses/traced/cross-entropy.ts";
import { convnet } from "../../nn/models/convnet.ts";
import { randomStream } from "../../random/stream.ts";
import type { Values, ValuesOf } from "../../tree/arrays.ts";
import { flattenArrays } from "../../tree/arrays.ts";
import { flatNumbers } from "../../tree/numbers.ts";
import { networkLoss, regression } from "../test-problem.ts";
import { compileGradientStatistics } from "./compile-statistics.ts";

/** The definitions, from every row's own gradient written out. */
function byDefinition(rows: readonly Float64Array[]) {
  const b = rows.length;
  const g = Float64Array.from(rows[0], (_, j) => rows.reduce((sum, row) => sum + row[j], 0) / b);
  const dot = (u: Float64Array, v: Float64Array) => u.reduce((sum, x, j) => sum + x * v[j], 0);
  const square = dot(g, g);
  const V = Float64Array.from(g, (m, j) => rows.reduce((sum, row) => sum + (row[j] - m) ** 2, 0) / (b - 1));
  const products = rows.map((row) => dot(row, g));
  const middle = products.reduce((a, c) => a + c, 0) / b;
  return {
    gradientNormSquared: square,
    varianceL1: V.reduce((a, c) => a + c, 0),
    innerProductVariance: products.reduce((sum, p) => sum + (p - middle) ** 2, 0) / (b - 1),
    orthogonalVariance:
      rows.reduce(
        (sum, row, i) => sum + row.reduce((s, x, j) => s + (x - (products[i] / square) * g[j]) ** 2, 0),
        0,
      ) /
      (b - 1),
    coordinateVariance: V,
  };
}

/** Gradients row by row, all of them formed. */
async function rowGradients<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  loss: (parameters: never, batch: never) => Tensor,
  parameters: P,
  data: D,
): Promise<Float64Array[]> {
  const { leaves, structure } = flattenArrays(data);
  using program = await compile(
    ({ parameters: p, row }) =>
      flattenTree(
        perExampleGradients((q: typeof p, e: typeof row) =>
          loss(q as never, mapTensors((t) => expandDims(t, 0), e) as never),
        )(p, row),
        (t): t is Tensor => typeof t === "object" && t !== null && "op" in t,
      ).leaves,
    { parameters: specsOf<Values>(parameters), row: specsOf<Values>(data) },
  );
  const all = await program.run({ parameters, row: unflattenTree(structure, leaves) as Values });
  return Array.from({ length: leaves[0].shape[0] }, (_, i) =>
    Float64Array.from(
      all.flatMap((g) => {
        const width = g.data.length / g.shape[0];
        return toNumbers(g).slice(i * width, (i + 1) * width);
      }),
    ),
  );
}

const parts = ["inner-products", "coordinates"] as const;

describe.each(["f32", "f64"] as const)("in %s", (dtype) => {
  const { data, parameters } = regression(dtype);
  const digits = dtype === "f32" ? 4 : 11;

  test.each([undefined, 1, 4, 22])(
    "statistics are their definitions, in parts of %s rows",
    async (microBatch) => {
      using program = await compileGradientStatistics({
        loss: networkLoss,
        parameters,
        data,
        parts,
        microBatch,
      });
      const measured = await program.statistics(parameters, data);
      const expected = byDefinition(await rowGradients(networkLoss as never, parameters, data));
      expect(measured.count).toBe(23);
      for (const key of [
        "gradientNormSquared",
        "varianceL1",
        "innerProductVariance",
        "orthogonalVariance",
      ] as const)
        expect(measured[key]! / expected[key], key).toBeCloseTo(1, digits);
      expected.coordinateVariance.forEach((v, j) => {
        expect(measured.coordinateVariance![j] / v).toBeCloseTo(1, digits - 1);
      });
    },
  );
});

test("the total variance is the part along the gradient and the part across it", async () => {
  const { data, parameters } = regression("f64");
  using program = await compileGradientStatistics({ loss: networkLoss, parameters, data, parts });
  const s = await program.statistics(parameters, data);
  expect(s.innerProductVariance! / s.gradientNormSquared + s.orthogonalVariance!).toBeCloseTo(
    s.varianceL1,
    12,
  );
  expect(s.coordinateVariance!.reduce((a, b) => a + b, 0)).toBeCloseTo(s.varianceL1, 12);
});

test("a convolutional network's rows too", async () => {
  const model = convnet({
    input: [1, 6, 6],
    stages: [{ filters: 2, kernel: 3, padding: 1, pool: 2 }],
    outputs: 3,
  });
  const stream = randomStream(3);
  const parameters = model.parameters({ stream, dtype: "f32" });
  const data = {
    x: array(stream.fillNormal(new Float32Array(5 * 36)), [5, 1, 6, 6]),
    y: array(BigInt64Array.from([0n, 1n, 2n, 1n, 0n])),
  };
  const loss = (p: Parameters<typeof model.apply>[0], { x, y }: { x: Tensor; y: Tensor }) =>
    softmaxCrossEntropy(model.apply(p, x), y);
  using program = await compileGradientStatistics({ loss, parameters, data, parts, microBatch: 2 });
  const measured = await program.statistics(parameters, data);
  const expected = byDefinition(await rowGradients(loss as never, parameters, data));
  expect(measured.varianceL1 / expected.varianceL1).toBeCloseTo(1, 4);
  expect(measured.innerProductVariance! / expected.innerProductVariance).toBeCloseTo(1, 4);
  expect(flatNumbers(measured.gradient).length).toBe(2 * 9 + 2 + 18 * 3 + 3);
});

test("the gradient alone is the same gradient", async () => {
  const { data, parameters } = regression("f64");
  using plain = await compileGradientStatistics({ loss: networkLoss, parameters, data, variance: "none" });
  using full = await compileGradientStatistics({ loss: networkLoss, parameters, data });
  const [a, b] = [await plain.statistics(parameters, data), await full.statistics(parameters, data)];
  expect(a.loss).toBeCloseTo(b.loss, 12);
  const expected = flatNumbers(b.gradient);
  flatNumbers(a.gradient).forEach((value, j) => {
    expect(value).toBeCloseTo(expected[j], 12);
  });
  expect(a.varianceL1).toBeNaN();
});

test("statistics that do not exist are refused by name", async () => {
  const options = { loss: networkLoss, ...regression("f64") };
  await expect(compileGradientStatistics({ ...options, parts: ["innerProducts"] as never })).rejects.toThrow(
    'parts[0] must be "inner-products" or "coordinates", got "innerProducts"',
  );
  await expect(compileGradientStatistics({ ...options, variance: "all" as never })).rejects.toThrow(
    'variance must be "rows" or "none", got "all"',
  );
});

test("the row that is not finite is named, and a model with a state is refused", async () => {
  const { data, parameters } = regression("f64");
  using program = await compileGradientStatistics({ loss: networkLoss, parameters, data, microBatch: 5 });
  const y = array(
    Float64Array.from(toNumbers(data.y), (v, i) => (i === 13 ? Number.NaN : v)),
    [23, 1],
  );
  await expect(program.statistics(parameters, { ...data, y })).rejects.toThrow(/row 13 of the batch/);
  const stateful = compileGradientStatistics({
    loss: (p, batch) => ({ loss: networkLoss(p, batch), modelState: {} }),
    parameters,
    data,
  });
  await expect(stateful).rejects.toThrow(/must not have a model state/);
});
