import { array, mean, mul, type Tensor } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { solve } from "../iterate/iterate.ts";
import { denseMatrix } from "../linalg/matrix.ts";
import { binaryLogisticLoss } from "../losses/logistic.ts";
import { metricLoss } from "../losses/metric/metric-loss.ts";
import { linearTargets } from "../target-surrogates/linear-targets.ts";
import { sso } from "../target-surrogates/sso.ts";
import { targetLoss } from "../target-surrogates/target-loss.ts";
import { targetProblem } from "../target-surrogates/target-problem.ts";
import { adagradNorm } from "./adagrad.ts";
import { adam } from "./adam.ts";
import { adadagradNorm } from "./batch-size/adadagrad.ts";
import { adaptiveBatchSize } from "./batch-size/adaptive-batch-size.ts";
import { compileBatchSizeTrainer } from "./batch-size/batch-size-trainer.ts";
import { normTest } from "./batch-size/norm-test.ts";
import { streamOracle } from "./batch-size/sample-oracle.ts";
import { fitLinearClassifier } from "./classifiers/linear.ts";
import { anyLoss, scoreLoss } from "./classifiers/loss.ts";
import { cosineDecay } from "./schedules/cosine-decay.ts";
import { sgd } from "./sgd.ts";
import { train } from "./train.ts";

/** Options as they come from JavaScript. */
const untyped = (options: unknown) => options as never;
const data = { x: array(Float64Array.of(1, 2, 3, 4), [4, 1]) };
const problem = {
  loss: ({ w }: { w: Tensor }, { x }: { x: Tensor }) => mean(mul(w, x)),
  parameters: { w: array(Float64Array.of(1)) },
  data,
  optimizer: sgd({ learningRate: 0.1 }),
  batchSize: 2,
  epochs: 1,
};

test.each<readonly [string, unknown, string]>([
  ["an unknown option", { ...problem, lr: 1 }, 'train has no option "lr"; its options are loss, parameters'],
  ["a missing loss", { ...problem, loss: undefined }, "loss must be a function, got undefined"],
  ["a loss by name", { ...problem, loss: "f1" }, 'loss must be a function, got "f1"'],
  [
    "an update in place of an optimizer",
    { ...problem, optimizer: (gradients: unknown) => gradients },
    "optimizer, where it is a function, must make a gradient transformation { init, update } from the settings, got",
  ],
  ["an optimizer by name", { ...problem, optimizer: "adam" }, "optimizer must be a gradient transformation"],
  [
    "no batch size",
    { ...problem, batchSize: undefined },
    'batchSize must be "full", a positive integer or a',
  ],
  ["a size in place of a switch", { ...problem, lowMemory: 64 }, "lowMemory must be true or false, got 64"],
  ["an evaluation's option", { ...problem, evaluation: { data, each: 2 } }, 'has no option "each"'],
  [
    "a plan of batches that is none",
    { ...problem, batches: {} },
    "batches must be a function, got an object",
  ],
  [
    "metrics without rows",
    { ...problem, metrics: { mean: problem.loss } },
    "metrics need evaluation: { data }",
  ],
])("%s of train is refused by name", async (_, options, message) => {
  await expect(solve(train(untyped(options)))).rejects.toThrow(message);
  await expect(solve(train(untyped(options)))).rejects.toThrow(ArgumentError);
});

test("train names each of its options once", async () => {
  const error = await solve(train(untyped({ ...problem, lr: 1 }))).catch(String);
  const names = String(error).split("its options are ")[1].split(", ");
  expect(names).toEqual([...new Set(names)]);
});

test("low memory needs a fixed batch size", async () => {
  const batchSize = adaptiveBatchSize({ test: normTest({ eta: 0.5 }), initial: 2, maximum: 4 });
  await expect(solve(train({ ...problem, batchSize, lowMemory: true }))).rejects.toThrow(
    "lowMemory needs a fixed batchSize, got a batch-size policy",
  );
});

test("unknown options of optimizers, schedules and policies are refused by name", () => {
  expect(() => adam(untyped({ lr: 0.1 }))).toThrow('adam has no option "lr"; its options are learningRate');
  expect(() => adam(untyped({}))).toThrow(
    "learningRate must be a number, a tensor or a schedule, got undefined",
  );
  expect(() => adagradNorm(untyped({ learningRate: 1, epsilon: 1 }))).toThrow(
    'adagradNorm has no option "epsilon"',
  );
  expect(() => cosineDecay(untyped({ initial: 1, counts: 5, end: 0 }))).toThrow(
    'cosineDecay has no option "end"',
  );
  expect(() => adaptiveBatchSize(untyped({ test: { eta: 0.5 }, initial: 8, maximum: 64 }))).toThrow(
    "test must be a test such as normTest({ eta: 0.5 }), got an object with keys eta",
  );
});

test("metric losses refuse unknown options and values", () => {
  expect(() => metricLoss("f1", untyped({ L: 3 }))).toThrow('metricLoss has no option "L"');
  expect(() => metricLoss("f1", untyped({ onMissingClass: "ignore" }))).toThrow(
    'onMissingClass must be "error", "skip" or "zero", got "ignore"',
  );
});

test("classifiers refuse a loss by name, a missing loss and unknown options", async () => {
  const fit = (options: unknown) => fitLinearClassifier(denseMatrix([1, 2], 2, 1), [0, 1], untyped(options));
  await expect(fit({ loss: "f1" })).rejects.toThrow(
    'loss must be a classifier\'s loss, such as anyLoss("f1")',
  );
  await expect(fit(undefined)).rejects.toThrow("loss must be a classifier's loss");
  await expect(fit({ lr: 1 })).rejects.toThrow('fitLinearClassifier has no option "lr"');
});

test("a classifier's losses refuse unknown options by their own names", () => {
  expect(() => anyLoss("f1", untyped({ L: 3 }))).toThrow('anyLoss has no option "L"; its options are slope');
  expect(() => scoreLoss("f1", untyped({ L: 3 }))).toThrow('scoreLoss has no option "L"');
});

test("target surrogates refuse an eta by name and unknown options", () => {
  const model = linearTargets({ rows: 2, columns: 1, values: Float64Array.of(1, 2) });
  const targets = targetProblem(model, targetLoss(binaryLogisticLoss, [0, 1]));
  const start = new Float64Array(1);
  expect(() => sso(targets, start, untyped({ eta: "exponential" }))).toThrow(
    'eta must be a number, a schedule, targetLineSearch(...) or targetAdagrad(...), got "exponential"',
  );
  expect(() => sso(targets, start, untyped({ steps: 3 }))).toThrow('sso has no option "steps"');
});

const rowsWith = (place: number) => ({
  x: array(
    Float64Array.from({ length: 20 }, (_, i) => (i === place ? Number.NaN : 1 + i)),
    [20, 1],
  ),
});

test.each([true, false])(
  "a row that is not finite is named by its place in the data (tested: %s)",
  async (tested) => {
    const { batchSize: _, epochs: _epochs, optimizer: _optimizer, ...rest } = problem;
    const run = tested
      ? adadagradNorm({
          ...rest,
          data: rowsWith(13),
          test: normTest({ eta: 0.5 }),
          initial: 4,
          maximum: 8,
          learningRate: 0.01,
        })
      : (
          await compileBatchSizeTrainer({
            ...rest,
            data: rowsWith(13),
            optimizer: sgd({ learningRate: 0.01 }),
          })
        ).train({ batchSize: 4 });
    await expect(solve(run, { maxIterations: 20 })).rejects.toThrow(/row 13 of the data has loss NaN/);
  },
);

test("a row of a stream that is not finite is named by its place in the batch", async () => {
  const { batchSize: _, epochs: _epochs, data: _data, ...rest } = problem;
  const stream = streamOracle((_stream, count) => ({
    x: array(
      Float64Array.from({ length: count }, (_, i) => (i === 2 ? Number.NaN : 1)),
      [count, 1],
    ),
  }));
  using trainer = await compileBatchSizeTrainer({ ...rest, data: stream });
  await expect(solve(trainer.train({ batchSize: 4 }), { maxIterations: 2 })).rejects.toThrow(
    /row 2 of the batch has loss NaN/,
  );
});
