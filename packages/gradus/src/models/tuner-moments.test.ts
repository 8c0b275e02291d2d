import { readFile } from "node:fs/promises";
import { array, importOnnx, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { chain } from "../train/transformation.ts";
import { scaleByLearningRate } from "../train/transformations/learning-rate.ts";
import { accumulateMomentum } from "../train/transformations/momentum.ts";
import { compileTuner, type TunerOptions } from "./tuner.ts";
import { collect, doubles, folder, type Packed } from "./tuner-testing.ts";

const read = async (name: string) => new Uint8Array(await readFile(new URL(name, folder)));
/** Convolutions, a normalization that is used twice, a linear layer with another: what `moments.py` wrote. */
const files = { current: await read("moments.onnx"), old: await read("moments-12.onnx") };
const record: {
  x: Packed;
  labels: number[];
  losses: number[];
  evaluated: [number, number];
  parameters: Record<string, Packed>;
} = JSON.parse(await readFile(new URL("moments.json", folder), "utf8"));

const rows = record.labels.length;
const data = {
  inputs: { x: array(Float32Array.from(doubles(record.x)), record.x.shape) },
  labels: array(BigInt64Array.from(record.labels, BigInt)),
};
const options: TunerOptions = {
  ...{ data, loss: "cross-entropy", batchSize: rows, validation: data },
  optimizer: chain(accumulateMomentum({ momentum: 0.9 }), scaleByLearningRate(0.05)),
};
const moments = ["shared.running_mean", "shared.running_var", "norm.running_mean", "norm.running_var"];

/** The largest difference of a file's parameters from those that PyTorch has after its steps. */
function farthest(file: Uint8Array, names: readonly string[]): number {
  const { parameters } = importOnnx(file);
  const differences = names.flatMap((name) => {
    const wanted = doubles(record.parameters[name]);
    return toNumbers(parameters[name]).map((value, i) => Math.abs(value - wanted[i]));
  });
  return Math.max(...differences);
}

for (const [version, file] of Object.entries(files))
  for (const lowMemory of [false, true])
    test(`weights and moments are PyTorch's (${version}, low memory: ${lowMemory})`, async () => {
      using tuner = await compileTuner(file, { ...options, lowMemory });
      const all = await collect(tuner, { epochs: 3 });
      const losses = all.slice(1).map(({ loss }) => loss);
      record.losses.forEach((loss, i) => {
        expect(losses[i]).toBeCloseTo(loss, 5);
      });
      // Evaluation normalizes by what is stored.
      expect(all[0].metrics?.loss).toBeCloseTo(record.evaluated[0], 5);
      expect(all[3].metrics?.loss).toBeCloseTo(record.evaluated[1], 5);
      expect(all[3].best?.iterate.epoch).toBe(3);
      expect(farthest(tuner.file(all[3]), Object.keys(record.parameters))).toBeLessThan(1e-5);
    });

test("the file has the moments of its best epoch, and evaluates as they do", async () => {
  using tuner = await compileTuner(files.current, options);
  const all = await collect(tuner, { epochs: 3 });
  using again = await compileTuner(tuner.file(all[3]), options);
  const [start] = await collect(again, { epochs: 0 });
  expect(start.metrics?.loss).toBeCloseTo(all[3].metrics?.loss ?? Number.NaN, 6);
});

test("tuning with moments resumes bit for bit, within an epoch and in low memory too", async () => {
  for (const lowMemory of [false, true]) {
    using tuner = await compileTuner(files.current, { ...options, batchSize: 4, lowMemory });
    const all = await collect(tuner, { epochs: 2, stepsPerIterate: 1 });
    const rest = await collect(tuner, { epochs: 2, stepsPerIterate: 1, resume: all[2] });
    const [ended, wanted] = [rest, all].map((iterates) => tuner.file(iterates[iterates.length - 1]));
    expect(all[2].partial).toBeDefined();
    expect(ended).toEqual(wanted);
  }
});

test("a normalization whose moments are frozen works by them", async () => {
  const file = files.current;
  using tuner = await compileTuner(file, { ...options, freeze: ["shared.*"] });
  const all = await collect(tuner, { epochs: 1 });
  const tuned = importOnnx(tuner.file(all[1])).parameters;
  const { parameters } = importOnnx(file);
  for (const name of moments) {
    const kept = expect(toNumbers(tuned[name]));
    if (name.startsWith("shared")) kept.toEqual(toNumbers(parameters[name]));
    else kept.not.toEqual(toNumbers(parameters[name]));
  }
  using both = await compileTuner(file, { ...options, freeze: moments });
  const [start, next] = await collect(both, { epochs: 1 });
  // The loss before the first step is that of evaluation, since nothing is dropped.
  expect(next.loss).toBeCloseTo(start.metrics?.loss ?? Number.NaN, 6);
});

test("one number of a channel has no variance, and the stored one goes toward 0", async () => {
  const one = {
    inputs: { x: array(Float32Array.from(doubles(record.x).subarray(0, 32)), [1, 2, 4, 4]) },
    labels: array(BigInt64Array.of(0n)),
  };
  using tuner = await compileTuner(files.current, { ...options, data: one, batchSize: 1, validation: one });
  const all = await collect(tuner, { epochs: 1 });
  const before = toNumbers(importOnnx(files.current).parameters["norm.running_var"]);
  const after = toNumbers(
    importOnnx(tuner.file({ ...all[1], best: undefined })).parameters["norm.running_var"],
  );
  after.forEach((value, i) => {
    expect(value).toBeCloseTo(0.9 * before[i], 6);
  });
});

test("the moments that training updates are those of the training form", () => {
  for (const file of Object.values(files)) {
    const { runningMoments, frozen } = importOnnx(file);
    expect(runningMoments).toEqual(moments);
    expect(frozen).toEqual(moments);
  }
});

test("a file for one row has no moments of a batch", async () => {
  const file = await read("moments-one.onnx");
  await expect(compileTuner(file, options)).rejects.toThrow(
    /BatchNormalization .*: the file takes one row at a time, of which there are no moments of a batch: export it with a dynamic batch dimension/,
  );
  using tuner = await compileTuner(file, { ...options, freeze: ["*running*"] });
  const [start, next] = await collect(tuner, { epochs: 1 });
  expect(next.loss).toBeCloseTo(start.metrics?.loss ?? Number.NaN, 5);
});
