import {
  add,
  array,
  compile,
  constant,
  expandDims,
  f64,
  flattenTensors,
  gradient,
  hessianVectorProduct,
  i64,
  perExampleGradients,
  specsOf,
  sum,
  type Tensor,
  toNumbers,
} from "@gradus/graph";
import { expect, test } from "vitest";
import { softmaxCrossEntropy } from "../../losses/traced/cross-entropy.ts";
import { randomStream } from "../../random/stream.ts";
import type { AsTensors } from "../../tree/arrays.ts";
import { convnet } from "./convnet.ts";
import { arraysOf, assertGradient, normals } from "./test-support.ts";

const model = convnet({
  input: [1, 6, 6],
  stages: [{ filters: 2, kernel: 3, padding: "same", pool: 2 }],
  hidden: [4],
  outputs: 3,
  activation: "tanh",
});
type P = AsTensors<ReturnType<typeof model.parameters>>;
const parameters = model.parameters({ stream: randomStream(1), dtype: "f64" });
const images = normals(2, [4, 1, 6, 6]);
const labels = BigInt64Array.of(0n, 2n, 1n, 2n);
const lossOn = (x: Tensor, y: Tensor) => (p: P) => softmaxCrossEntropy(model.apply(p, x), y);

test("the gradient of a convnet's gradient is that of central differences, and its product with ones the Hessian's", async () => {
  const loss = lossOn(constant(images.data, images.shape), constant(labels));
  const slopes = (p: P) =>
    flattenTensors(gradient(loss)(p))
      .leaves.map((g) => sum(g))
      .reduce((a, b) => add(a, b));
  await assertGradient(parameters, slopes, { tolerance: 1e-5 });
  const ones = {
    stages: parameters.stages.map((stage) => ({ weights: filled(stage.weights), bias: filled(stage.bias) })),
    head: {
      layers: parameters.head.layers.map((l) => ({ weights: filled(l.weights), bias: filled(l.bias) })),
    },
  };
  using program = await compile(
    ({ p, v }) => ({
      reverse: flattenTensors(gradient(slopes)(p)).leaves,
      forward: flattenTensors(hessianVectorProduct(loss)(p, v)).leaves,
    }),
    { p: specsOf(parameters), v: specsOf(ones) },
  );
  const { reverse, forward } = await program.run({ p: parameters, v: ones });
  reverse.forEach((leaf, i) => {
    toNumbers(leaf).forEach((v, k) => {
      expect(toNumbers(forward[i])[k]).toBeCloseTo(v, 12);
    });
  });
});

function filled({
  data,
  shape,
}: {
  readonly data: { readonly length: number };
  readonly shape: readonly number[];
}) {
  return array(new Float64Array(data.length).fill(1), shape);
}

test("gradients of single examples of a convnet have the batch's as their mean", async () => {
  const each = perExampleGradients((p: P, { x, y }: { x: Tensor; y: Tensor }) =>
    lossOn(expandDims(x, 0), expandDims(y, 0))(p),
  );
  using program = await compile(
    ({ p, x, y }) => ({
      each: flattenTensors(each(p, { x, y })).leaves,
      whole: flattenTensors(gradient(lossOn(x, y))(p)).leaves,
    }),
    { p: specsOf(parameters), x: f64("n", 1, 6, 6), y: i64("n") },
  );
  const result = await program.run({ p: parameters, x: images.data, y: labels });
  expect(result.each).toHaveLength(arraysOf(parameters).length);
  result.whole.forEach((leaf, i) => {
    const size = leaf.data.length;
    const rows = toNumbers(result.each[i]);
    toNumbers(leaf).forEach((v, k) => {
      const mean = [0, 1, 2, 3].reduce((s, row) => s + rows[row * size + k], 0) / 4;
      expect(mean).toBeCloseTo(v, 12);
    });
  });
});
