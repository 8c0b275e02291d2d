import { array, matmul, mul, sub, type Tensor, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError, ConvergenceError, DataError } from "../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../iterate/checkpoint.ts";
import { solve } from "../iterate/iterate.ts";
import { meanSquaredError } from "../losses/traced/regression.ts";
import { batchNormalization, batchNormalizationParameters } from "../nn/batch-normalization.ts";
import { dense, denseParameters } from "../nn/dense.ts";
import { randomStream } from "../random/stream.ts";
import { adam } from "./adam.ts";
import { sgd } from "./sgd.ts";
import { compileTrainer, train } from "./train.ts";

const stream = randomStream(7);
const n = 24;
const truth = [1.5, -2, 0.5];
const features = Float64Array.from({ length: n * 3 }, () => stream.normal());
const targets = Float64Array.from({ length: n }, (_, i) =>
  truth.reduce((s, w, j) => s + w * features[3 * i + j], 0),
);
const data = { x: array(features, [n, 3]), y: array(targets, [n, 1]) };
const start = { w: array(new Float64Array(3), [3, 1]) };
const linear = ({ w }: { readonly w: Tensor }, { x, y }: { readonly x: Tensor; readonly y: Tensor }) =>
  meanSquaredError(matmul(x, w), y);

/** The gradient of the mean squared error, written out. */
function gradientOf(w: readonly number[], rows: readonly number[]): number[] {
  const g = [0, 0, 0];
  for (const i of rows) {
    const residual = w.reduce((s, v, j) => s + v * features[3 * i + j], 0) - targets[i];
    for (let j = 0; j < 3; j++) g[j] += (2 / rows.length) * residual * features[3 * i + j];
  }
  return g;
}
const all = Array.from({ length: n }, (_, i) => i);

test("full-batch gradient descent follows the recursion written out, and finds the planted weights", async () => {
  const iterates = train({
    loss: linear,
    parameters: start,
    optimizer: sgd({ learningRate: 0.1 }),
    data,
    batchSize: "full",
    epochs: 300,
    epochsPerIterate: 100,
  });
  const { iterate, status } = await solve(iterates);
  let w = [0, 0, 0];
  for (let t = 0; t < 300; t++) {
    const g = gradientOf(w, all);
    w = w.map((v, j) => v - 0.1 * g[j]);
  }
  expect(status).toBe("converged");
  expect(iterate.epoch).toBe(300);
  toNumbers(iterate.parameters.w).forEach((v, j) => {
    expect(v).toBeCloseTo(w[j], 12);
    expect(v).toBeCloseTo(truth[j], 6);
  });
});

test("Adam follows Algorithm 1 of Kingma and Ba written out", async () => {
  const { iterate } = await solve(
    train({
      loss: linear,
      parameters: start,
      optimizer: adam({ learningRate: 0.05, beta1: 0.8, beta2: 0.95, epsilon: 1e-6 }),
      data,
      batchSize: "full",
      epochs: 40,
      epochsPerIterate: 7,
    }),
  );
  let w = [0, 0, 0];
  const m = [0, 0, 0];
  const v = [0, 0, 0];
  for (let t = 1; t <= 40; t++) {
    const g = gradientOf(w, all);
    w = w.map((value, j) => {
      m[j] = 0.8 * m[j] + 0.2 * g[j];
      v[j] = 0.95 * v[j] + 0.05 * g[j] ** 2;
      return value - (0.05 * (m[j] / (1 - 0.8 ** t))) / (Math.sqrt(v[j] / (1 - 0.95 ** t)) + 1e-6);
    });
  }
  expect(iterate.epoch).toBe(40);
  toNumbers(iterate.parameters.w).forEach((value, j) => {
    expect(value).toBeCloseTo(w[j], 12);
  });
});

test("minibatches: each step is on the planned rows, and the loss is their mean before the step", async () => {
  const plan = [5, 1, 9, 22, 0, 13, 2, 3];
  const { iterate } = await solve(
    train({
      loss: linear,
      parameters: start,
      optimizer: sgd({ learningRate: 0.05 }),
      data,
      batchSize: 4,
      epochs: 1,
      batches: () => Int32Array.from(plan),
    }),
  );
  let w = [0, 0, 0];
  let total = 0;
  for (const rows of [plan.slice(0, 4), plan.slice(4)]) {
    const loss = (i: number) => (w.reduce((s, v, j) => s + v * features[3 * i + j], 0) - targets[i]) ** 2;
    total += rows.reduce((s, i) => s + loss(i), 0) / 4;
    const g = gradientOf(w, rows);
    w = w.map((v, j) => v - 0.05 * g[j]);
  }
  expect(iterate.loss).toBeCloseTo(total / 2, 12);
  toNumbers(iterate.parameters.w).forEach((value, j) => {
    expect(value).toBeCloseTo(w[j], 13);
  });
});

test("training resumes bit for bit from any iterate, through text, with batch normalization and Adam", async () => {
  const s = randomStream(3);
  const normalization = batchNormalizationParameters(4, "f64");
  const parameters = {
    hidden: denseParameters({ inputs: 3, outputs: 4, stream: s, dtype: "f64" }),
    normalization: normalization.parameters,
    output: denseParameters({ inputs: 4, outputs: 1, stream: s, dtype: "f64" }),
  };
  using trainer = await compileTrainer({
    loss: (p, batch, { modelState }) => {
      const { output, state } = batchNormalization(p.normalization, modelState, dense(p.hidden, batch.x));
      return { loss: meanSquaredError(dense(p.output, output), batch.y), modelState: state };
    },
    parameters,
    modelState: normalization.state,
    optimizer: adam({ learningRate: 0.01 }),
    data,
    batchSize: 5,
  });
  const straight = await solve(trainer.train({ epochs: 6, seed: 11 }));
  const half = await solve(trainer.train({ epochs: 6, seed: 11 }), { maxIterations: 3 });
  expect(half.status).toBe("max-iterations");
  const stored = parseCheckpoint(serializeCheckpoint(half.iterate)) as typeof half.iterate;
  const resumed = await solve(trainer.train({ epochs: 6, seed: 11, resume: stored }));
  expect(resumed.iterate.parameters).toStrictEqual(straight.iterate.parameters);
  expect(resumed.iterate.state).toStrictEqual(straight.iterate.state);
  const other = await solve(trainer.train({ epochs: 6, seed: 12 }));
  expect(other.iterate.parameters).not.toStrictEqual(straight.iterate.parameters);
});

test("one compiled trainer serves other data, other starts and other settings", async () => {
  using trainer = await compileTrainer({
    loss: linear,
    parameters: start,
    optimizer: ({ rate }) => sgd({ learningRate: rate }),
    settings: { rate: 0.1 },
    data,
    batchSize: "full",
  });
  const small = {
    x: array(Float64Array.of(1, 0, 0, 0, 1, 0), [2, 3]),
    y: array(Float64Array.of(2, 4), [2, 1]),
  };
  const { iterate } = await solve(trainer.train({ data: small, epochs: 1, settings: { rate: 0.5 } }));
  expect(toNumbers(iterate.parameters.w)).toStrictEqual([1, 2, 0]);
});

test("a loss that is not finite is reported where it first appears", async () => {
  const run = solve(
    train({
      loss: (p, b) => mul(linear(p, b), linear(p, b)),
      parameters: start,
      optimizer: sgd({ learningRate: 10 }),
      data,
      batchSize: 12,
      epochs: 50,
    }),
  );
  await expect(run).rejects.toThrow(ConvergenceError);
  await expect(run).rejects.toThrow(
    /the loss became (NaN|Infinity) at epoch \d+, batch [12]; the last finite loss was \d/,
  );
});

test("what cannot be trained is refused by name", async () => {
  const base = { loss: linear, parameters: start, optimizer: sgd({ learningRate: 0.1 }), data };
  await expect(compileTrainer({ ...base, batchSize: 0 })).rejects.toThrow(ArgumentError);
  await expect(
    compileTrainer({ ...base, batchSize: 4, data: { x: data.x, y: array(new Float64Array(3), [3, 1]) } }),
  ).rejects.toThrow(/data\.y: has 3 rows, data\.x has 24/);
  await expect(
    compileTrainer({
      ...base,
      batchSize: 4,
      data: { x: array(new Float64Array(0), [0, 3]), y: array(new Float64Array(0), [0, 1]) },
    }),
  ).rejects.toThrow(DataError);
  await expect(
    compileTrainer({ ...base, loss: ({ w }, { x, y }) => sub(matmul(x, w), y), batchSize: 4 }),
  ).rejects.toThrow(/must return a floating-point scalar/);
  await expect(solve(train({ ...base, batchSize: 25, epochs: 1 }))).rejects.toThrow(
    /batchSize must be .* rows 24, got 25/,
  );
  expect(() => sgd({ learningRate: 0 })).toThrow(/learningRate must be a positive number, got 0/);
  expect(() => adam({ learningRate: 0.1, beta1: 1 })).toThrow(/beta1 must be in \[0, 1\), got 1/);
});
