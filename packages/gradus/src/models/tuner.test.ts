import { readFile } from "node:fs/promises";
import {
  type ArrayValue,
  add,
  array,
  exportOnnx,
  f32,
  importOnnx,
  loadOnnx,
  matmul,
  mul,
  reshape,
  toNumbers,
} from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { parameterGroups } from "../curvature/model/parameter-groups.ts";
import { parseCheckpoint, serializeCheckpoint } from "../iterate/checkpoint.ts";
import { solve } from "../iterate/iterate.ts";
import { adam } from "../train/adam.ts";
import { sgd } from "../train/sgd.ts";
import { takeRows } from "../tree/rows.ts";
import { rowInputs } from "./batch-axis.ts";
import type { ModelData } from "./objective.ts";
import { moduleSlots, parameterModules } from "./parameter-modules.ts";
import { compileTuner, type TuneIterate, type TuneRun, type Tuner, type TunerOptions } from "./tuner.ts";

interface Packed {
  readonly shape: readonly number[];
  readonly data: string;
}

interface Steps {
  readonly losses: readonly number[];
  readonly parameters: Readonly<Record<string, Packed>>;
}

/** What `packages/graph/fixtures/pytorch/tune.py` wrote. */
const folder = new URL("../../../graph/fixtures/pytorch/", import.meta.url);
const file = new Uint8Array(await readFile(new URL("classifier.onnx", folder)));
const record: { x: Packed; labels: number[]; all: Steps; head: Steps } = JSON.parse(
  await readFile(new URL("classifier.json", folder), "utf8"),
);
const doubles = ({ data }: Packed) => new Float64Array(Uint8Array.from(Buffer.from(data, "base64")).buffer);

const features = array(Float32Array.from(doubles(record.x)), record.x.shape);
const labels = array(BigInt64Array.from(record.labels, BigInt));
const data: ModelData = { inputs: { features }, labels };
const options: TunerOptions = { data, loss: "cross-entropy" };

async function collect(tuner: Tuner, run: TuneRun): Promise<TuneIterate[]> {
  const all: TuneIterate[] = [];
  for await (const iterate of tuner.train(run)) all.push(iterate);
  return all;
}

/** A model's logits by ONNX Runtime. */
async function outputs(model: Uint8Array): Promise<ArrayValue> {
  using session = await loadOnnx(model);
  return (await session.run({ features })).logits;
}

describe("steps of PyTorch", () => {
  test.each([
    ["all", []],
    ["head", ["encoder.*"]],
  ] as const)("%s parameters", async (part, freeze) => {
    using tuner = await compileTuner(file, {
      ...options,
      freeze,
      batchSize: 120,
      optimizer: sgd({ learningRate: 0.1 }),
    });
    const iterates = await collect(tuner, { epochs: 10 });
    const { losses, parameters } = record[part];
    iterates.slice(1).forEach(({ loss }, i) => {
      expect(loss).toBeCloseTo(losses[i], 6);
    });
    const tuned = importOnnx(tuner.file(iterates[10])).parameters;
    for (const [name, wanted] of Object.entries(parameters)) {
      const exact = doubles(wanted);
      toNumbers(tuned[name]).forEach((value, i) => {
        expect(value).toBeCloseTo(exact[i], 5);
      });
    }
    expect(tuner.trained).toEqual(
      Object.keys(parameters).filter((name) => part === "all" || name.startsWith("head")),
    );
  });
});

test("frozen parameters keep their bits, and the file keeps its names and operator set", async () => {
  using tuner = await compileTuner(file, { ...options, freeze: ["encoder.*.weight", "head.bias"] });
  const [, iterate] = await collect(tuner, { epochs: 1 });
  const [before, after] = [importOnnx(file), importOnnx(tuner.file(iterate))];
  expect(after).toMatchObject({
    inputs: before.inputs,
    outputs: before.outputs,
    opset: before.opset,
    producer: before.producer,
    operators: before.operators,
  });
  for (const name of ["encoder.0.weight", "encoder.2.weight", "head.bias"])
    expect(after.parameters[name]).toEqual(before.parameters[name]);
  for (const name of tuner.trained) expect(after.parameters[name]).not.toEqual(before.parameters[name]);
  expect(tuner.trained).toEqual(["encoder.0.bias", "encoder.2.bias", "head.weight"]);
});

test("weights that PyTorch renamed are frozen with their module, and grouped with it", async () => {
  const folded = new Uint8Array(await readFile(new URL("folded.onnx", folder)));
  const x = array(new Float32Array(30).fill(0.5), [2, 5, 3]);
  using tuner = await compileTuner(folded, {
    ...{ data: { inputs: { x }, labels: array(BigInt64Array.of(0n, 1n)) }, loss: "cross-entropy" },
    freeze: ["encoder.*"],
  });
  expect(tuner.trained.map((name) => [name, parameterModules(tuner.model, name)])).toEqual([
    ["head.bias", []],
    [expect.stringMatching(/^onnx::MatMul_\d+$/), ["head"]],
  ]);
  const slots = Object.keys(tuner.model.parameters).map((path, start) => ({ path, start, length: 1 }));
  expect(
    parameterGroups(moduleSlots(tuner.model, slots)).map((group) => [group.path, group.slots.length]),
  ).toEqual([
    ["encoder.0", 2],
    ["encoder.2", 2],
    ["head", 2],
  ]);
});

test("the best iterate has no state of the optimizer, which is larger than the parameters", async () => {
  using tuner = await compileTuner(file, { ...options, validation: 0.25 });
  const last = (await collect(tuner, { epochs: 2 })).at(-1);
  expect(last?.best?.iterate.state.optimizerState).toEqual([]);
  expect(last?.state.method.state.optimizerState).not.toEqual([]);
});

test("tuning in low memory comes to the same parameters", async () => {
  const after = async (lowMemory: boolean) => {
    using tuner = await compileTuner(file, { ...options, validation: 0.25, seed: 3, lowMemory });
    const last = (await collect(tuner, { epochs: 2 })).at(-1);
    return { ...last?.parameters.whole };
  };
  const [low, usual] = [await after(true), await after(false)];
  expect(Object.keys(low)).toEqual(Object.keys(usual));
  for (const [name, { data }] of Object.entries(low))
    data.forEach((value, i) => void expect(value).toBeCloseTo(Number(usual[name].data[i]), 6));
});

test("a tuned file gives the validation loss in ONNX Runtime that tuning measured", async () => {
  using tuner = await compileTuner(file, { ...options, validation: data, lora: 2, seed: 3 });
  const iterates = await collect(tuner, { epochs: 3 });
  const best = iterates.at(-1)?.best;
  const logits = toNumbers(await outputs(tuner.file(iterates[3])));
  let total = 0;
  record.labels.forEach((label, i) => {
    const row = logits.slice(3 * i, 3 * i + 3);
    total += Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - row[label];
  });
  expect(total / record.labels.length).toBeCloseTo(best?.value ?? Number.NaN, 5);
});

test("low-rank changes have their rank, begin at nothing and leave the rest alone", async () => {
  using tuner = await compileTuner(file, { ...options, lora: 1, optimizer: adam({ learningRate: 0.01 }) });
  const iterates = await collect(tuner, { epochs: 2 });
  expect(tuner.file(iterates[0])).toEqual(file);
  expect(tuner.trained).toEqual(["encoder.0.weight", "encoder.2.weight", "head.weight"]);
  const tuned = importOnnx(tuner.file(iterates[2])).parameters;
  const own = importOnnx(file).parameters;
  for (const name of tuner.trained) {
    const [rows, columns] = own[name].shape;
    const change = toNumbers(tuned[name]).map((value, i) => value - Number(own[name].data[i]));
    const size = Math.hypot(...change);
    expect(size).toBeGreaterThan(0.01);
    // Every 2 x 2 minor of a matrix of rank 1 is 0.
    for (let i = 1; i < rows; i++)
      for (let j = 1; j < columns; j++) {
        const minor = change[0] * change[i * columns + j] - change[j] * change[i * columns];
        expect(Math.abs(minor)).toBeLessThan(1e-6 * size);
      }
  }
  for (const name of ["encoder.0.bias", "encoder.2.bias", "head.bias"])
    expect(tuned[name]).toEqual(own[name]);
});

/** What `tune.py` wrote of an LSTM whose sequences are [5, batch, 3]. */
const steps = new Uint8Array(await readFile(new URL("steps.onnx", folder)));
const sequences: { x: Packed; labels: number[]; losses: number[] } = JSON.parse(
  await readFile(new URL("steps.json", folder), "utf8"),
);
const stepsData: ModelData = {
  inputs: { sequence: array(Float32Array.from(doubles(sequences.x)), sequences.x.shape) },
  labels: array(BigInt64Array.from(sequences.labels, BigInt)),
};
const stepsOptions: TunerOptions = { data: stepsData, loss: "cross-entropy", batchSize: 40 };

/** The mean cross-entropy of logits [rows, classes]. */
function crossEntropyOf(logits: readonly number[], classes: readonly number[]): number {
  const width = logits.length / classes.length;
  const total = classes.reduce((sum, label, i) => {
    const row = logits.slice(width * i, width * (i + 1));
    return sum + Math.log(row.reduce((all, z) => all + Math.exp(z), 0)) - row[label];
  }, 0);
  return total / classes.length;
}

/** The loss of the LSTM by ONNX Runtime, which takes sequences first. */
async function stepsLoss(model: Uint8Array): Promise<number> {
  const [rows, length, width] = stepsData.inputs.sequence.shape;
  const data = toNumbers(stepsData.inputs.sequence);
  const first = Float32Array.from(data, (_, k) => {
    const [t, i, j] = [Math.floor(k / (rows * width)), Math.floor(k / width) % rows, k % width];
    return data[(i * length + t) * width + j];
  });
  using session = await loadOnnx(model);
  const { logits } = await session.run({ sequence: array(first, [length, rows, width]) });
  return crossEntropyOf(toNumbers(logits), sequences.labels);
}

test("rows along another axis: steps of PyTorch on an LSTM that takes sequences first", async () => {
  using tuner = await compileTuner(steps, { ...stepsOptions, optimizer: sgd({ learningRate: 0.5 }) });
  expect(rowInputs(tuner.model)).toEqual([
    { name: "sequence", spec: { dtype: "f32", shape: ["batch", 5, 3] } },
  ]);
  const iterates = await collect(tuner, { epochs: 8 });
  iterates.slice(1).forEach(({ loss }, i) => {
    expect(loss).toBeCloseTo(sequences.losses[i], 5);
  });
  // The loss of each epoch is taken before its step.
  expect(await stepsLoss(tuner.file(iterates[7]))).toBeCloseTo(sequences.losses[7], 5);
});

/** The rank of a matrix, by elimination with the largest pivot. */
function rankOf(values: readonly number[], columns: number): number {
  const rows = Array.from({ length: values.length / columns }, (_, i) =>
    values.slice(i * columns, (i + 1) * columns),
  );
  const size = Math.max(...values.map(Math.abs));
  for (let rank = 0; ; rank++) {
    const [pivot, i, j] = rows
      .flatMap((row, r) => row.map((value, c) => [Math.abs(value), r, c] as const))
      .reduce((a, b) => (b[0] > a[0] ? b : a), [0, 0, 0]);
    if (pivot <= 1e-5 * size || rank >= Math.min(rows.length, columns)) return rank;
    const [line] = rows.splice(i, 1);
    for (const row of rows) {
      const factor = row[j] / line[j];
      for (let c = 0; c < columns; c++) row[c] -= factor * line[c];
    }
    if (rows.length === 0) return rank + 1;
  }
}

test("low-rank changes of a recurrent layer's matrices: their rank, and the loss in ONNX Runtime", async () => {
  using tuner = await compileTuner(steps, {
    ...stepsOptions,
    lora: 2,
    validation: stepsData,
    optimizer: adam({ learningRate: 0.02 }),
  });
  expect(tuner.trained).toEqual(["head.weight", "onnx::LSTM_107", "onnx::LSTM_108"]);
  const iterates = await collect(tuner, { epochs: 4 });
  expect(tuner.file(iterates[0])).toEqual(steps);
  const tuned = tuner.file(iterates[4]);
  const [before, after] = [importOnnx(steps).parameters, importOnnx(tuned).parameters];
  for (const name of tuner.trained) {
    const change = toNumbers(after[name]).map((value, i) => value - Number(before[name].data[i]));
    expect(rankOf(change, before[name].shape.at(-1) ?? 1), name).toBe(2);
  }
  expect(after["onnx::LSTM_109"]).toEqual(before["onnx::LSTM_109"]);
  expect(await stepsLoss(tuned)).toBeCloseTo(iterates[4].metrics?.loss ?? Number.NaN, 5);
});

test("low-rank changes of kernels: their rank as matrices, and the loss in ONNX Runtime", async () => {
  const images = new Uint8Array(await readFile(new URL("images.onnx", folder)));
  const x = array(
    Float32Array.from({ length: 12 * 64 }, (_, i) => Math.sin(3 * i)),
    [12, 1, 8, 8],
  );
  const classes = Array.from({ length: 12 }, (_, i) => i % 3);
  const given = { inputs: { x }, labels: array(BigInt64Array.from(classes, BigInt)) };
  using tuner = await compileTuner(images, {
    ...{ data: given, validation: given, loss: "cross-entropy", lora: 2 },
    optimizer: adam({ learningRate: 0.02 }),
  });
  expect(tuner.trained).toEqual(["first.weight", "second.weight", "head.weight"]);
  const iterates = await collect(tuner, { epochs: 4 });
  const tuned = tuner.file(iterates[4]);
  const [before, after] = [importOnnx(images).parameters, importOnnx(tuned).parameters];
  for (const name of ["first.weight", "second.weight"]) {
    const { shape, data } = before[name];
    const change = toNumbers(after[name]).map((value, i) => value - Number(data[i]));
    expect(rankOf(change, data.length / shape[0]), name).toBe(2);
  }
  using session = await loadOnnx(tuned);
  const { y } = await session.run({ x });
  expect(crossEntropyOf(toNumbers(y), classes)).toBeCloseTo(iterates[4].metrics?.loss ?? Number.NaN, 5);
});

test("a new head has other classes; frozen, lora or not, it is trained", async () => {
  const five = array(BigInt64Array.from(record.labels, (label, i) => BigInt(label + (i % 2 === 0 ? 0 : 2))));
  using tuner = await compileTuner(file, {
    ...options,
    data: { ...data, labels: five },
    head: 5,
    freeze: ["*"],
    optimizer: adam({ learningRate: 0.05 }),
  });
  expect(tuner.trained).toEqual(["head.weight", "head.bias"]);
  const iterates = await collect(tuner, { epochs: 5 });
  expect(iterates[5].loss).toBeLessThan(iterates[1].loss ?? 0);
  expect((await outputs(tuner.file(iterates[5]))).shape).toEqual([120, 5]);
  expect(importOnnx(tuner.file(iterates[5])).parameters["encoder.0.weight"]).toEqual(
    importOnnx(file).parameters["encoder.0.weight"],
  );
});

test("the same seed gives the same file, another one another", async () => {
  const tuned = async (seed: number) => {
    using tuner = await compileTuner(file, { ...options, head: 3, lora: 2, validation: 0.25, seed });
    expect(tuner.rows).toEqual({ train: 90, validation: 30 });
    return tuner.file((await solve(tuner.train({ epochs: 2 }))).iterate);
  };
  expect(await tuned(1)).toEqual(await tuned(1));
  expect(await tuned(2)).not.toEqual(await tuned(1));
});

test("tuning resumes bit for bit from every iterate, through text", async () => {
  using tuner = await compileTuner(file, { ...options, lora: 2, validation: 0.25, batchSize: 16 });
  const run = { epochs: 4, patience: 2 };
  const straight = await collect(tuner, run);
  expect(straight.length).toBeGreaterThan(3);
  for (const [i, iterate] of straight.entries()) {
    const resume = parseCheckpoint(serializeCheckpoint(iterate)) as TuneIterate;
    expect(await collect(tuner, { ...run, resume })).toStrictEqual(straight.slice(i));
  }
});

test("patience ends tuning, and the file has the best parameters", async () => {
  using tuner = await compileTuner(file, {
    ...options,
    data: takeRows(data, [0, 1, 2, 3, 4, 5]),
    validation: takeRows(
      data,
      Int32Array.from({ length: 100 }, (_, i) => i + 20),
    ),
    optimizer: sgd({ learningRate: 3 }),
  });
  const iterates = await collect(tuner, { epochs: 100, patience: 3 });
  const last = iterates.at(-1)!;
  expect(last.stoppedEarly).toBe(true);
  expect(iterates.length).toBeLessThan(100);
  const losses = iterates.map(({ metrics }) => metrics?.loss ?? Number.NaN);
  expect(last.best?.value).toBe(Math.min(...losses));
  expect(tuner.file(last)).toEqual(tuner.file(iterates[losses.indexOf(Math.min(...losses))]));
});

test("a signal ends tuning with its reason", async () => {
  using tuner = await compileTuner(file, options);
  const controller = new AbortController();
  const run = tuner.train({ signal: controller.signal });
  await run.next();
  controller.abort(new Error("enough"));
  await expect(run.next()).rejects.toThrow("enough");
});

describe("what does not fit is refused", () => {
  const refused = (changes: Record<string, unknown>, from = file) =>
    compileTuner(from, { ...options, ...changes });
  test.each([
    [{ loss: "hinge" }, 'loss must be "cross-entropy", "binary-cross-entropy" or "squared", got "hinge"'],
    [{ freeze: ["decoder.*"] }, 'freeze: "decoder.*" matches no parameter; the model has encoder.0.weight'],
    [{ freeze: "encoder.*" }, 'freeze must be a list of patterns, got "encoder.*"'],
    [{ freeze: ["*"] }, "freeze leaves nothing to train of the model's 6 parameters"],
    [{ freeze: ["*.weight"], lora: 2 }, "lora changes matrices, but none is among the parameters to train"],
    [{ lora: 0 }, "lora must be a positive integer, got 0"],
    [{ head: 2.5 }, "head must be a positive integer, got 2.5"],
    [{ head: 2 }, "data.labels"],
    [{ validation: 1 }, "testShare"],
    [{ batchSize: 0 }, "batchSize must be an integer from 1 to 120, got 0"],
    [{ batchSize: 97, validation: 0.2 }, "batchSize must be an integer from 1 to 96, got 97"],
    [{ seed: -1 }, "seed must be a non-negative integer, got -1"],
    [{ rank: 3 }, 'no option "rank"'],
    [{ output: "scores" }, 'output must be "logits", got "scores"'],
    [{ data: 3 }, "data must be { inputs, labels }, got 3"],
    [
      { data: { inputs: { x: features }, labels } },
      `data.inputs has "x", but the model's inputs are features`,
    ],
    [{ data: { inputs: {}, labels } }, "data.inputs.features is missing"],
    [
      { data: { inputs: { features: array(doubles(record.x), record.x.shape) }, labels } },
      "data.inputs.features must be f32[rows, 4], got f64[120, 4]",
    ],
    [{ data: { inputs: { features }, labels: array(BigInt64Array.of(1n)) } }, "has 1 rows"],
    [{ data: { inputs: { features }, labels: array(new BigInt64Array(120).fill(3n)) } }, "data.labels"],
    [
      { data: { inputs: { features }, labels: array(new Float32Array(120).fill(Number.NaN)) } },
      "must be finite",
    ],
    [
      { data: { inputs: { features }, labels: array(new Float32Array(240), [120, 2]) } },
      "data.labels must be the class of each row for the output logits [rows, 3], got f32[120, 2]",
    ],
  ])("%o", async (changes, message) => {
    await expect(refused(changes)).rejects.toThrow(message);
  });

  test("low-rank changes of a table that is added, by its name", async () => {
    const from = exportOnnx(
      ({ x, table, scale, weights }) => ({
        y: matmul(reshape(add(mul(x, scale), table), ["rows", 6]), weights),
      }),
      { x: f32("rows", 2, 3) },
      {
        constants: {
          table: array(new Float32Array(6), [1, 2, 3]),
          scale: array(new Float32Array(2), [1, 2, 1]),
          weights: array(new Float32Array(18), [6, 3]),
        },
      },
    );
    const x = array(new Float32Array(24), [4, 2, 3]);
    const given = { inputs: { x }, labels: array(BigInt64Array.of(0n, 1n, 2n, 0n)) };
    await expect(refused({ data: given, lora: 1 }, from)).rejects.toThrow(
      "lora: there are no low-rank changes of table [1, 2, 3], which is no matrix of a linear, convolutional or recurrent layer; freeze it",
    );
    using tuner = await compileTuner(from, { ...options, data: given, lora: 1, freeze: ["table"] });
    expect(tuner.trained).toEqual(["weights"]);
  });

  test("rows along an axis that the file does not name, with how to export it", async () => {
    const from = new Uint8Array(await readFile(new URL("bidirectional.onnx", folder)));
    const x = array(new Float32Array(7 * 12), [7, 4, 3]);
    await expect(refused({ data: { inputs: { x }, labels: x }, loss: "squared" }, from)).rejects.toThrow(
      'data.inputs.x must be f32[rows, 2, 3], got f32[7, 4, 3]; where the rows of the model are along another axis than the first, export it with that dimension named "batch" (dynamic_axes of torch.onnx.export)',
    );
  });

  test("a model without a linear layer at its end gets no new head", async () => {
    const from = new Uint8Array(await readFile(new URL("contracting.onnx", folder)));
    await expect(refused({ head: 4 }, from)).rejects.toThrow("output y must come from a Gemm or MatMul");
  });

  test("a file for a batch of its own is refused with what to do", async () => {
    const from = new Uint8Array(await readFile(new URL("transformer.onnx", folder)));
    const x = array(new Float32Array(7 * 40), [7, 5, 8]);
    const y = { inputs: { x }, labels: x };
    await expect(refused({ data: y, loss: "squared" }, from)).rejects.toThrow(
      "the file was written for batches of 2 rows: export it with a dynamic batch dimension",
    );
  });
});
