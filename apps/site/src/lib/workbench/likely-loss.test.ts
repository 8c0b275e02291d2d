import {
  array,
  exportOnnx,
  f32,
  matmul,
  onnxGraph,
  reshape,
  sigmoid,
  softmax,
  sum,
  type Tensor,
  tanh,
} from "@gradus/graph";
import { expect, test } from "vitest";
import { likelyLoss } from "./likely-loss.ts";

const weights = array(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
const lossOf = (end: (scores: Tensor) => Tensor) =>
  likelyLoss(
    onnxGraph(
      exportOnnx(
        ({ x, w }) => ({ y: end(matmul(x, w)) }),
        { x: f32("batch", 2) },
        { constants: { w: weights } },
      ),
    ),
  );

test("the function that ends a model says what it tells", () => {
  expect(lossOf((scores) => scores)).toBe("cross-entropy");
  expect(lossOf((scores) => softmax(scores))).toBe("cross-entropy");
  expect(lossOf((scores) => sigmoid(scores))).toBe("binary-cross-entropy");
  expect(lossOf((scores) => reshape(sigmoid(scores), ["batch", 3, 1]))).toBe("binary-cross-entropy");
  expect(lossOf((scores) => tanh(scores))).toBe("squared");
});

test("pictures and single numbers are numbers", () => {
  expect(lossOf((scores) => reshape(scores, ["batch", 1, 1, 3]))).toBe("squared");
  expect(lossOf((scores) => sum(scores, { axes: 1, keepDims: true }))).toBe("squared");
});
