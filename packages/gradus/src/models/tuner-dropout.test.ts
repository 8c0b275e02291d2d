import { readFile } from "node:fs/promises";
import { array, compile, i64, importOnnx, item, specsOf, stack, type Tensor, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { sgd } from "../train/sgd.ts";
import { dropoutMasks, firstKey, nextKey, rowKeys } from "./dropout-masks.ts";
import { modelObjective } from "./objective.ts";
import { compileTuner, type TunerOptions } from "./tuner.ts";
import { collect } from "./tuner-testing.ts";

const folder = new URL("../../../graph/fixtures/pytorch/", import.meta.url);
const read = async (name: string) => new Uint8Array(await readFile(new URL(name, folder)));
/** Linear(4, 6), Dropout(0.3), Linear(6, 2), which PyTorch exported in training mode. */
const file = await read("dropout.onnx");
const one = await read("dropout-one.onnx");

const [rows, units, ratio] = [5, 6, 0.3];
const x = Array.from({ length: rows }, (_, i) =>
  Array.from({ length: 4 }, (_, j) => Math.sin(1 + 4 * i + j)),
);
const data = {
  inputs: { x: array(Float32Array.from(x.flat()), [rows, 4]) },
  labels: array(
    Float32Array.from({ length: 2 * rows }, (_, k) => Math.cos(k)),
    [rows, 2],
  ),
};

/** The hash of the masks by whole numbers of any size. */
const P = 2n ** 31n - 1n;
const CONSTANTS = [314_159_265n, 358_979_323n, 846_264_338n];
const round = (x: bigint, c: bigint) => ((x + c) % P) ** 5n % P;
const mixed = (x: bigint) => CONSTANTS.reduce(round, x);
function kept(key: bigint, node: number, place: readonly number[], share: number): boolean {
  const first = mixed(mixed(key) + BigInt(node));
  const hash = place.reduce((h, at, axis) => round(h + BigInt(at), CONSTANTS[axis % 3]), first);
  return mixed(hash) >= BigInt(Math.round(share * Number(P)));
}

const keyOf = (key: bigint) => array(BigInt64Array.of(key), []);

async function masksOf(key: bigint, count: number, shape: readonly number[], share: number) {
  using program = await compile((given: Tensor) => {
    const next = dropoutMasks(given);
    return stack(Array.from({ length: count }, () => next(shape, share)));
  }, i64());
  return toNumbers(await program.run(keyOf(key)));
}

test("masks are the hash of key, node and place", async () => {
  const shape = [3, 4, 2, 2];
  const wanted = [1, 2].flatMap((node) =>
    Array.from({ length: 48 }, (_, k) =>
      Number(
        kept(12_345n, node, [Math.floor(k / 16), Math.floor(k / 4) % 4, Math.floor(k / 2) % 2, k % 2], 0.4),
      ),
    ),
  );
  expect(await masksOf(12_345n, 2, shape, 0.4)).toEqual(wanted);
});

test("entries are kept with their probability, whatever was kept beside, before and in other nodes", async () => {
  const n = 20_000;
  const first = await masksOf(7n, 2, [100, 200], ratio);
  const next = await masksOf(8n, 1, [100, 200], ratio);
  const share = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  // Five deviations of a share of n draws.
  const within = (p: number) => 5 * Math.sqrt((p * (1 - p)) / n);
  const [a, b] = [first.slice(0, n), first.slice(n)];
  for (const values of [a, b, next]) expect(Math.abs(share(values) - 0.7)).toBeLessThan(within(0.7));
  const both = (u: readonly number[], v: readonly number[], shift = 0) =>
    share(u.slice(shift).map((value, k) => value * v[k]));
  for (const pair of [both(a, b), both(a, next), both(a, a, 1), both(a, a, 200)])
    expect(Math.abs(pair - 0.49)).toBeLessThan(within(0.49));
});

/** The mean squared error by loops, with the entries dropped that a function names. */
function lossByLoops(drop: (row: number, unit: number) => boolean): number {
  const { parameters } = importOnnx(file);
  const [w1, b1, w2, b2] = ["0.weight", "0.bias", "2.weight", "2.bias"].map((name) =>
    toNumbers(parameters[name]),
  );
  const y = toNumbers(data.labels);
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const hidden = Array.from({ length: units }, (_, u) => {
      const value = x[i].reduce((total, v, j) => total + Math.fround(v) * w1[4 * u + j], b1[u]);
      return drop(i, u) ? 0 : value / (1 - ratio);
    });
    for (let k = 0; k < 2; k++) {
      const output = hidden.reduce((total, h, u) => total + h * w2[units * k + u], b2[k]);
      sum += (output - y[2 * i + k]) ** 2;
    }
  }
  return sum / (2 * rows);
}

/** The losses of all rows with dropout and without. */
async function lossesOf(model: Uint8Array, key: bigint) {
  const objective = modelObjective(importOnnx(model), { data, loss: "squared" });
  const { inputs, labels } = objective.data;
  using program = await compile(
    ({ given, ...batch }) => ({
      dropped: objective.trainingLoss({}, batch, { key: given }),
      whole: objective.loss({}, batch),
    }),
    { inputs: specsOf(inputs), labels: specsOf(labels), given: i64() },
  );
  const { dropped, whole } = await program.run({ inputs, labels, given: keyOf(key) });
  return { dropped: item(dropped), whole: item(whole) };
}

test("the training loss is that of the masks", async () => {
  expect((await lossesOf(file, 99n)).dropped).toBeCloseTo(
    lossByLoops((i, u) => !kept(99n, 1, [i, u], ratio)),
    5,
  );
});

test("a file for one row drops entries of each row by themselves", async () => {
  const rowKey = (row: number) => mixed(mixed(99n) + BigInt(row));
  expect((await lossesOf(one, 99n)).dropped).toBeCloseTo(
    lossByLoops((i, u) => !kept(rowKey(i), 1, [0, u], ratio)),
    5,
  );
});

const options: TunerOptions = {
  ...{ data, loss: "squared", batchSize: rows, validation: data },
  optimizer: sgd({ learningRate: 0.01 }),
};

test("tuning drops by the seed, another mask each step, and measures without", async () => {
  using tuner = await compileTuner(file, { ...options, optimizer: sgd({ learningRate: 1e-12 }) });
  const [start, ...steps] = await collect(tuner, { epochs: 3 });
  // Nothing is dropped where the loss is measured, as in evaluation mode.
  const { whole: wanted } = await lossesOf(file, 1n);
  for (const { metrics } of [start, ...steps]) expect(metrics?.loss).toBeCloseTo(wanted, 5);
  const losses = steps.map(({ loss }) => loss);
  expect(new Set(losses).size).toBe(3);
  for (const loss of losses) expect(Math.abs((loss ?? 0) - wanted)).toBeGreaterThan(1e-3);
  using again = await compileTuner(file, { ...options, optimizer: sgd({ learningRate: 1e-12 }) });
  expect((await collect(again, { epochs: 3 })).slice(1).map(({ loss }) => loss)).toEqual(losses);
  using other = await compileTuner(file, { ...options, optimizer: sgd({ learningRate: 1e-12 }), seed: 2 });
  expect((await collect(other, { epochs: 3 }))[1].loss).not.toBe(losses[0]);
});

test("tuning with dropout resumes bit for bit, in low memory too", async () => {
  for (const lowMemory of [false, true]) {
    using tuner = await compileTuner(file, { ...options, lowMemory });
    const all = await collect(tuner, { epochs: 4 });
    const rest = await collect(tuner, { epochs: 4, resume: all[2] });
    expect(tuner.file(rest.at(-1) ?? all[0])).toEqual(tuner.file(all[4]));
  }
});

test("keys of rows and steps differ", async () => {
  using program = await compile((key: Tensor) => ({ rows: rowKeys(key, 4), next: nextKey(key) }), i64());
  const { rows: keys, next } = await program.run(firstKey(3));
  expect(item(next)).toBe(4);
  expect(toNumbers(keys)).toEqual([0n, 1n, 2n, 3n].map((row) => Number(mixed(mixed(3n) + row))));
});
