// What tests of the tuner share: models that PyTorch wrote, the data on which it trained them, and its figures.
import { readFile } from "node:fs/promises";
import { array, loadOnnx, toNumbers } from "@gradus/graph";
import type { ModelData } from "./objective.ts";
import type { TuneIterate, TuneRun, Tuner, TunerOptions } from "./tuner.ts";

export interface Packed {
  readonly shape: readonly number[];
  readonly data: string;
}

export interface Steps {
  readonly losses: readonly number[];
  readonly parameters: Readonly<Record<string, Packed>>;
}

/** What `packages/graph/fixtures/pytorch/tune.py` wrote. */
export const folder = new URL("../../../graph/fixtures/pytorch/", import.meta.url);
export const file = new Uint8Array(await readFile(new URL("classifier.onnx", folder)));
export const record: { x: Packed; labels: number[]; all: Steps; head: Steps } = JSON.parse(
  await readFile(new URL("classifier.json", folder), "utf8"),
);
export const doubles = ({ data }: Packed) =>
  new Float64Array(Uint8Array.from(Buffer.from(data, "base64")).buffer);

export const features = array(Float32Array.from(doubles(record.x)), record.x.shape);
export const labels = array(BigInt64Array.from(record.labels, BigInt));
export const data: ModelData = { inputs: { features }, labels };
export const options: TunerOptions = { data, loss: "cross-entropy" };

export async function collect(tuner: Tuner, run: TuneRun): Promise<TuneIterate[]> {
  const all: TuneIterate[] = [];
  for await (const iterate of tuner.train(run)) all.push(iterate);
  return all;
}

/** What `tune.py` wrote of an LSTM whose sequences are [5, batch, 3]. */
export const steps = new Uint8Array(await readFile(new URL("steps.onnx", folder)));
export const sequences: { x: Packed; labels: number[]; losses: number[] } = JSON.parse(
  await readFile(new URL("steps.json", folder), "utf8"),
);
export const stepsData: ModelData = {
  inputs: { sequence: array(Float32Array.from(doubles(sequences.x)), sequences.x.shape) },
  labels: array(BigInt64Array.from(sequences.labels, BigInt)),
};
export const stepsOptions: TunerOptions = { data: stepsData, loss: "cross-entropy", batchSize: 40 };

/** The mean cross-entropy of logits [rows, classes]. */
export function crossEntropyOf(logits: readonly number[], classes: readonly number[]): number {
  const width = logits.length / classes.length;
  const total = classes.reduce((sum, label, i) => {
    const row = logits.slice(width * i, width * (i + 1));
    return sum + Math.log(row.reduce((all, z) => all + Math.exp(z), 0)) - row[label];
  }, 0);
  return total / classes.length;
}

/** The loss of the LSTM by ONNX Runtime, which takes sequences first. */
export async function stepsLoss(model: Uint8Array): Promise<number> {
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
