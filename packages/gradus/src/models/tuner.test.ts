import { readFile } from "node:fs/promises";
import { type ArrayValue, array, importOnnx, loadOnnx, toNumbers } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { parameterGroups } from "../curvature/model/parameter-groups.ts";
import { parseCheckpoint, serializeCheckpoint } from "../iterate/checkpoint.ts";
import { solve } from "../iterate/iterate.ts";
import { adam } from "../train/adam.ts";
import { sgd } from "../train/sgd.ts";
import { takeRows } from "../tree/rows.ts";
import { rowInputs } from "./model-inputs.ts";
import { moduleSlots, parameterModules } from "./parameter-modules.ts";
import { compileTuner, type TuneIterate } from "./tuner.ts";
import {
  collect,
  data,
  doubles,
  features,
  file,
  folder,
  options,
  record,
  sequences,
  steps,
  stepsLoss,
  stepsOptions,
} from "./tuner-testing.ts";

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

test("in little memory iterates may overwrite one another: the best one stays as it was", async () => {
  const files = [];
  for (const overwrite of [false, true]) {
    using tuner = await compileTuner(file, {
      ...options,
      optimizer: sgd({ learningRate: 8 }),
      validation: 0.3,
      lowMemory: true,
    });
    let last: TuneIterate | undefined;
    for await (const iterate of tuner.train({ epochs: 4, overwrite })) last = iterate;
    if (!last) throw new Error("no iterate");
    expect(last.best?.iterate.epoch).toBeLessThan(4);
    files.push(tuner.file(last), tuner.file({ ...last, best: undefined }));
    expect(tuner.model.parameters).toEqual(importOnnx(file).parameters);
  }
  expect(files[2]).toEqual(files[0]);
  expect(files[3]).toEqual(files[1]);
});
