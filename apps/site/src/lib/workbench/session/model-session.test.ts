import { readFileSync } from "node:fs";
import { array, exportOnnx, f32, matmul, mul, replaceParameters, UnsupportedError } from "@gradus/graph";
import { ArgumentError, DataError } from "gradus/check";
import { loadDataset } from "gradus/data";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { beforeEach, expect, test } from "vitest";
import type { TuneEpoch } from "../protocol.ts";
import { ModelSession } from "./model-session.ts";
import { fileOf, never, npy, settings, silent } from "./testing.ts";

const sample = readFileSync(new URL("../sample/digits-cnn.onnx", import.meta.url));

let session: ModelSession;
beforeEach(() => {
  session = new ModelSession();
});

/** The bytes of the model as it is now. */
const fileNow = async () => new Uint8Array(await session.file().arrayBuffer());

test("the sample is opened with its signature, its parameters and their distributions", async () => {
  const { inspection, input, bytes, refusal } = await session.open({ file: fileOf(sample) }, silent);
  expect(bytes).toBe(sample.length);
  expect(refusal).toBeUndefined();
  const part = {
    name: "image",
    dtype: "f32",
    shape: [1, 8, 8],
    size: 64,
    source: { columns: true },
    rowsName: "batch",
  };
  expect(input).toEqual({ parts: [part], features: 64 });
  expect(inspection?.parameters.reduce((sum, { numbers }) => sum + numbers, 0)).toBe(80 + 1168 + 2570);
  expect((await session.histogram({ name: "head.weights" })).size).toBe(2560);
  await expect(session.histogram({ name: "tail" })).rejects.toThrow("the model has no parameter “tail”");
});

test("it recognizes most of the digits that it was not trained on", async () => {
  await session.open({ file: fileOf(sample) }, silent);
  const { rows, labeled } = await session.rows({ bundled: "digits" });
  expect([rows, labeled]).toEqual([1797, true]);
  const { y } = await loadDataset("digits");
  let right = 0;
  for (let row = 1000; row < 1100; row++) {
    const { scores, label } = await session.predict({ row });
    expect(label).toBe(y[row]);
    right += Number(scores.indexOf(Math.max(...scores)) === label);
  }
  expect(right).toBeGreaterThan(75);
});

test("a model with operators that cannot be imported is opened with the reason", async () => {
  const renamed = Buffer.from(sample.toString("latin1").replaceAll("Gemm", "Gimm"), "latin1");
  const opened = await session.open({ file: fileOf(Uint8Array.from(renamed)) }, silent);
  expect(opened.inspection).toBeUndefined();
  expect(opened.refusal).toMatch(/^operators that are not supported: Gimm \(G.mm_18\)$/);
  expect(opened.graph.nodes.filter(({ supported }) => !supported)).toHaveLength(1);
  await expect(session.predict({ values: new Array(64).fill(0) })).rejects.toThrow();
});

test("a damaged file is refused, and the model from before stays", async () => {
  await session.open({ file: fileOf(sample) }, silent);
  await expect(session.open({ file: fileOf(sample.subarray(0, 3000)) }, silent)).rejects.toThrow(
    UnsupportedError,
  );
  await expect(session.open({ file: fileOf("no model") }, silent)).rejects.toThrow(UnsupportedError);
  expect((await session.predict({ values: new Array(64).fill(0) })).scores).toHaveLength(10);
});

test("rows that do not fit are refused, and there are none then", async () => {
  await expect(session.rows({ bundled: "digits" })).rejects.toThrow("no model is open");
  await session.open({ file: fileOf(sample) }, silent);
  await expect(session.predict({ row: 0 })).rejects.toThrow("no rows were read");
  await session.rows({ bundled: "digits" });
  await expect(session.rows({ bundled: "iris" })).rejects.toThrow(ArgumentError);
  await expect(session.predict({ row: 0 })).rejects.toThrow("no rows were read");
  const csv = fileOf("a,label\n1,0\n", "rows.csv");
  await expect(session.rows({ file: csv, label: "label" })).rejects.toThrow(DataError);
  await session.rows({ bundled: "digits" });
  await expect(session.predict({ row: 1797 })).rejects.toThrow(
    "row must be an integer from 1 to 1797, got 1798",
  );
  expect((await session.predict({ row: 1796 })).label).toBe(8);
});

test("rows come from a CSV file with a label column", async () => {
  await session.open({ file: fileOf(sample) }, silent);
  const { x, y } = await loadDataset("digits");
  const header = `${Array.from({ length: 64 }, (_, j) => `p${j}`).join(",")},digit`;
  const line = (i: number) => [...x.values.subarray(64 * i, 64 * i + 64), y[i]].join(",");
  const csv = fileOf([header, ...Array.from({ length: 12 }, (_, i) => line(i))].join("\n"), "rows.csv");
  expect(await session.rows({ file: csv, label: "digit" })).toMatchObject({ name: "rows.csv", rows: 12 });
  expect((await session.predict({ row: 7 })).values).toEqual([...x.values.subarray(448, 512)]);
});

/** A model's scores of rows of the digits by ONNX Runtime itself. */
async function rightOf(file: Uint8Array): Promise<number> {
  const { x, y } = await loadDataset("digits");
  const run = await InferenceSession.create(file);
  const { logits } = await run.run({
    image: new Tensor("float32", Float32Array.from(x.values), [x.rows, 1, 8, 8]),
  });
  const scores = Array.from(logits.data, Number);
  const best = (i: number) => {
    const row = scores.slice(10 * i, 10 * i + 10);
    return row.indexOf(Math.max(...row));
  };
  return y.reduce((right, label, i) => right + Number(best(i) === label), 0) / x.rows;
}

test("tuning tells of each epoch, and its file is better in plain ONNX Runtime; reset takes it back", async () => {
  await session.open({ file: fileOf(sample) }, silent);
  await session.rows({ bundled: "digits" });
  const epochs: TuneEpoch[] = [];
  const { rows, best, stopped } = await session.tune(settings, {
    signal: never,
    report: (epoch) => epochs.push(epoch),
  });
  expect(epochs.filter(({ partial }) => !partial).map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3]);
  expect(rows.train + rows.validation).toBe(1797);
  expect(stopped).toBe(false);
  expect(best?.accuracy).toBeGreaterThan(epochs[0].accuracy ?? 1);
  const before = await rightOf(sample);
  const after = await rightOf(await fileNow());
  expect(after).toBeGreaterThan(before);
  session.reset();
  expect(await fileNow()).toEqual(new Uint8Array(sample));
});

test("tuning that is stopped keeps the epochs so far, and only the layer that is trained changes", async () => {
  const { inspection } = await session.open({ file: fileOf(sample) }, silent);
  await session.rows({ bundled: "digits" });
  const names = inspection?.parameters.map(({ name }) => name) ?? [];
  const histogram = (name: string) => session.histogram({ name });
  const [conv1, head] = [await histogram("conv1.weights"), await histogram("head.weights")];
  const controller = new AbortController();
  const freeze = names.filter((name) => !name.startsWith("head."));
  const { stopped, trained, last } = await session.tune(
    { ...settings, train: "last layer", freeze, epochs: 1000 },
    { signal: controller.signal, report: ({ epoch }) => epoch === 2 && controller.abort() },
  );
  expect(stopped).toBe(true);
  expect(last.epoch).toBeGreaterThanOrEqual(2);
  expect([...trained].sort()).toEqual(["head.bias", "head.weights"]);
  expect(await histogram("conv1.weights")).toEqual(conv1);
  expect(await histogram("head.weights")).not.toEqual(head);
});

test("a new last layer for the labels of .npy files: its outputs, its parameters, and back again", async () => {
  const { head } = await session.open({ file: fileOf(sample) }, silent);
  expect(head).toEqual({ outputs: 10 });
  const { x, y } = await loadDataset("digits");
  const rows = npy([300, 1, 8, 8], x.values.subarray(0, 64 * 300), "x.npy");
  expect(await session.rows({ file: rows, labels: undefined })).toEqual({
    name: "x.npy",
    rows: 300,
    labeled: false,
  });
  const parity = npy(
    [300],
    Array.from(y.subarray(0, 300), (digit) => digit % 2),
    "parity.npy",
  );
  expect(await session.rows({ file: rows, labels: parity })).toMatchObject({ rows: 300, labeled: true });
  const how = { signal: never, report: silent };
  const { model, trained, best } = await session.tune({ ...settings, head: 2, epochs: 5 }, how);
  expect(model?.head).toEqual({ outputs: 2 });
  expect(model?.inspection?.parameters.find(({ name }) => name === "head.bias")?.shape).toEqual([2]);
  expect(trained).toContain("head.weights");
  expect(best?.accuracy).toBeGreaterThan(0.8);
  expect((await session.predict({ row: 0 })).scores).toHaveLength(2);
  await expect(session.tune({ ...settings, head: 1 }, how)).rejects.toThrow("2 classes");
  session.reset();
  expect((await session.predict({ row: 0 })).scores).toHaveLength(10);
  await expect(session.rows({ file: npy([2], [0, 1], "y.npy"), labels: undefined })).rejects.toThrow(
    "y.npy: the model takes 64 numbers a row",
  );
});

test("examples alone can be tuned on, and without labels or rows it says so", async () => {
  await session.open({ file: fileOf(sample) }, silent);
  const how = { signal: never, report: silent };
  await expect(session.tune(settings, how)).rejects.toThrow("choose rows with labels first");
  const { x, y } = await loadDataset("digits");
  const examples = [0, 1, 2, 3].map((i) => ({
    values: [...x.values.subarray(64 * i, 64 * i + 64)],
    label: y[i],
  }));
  const { rows } = await session.tune({ ...settings, examples, heldOut: 0, epochs: 1, batchSize: 4 }, how);
  expect(rows).toEqual({ train: 4, validation: 0 });
  await session.rows({
    file: fileOf(`${new Array(64).fill("a").map((a, j) => a + j)}\n${x.values.subarray(0, 64)}`, "f.csv"),
    label: undefined,
  });
  await expect(session.tune(settings, how)).rejects.toThrow("f.csv has no label column");
});

test("fewer rows than the usual batch are one batch, and a batch size that is given has to fit", async () => {
  const line = exportOnnx(
    ({ x, w }) => ({ y: matmul(x, w) }),
    { x: f32("batch", 1) },
    { constants: { w: array(Float32Array.of(0), [1, 1]) } },
  );
  await session.open({ file: fileOf(line) }, silent);
  await session.rows({ file: fileOf(`a,y\n${"1,2\n3,6\n".repeat(3)}`, "rows.csv"), label: "y" });
  const how = { signal: never, report: silent };
  const { batchSize: _, ...form } = { ...settings, loss: "squared", heldOut: 0, epochs: 1 } as const;
  const step = { ...form, optimizer: "sgd", learningRate: 0.01 } as const;
  await session.tune(step, how);
  // One step of gradient descent from 0: the mean of 2 a y over the rows is 20.
  expect((await session.predict({ values: [1] })).scores[0]).toBeCloseTo(0.2, 6);
  await expect(session.tune({ ...step, batchSize: 7 }, how)).rejects.toThrow(
    "batchSize must be an integer from 1 to 6, got 7",
  );
});

test("a model that learned no more than a constant is told, with what is of unusual size", async () => {
  const line = exportOnnx(
    ({ x, w }) => ({ y: matmul(x, w) }),
    { x: f32("batch", 1) },
    { constants: { w: array(Float32Array.of(0), [1, 1]) } },
  );
  await session.open({ file: fileOf(line) }, silent);
  // Of targets 1e6 and -1e6 the best constant is 0, with a loss of 1e12; a weight that moves by 0.002 a step stays at 0.
  const file = fileOf(`a,y\n${"1,1e6\n-1,-1e6\n".repeat(8)}`, "rows.csv");
  await session.rows({ file, label: "y" });
  const how = { signal: never, report: silent };
  const rows = { ...settings, loss: "squared", heldOut: 0, batchSize: 16 } as const;
  const { hardly } = await session.tune({ ...rows, epochs: 2 }, how);
  expect(hardly).toMatchObject({ constantLoss: 1e12, columns: [], targetDeviation: 1e6 });
  session.reset();
  const { hardly: learned } = await session.tune(
    { ...rows, epochs: 60, optimizer: "sgd", learningRate: 0.2 },
    how,
  );
  expect(learned).toBeUndefined();
  // steps so long that every epoch is worse than the one before: the first is kept, by its held-out rows
  session.reset();
  const kept = await session.tune(
    { ...rows, heldOut: 0.25, batchSize: 12, epochs: 3, optimizer: "sgd", learningRate: 2.5 },
    how,
  );
  expect(kept.best?.heldOutLoss).toBeLessThan(kept.last.heldOutLoss ?? 0);
  expect(kept.best?.heldOutLoss).not.toBe(kept.best?.loss);
  expect(kept.hardly?.loss).toBe(kept.best?.heldOutLoss);
});

test("the curvature has a stable learning rate of 2 / lambda, and shares that sum to 1", async () => {
  await session.open({ file: fileOf(sample) }, silent);
  await session.rows({ bundled: "digits" });
  const stages: number[] = [];
  const found = await session.spectrum(
    { loss: "cross-entropy", examples: [] },
    { signal: never, report: ({ fraction }) => stages.push(fraction) },
  );
  expect(found.rows).toBe(256);
  expect(found.parameters).toBe(3818);
  expect(found.largest[0].value).toBeGreaterThan(found.largest[1].value);
  expect(found.groups.map(({ path }) => path).sort()).toEqual(["conv1", "conv2", "head"]);
  expect(found.groups.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
  expect(found.batch?.learningRate).toBeLessThanOrEqual(2 / found.largest[0].value);
  expect(stages.at(-1)).toBe(1);
});

test("a row has eight explanations, and Integrated Gradients are complete", async () => {
  await session.open({ file: fileOf(sample) }, silent);
  await session.rows({ bundled: "digits" });
  const { scores } = await session.predict({ row: 5 });
  const { column = -1, methods, agreement } = await session.explain({ given: { row: 5 } }, never);
  expect(column).toBe(scores.indexOf(Math.max(...scores)));
  expect(methods).toHaveLength(8);
  // The sum of Integrated Gradients is the score less that of the baseline of zeros (Sundararajan et al. 2017).
  const integrated = methods.find(({ label }) => label === "Integrated Gradients")?.attributions ?? [];
  const zero = await session.predict({ values: new Array(64).fill(0) });
  expect(integrated.reduce((sum, a) => sum + a, 0)).toBeCloseTo(scores[column] - zero.scores[column], 1);
  expect(agreement.multiplicative).toBeGreaterThan(agreement.between);
});

test("what is no list of scores is not explained", async () => {
  const picture = exportOnnx(({ x }) => ({ y: mul(x, 2) }), { x: f32("batch", 2, 2) });
  await session.open({ file: fileOf(picture) }, silent);
  await expect(session.explain({ given: { values: [1, 2, 3, 4] } }, never)).rejects.toThrow(
    "explanations are of one score or a list of them, and the output of a row is 2 × 2",
  );
});

test("a new session goes on where another left off: the tuned model, its inputs and its rows", async () => {
  const wide = exportOnnx(
    ({ x, w }) => ({ y: matmul(x, w) }),
    { x: f32("batch", 2) },
    { constants: { w: array(Float32Array.of(1, 10), [2, 1]) } },
  );
  const file = fileOf(wide);
  const inputs = { sources: [{ columns: ["b", "a"] }] };
  const rows = { file: fileOf("a,b,c\n1,2,3\n", "rows.csv"), label: "c" };
  const tuned = new Blob([replaceParameters(wide, { w: array(Float32Array.of(2, 20), [2, 1]) })]);
  await session.open({ file, kept: { tuned, inputs, rows } }, silent);
  expect(await session.predict({ row: 0 })).toEqual({ values: [2, 1], label: 3, scores: [24], shape: [1] });
  session.reset();
  expect((await session.predict({ row: 0 })).scores).toEqual([12]);
  const gone = { file: fileOf("a,c\n1,3\n", "rows.csv"), label: "c" };
  await expect(session.open({ file, kept: { tuned, inputs, rows: gone } }, silent)).rejects.toThrow(
    DataError,
  );
});

test("weights of 4 bits are tuned by low-rank changes, which are nodes of the file", async () => {
  const blocks = new URL("../../../../../../packages/graph/fixtures/quantized/blocks.onnx", import.meta.url);
  const file = fileOf(Uint8Array.from(readFileSync(blocks)));
  const opened = await session.open({ file }, silent);
  expect(opened).toMatchObject({ quantized: 1, refusal: undefined });
  const rows = Array.from({ length: 64 }, (_, i) => Math.sin(1.7 * i));
  await session.rows({
    file: npy([4, 16], rows, "x.npy"),
    labels: npy([4, 4], rows.slice(0, 16), "y.npy"),
  });
  /** The mean squared error of the four rows. */
  const error = async () => {
    let sum = 0;
    for (let row = 0; row < 4; row++)
      for (const [j, score] of (await session.predict({ row })).scores.entries())
        sum += (score - rows[4 * row + j]) ** 2 / 16;
    return sum;
  };
  const before = await error();
  const squared = { ...settings, loss: "squared", train: "low-rank", heldOut: 0, batchSize: 4 } as const;
  const { model, trained, last } = await session.tune(
    { ...squared, learningRate: 0.01, epochs: 20 },
    { signal: never, report: silent },
  );
  const after = await error();
  expect(after).toBeLessThan(before);
  // What was reported is the loss before the last step.
  expect(after).toBeLessThan(last.loss ?? 0);
  expect(trained).toEqual(["q.lora_A", "q.lora_B"]);
  expect(model?.graph.nodes.map(({ operator }) => operator)).toEqual([
    "com.microsoft.MatMulNBits",
    ...["MatMul", "MatMul", "Add"],
  ]);
  expect(model?.quantized).toBe(0);
});
