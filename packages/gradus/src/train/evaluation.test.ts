import { abs, argMax, array, cast, equal, matmul, mean, sub, type Tensor } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { solve } from "../iterate/iterate.ts";
import { polyakAveraging } from "./average-parameters.ts";
import { DivergenceError } from "./divergence.ts";
import { compileEvaluator } from "./evaluator.ts";
import { sgd } from "./sgd.ts";
import { networkLoss, regression } from "./test-problem.ts";
import { compileTrainer, train } from "./train.ts";

const { data, parameters } = regression("f64");
const validation = regression("f64", 17).data;
const problem = { loss: networkLoss, parameters, data, optimizer: sgd({ learningRate: 0.1 }) };

test("metrics in batches, the last one uneven, are the metrics of all rows", async () => {
  const linear = ({ w }: { readonly w: Tensor }, { x }: { readonly x: Tensor }) => matmul(x, w);
  const rows = Array.from({ length: 7 }, (_, i) => [i * i, 3 - i, i, 1]).flat();
  using evaluator = await compileEvaluator({
    metrics: {
      mean: (p, b) => mean(linear(p, b)),
      first: (p, b) => mean(cast(equal(argMax(linear(p, b), { axis: 1 }), 0), "f64")),
    },
    parameters: { w: array(Float64Array.of(1, 0, 0, 1, 0, 0, 0, 0), [4, 2]) },
    data: { x: array(new Float64Array(4), [1, 4]) },
  });
  const evaluate = (batchSize?: number) =>
    evaluator.evaluate({
      parameters: { w: array(Float64Array.of(1, 0, 0, 1, 0, 0, 0, 0), [4, 2]) },
      data: { x: array(Float64Array.from(rows), [7, 4]) },
      batchSize,
    });
  // Scores are (i^2, 3 - i) for i = 0 to 6: the first is the larger from 2 on.
  const expected = { mean: 91 / 14, first: 5 / 7 };
  for (const batchSize of [undefined, 1, 2, 3, 5, 7, 100]) {
    const metrics = await evaluate(batchSize);
    expect(metrics.mean).toBeCloseTo(expected.mean, 13);
    expect(metrics.first).toBeCloseTo(expected.first, 13);
  }
  await expect(evaluate(0)).rejects.toThrow(/evaluation.batchSize must be a positive integer, got 0/);
});

describe("in training", () => {
  test("metrics are measured every so many epochs, at the start and at the end", async () => {
    const measured: (number | undefined)[] = [];
    const run = train({
      ...problem,
      batchSize: "full",
      metrics: { loss: networkLoss },
      evaluation: { data, every: 3, batchSize: 10 },
      epochs: 7,
    });
    let before: number | undefined;
    for await (const { epoch, metrics, loss } of run) {
      measured.push(metrics && epoch);
      // On the training data, what is measured after an epoch is the loss before the next step.
      if (before !== undefined) expect(loss).toBeCloseTo(before, 13);
      before = metrics?.loss;
    }
    expect(measured).toStrictEqual([0, undefined, undefined, 3, undefined, undefined, 6, 7]);
  });

  test("with averaging, the average is measured", async () => {
    const distance = (p: { readonly hidden: { readonly weights: Tensor } }) => mean(abs(p.hidden.weights));
    const run = train({
      ...problem,
      batchSize: "full",
      averaging: polyakAveraging(),
      metrics: { distance: (p) => distance(p) },
      evaluation: { data: validation },
      epochs: 3,
    });
    const { iterate } = await solve(run);
    const size = (values: ArrayLike<number | bigint>) =>
      Array.from(values, (v) => Math.abs(Number(v))).reduce((s, v) => s + v, 0) / values.length;
    expect(iterate.metrics?.distance).toBeCloseTo(size(iterate.average!.hidden.weights.data), 14);
    expect(iterate.metrics?.distance).not.toBeCloseTo(size(iterate.parameters.hidden.weights.data), 6);
  });

  test("a metric that is not finite is reported with its epoch", async () => {
    const bad = array(new Float64Array(17).fill(Number.NaN), [17, 1]);
    const run = solve(
      train({
        ...problem,
        batchSize: "full",
        metrics: { error: (p, b) => mean(sub(networkLoss(p, b), 1)) },
        evaluation: { data: { ...validation, y: bad } },
        epochs: 1,
      }),
    );
    await expect(run).rejects.toThrow(DivergenceError);
    await expect(run).rejects.toThrow(/the metric error became NaN at epoch 0 \(step 0\)/);
  });

  test("what cannot be measured is refused by name", async () => {
    using plain = await compileTrainer({ ...problem, batchSize: "full" });
    expect(() => plain.train({ evaluation: { data } })).toThrow(/evaluation needs metrics/);
    await expect(
      compileTrainer({ ...problem, batchSize: "full", metrics: { rows: (_, { y }) => y } }),
    ).rejects.toThrow(/metrics\.rows must be a scalar/);
    await expect(compileTrainer({ ...problem, batchSize: "full", metrics: {} })).rejects.toThrow(
      /metrics must have at least one/,
    );
    using measured = await compileTrainer({ ...problem, batchSize: "full", metrics: { loss: networkLoss } });
    expect(() => measured.train({ evaluation: { data, every: 0 } })).toThrow(
      /evaluation.every must be .* got 0/,
    );
    const ragged = { ...validation, y: array(new Float64Array(3), [3, 1]) };
    await expect(solve(measured.train({ evaluation: { data: ragged }, epochs: 1 }))).rejects.toThrow(
      /evaluation\.data\.y: has 3 rows/,
    );
  });
});
