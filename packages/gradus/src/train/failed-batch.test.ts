import { array, mul, reshape, sigmoid, type Tensor } from "@gradus/graph";
import { expect, test } from "vitest";
import { DataError, MissingClassError } from "../check/errors.ts";
import { solve } from "../iterate/iterate.ts";
import { metricLoss } from "../losses/metric/metric-loss.ts";
import { softmaxCrossEntropy } from "../losses/traced/cross-entropy.ts";
import { sgd } from "./sgd.ts";
import { train } from "./train.ts";

const inOrder = (rows: number) => () => Int32Array.from({ length: rows }, (_, i) => i);
const failureOf = async (run: ReturnType<typeof train>): Promise<unknown> =>
  solve(run).then(
    () => undefined,
    (error: unknown) => error,
  );

function metricTraining(y: readonly number[], batchSize: number | "full") {
  const loss = metricLoss("recall");
  return train({
    loss: ({ w }: { w: Tensor }, batch: { x: Tensor; y: Tensor }) =>
      loss(sigmoid(mul(reshape(batch.x, batch.y.shape), w)), batch.y),
    parameters: { w: array(Float64Array.of(0), []) },
    data: {
      x: array(
        Float64Array.from(y, (_, i) => i - 3),
        [y.length, 1],
      ),
      y: array(Float64Array.from(y)),
    },
    optimizer: sgd({ learningRate: 0.1 }),
    batchSize,
    batches: batchSize === "full" ? undefined : inOrder(y.length),
    epochs: 2,
  });
}

test("a batch without a class that the metric divides by is named, not taken for a divergence", async () => {
  const error = await failureOf(metricTraining([1, 0, 0, 0, 0, 1], 2));
  expect(error).toBeInstanceOf(MissingClassError);
  expect(String(error)).toContain(
    "recall divides by the number of positive rows, but none of the 2 rows has label 1: epoch 1, batch 2",
  );
});

test.each([2, "full"] as const)(
  "a label that is neither 0 nor 1 is named by its row (batch size %s)",
  async (size) => {
    const error = await failureOf(metricTraining([1, 0, 0, 1, 0, 2], size));
    expect(error).toBeInstanceOf(DataError);
    expect(String(error)).toContain("labels must be 0 or 1, got 2 in row 5");
  },
);

function classTraining(labels: readonly bigint[], x: readonly number[]) {
  return train({
    loss: ({ w }: { w: Tensor }, batch: { x: Tensor; y: Tensor }) =>
      softmaxCrossEntropy(mul(batch.x, w), batch.y),
    parameters: { w: array(Float64Array.of(1, 2, 3), [1, 3]) },
    data: { x: array(Float64Array.from(x), [x.length, 1]), y: array(BigInt64Array.from(labels)) },
    optimizer: sgd({ learningRate: 0.1 }),
    batchSize: 2,
    batches: inOrder(labels.length),
    epochs: 1,
  });
}

test("a label that is no class is named with its row and the number of classes", async () => {
  const error = await failureOf(classTraining([0n, 1n, 2n, 3n], [1, 2, 3, 4]));
  expect(error).toBeInstanceOf(DataError);
  expect(String(error)).toContain("labels must be class numbers from 0 to 2, got 3 in row 3 (3 classes)");
});

test("a number of the data that is not finite is named by its place", async () => {
  const error = await failureOf(classTraining([0n, 1n, 2n, 0n], [1, 2, Number.NaN, 4]));
  expect(error).toBeInstanceOf(DataError);
  expect(String(error)).toContain("data.x must be finite, got NaN in row 2, column 0");
});
