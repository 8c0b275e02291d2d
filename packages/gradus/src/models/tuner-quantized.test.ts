import { readFile } from "node:fs/promises";
import { array, importOnnx, loadOnnx, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { adam } from "../train/adam.ts";
import { sgd } from "../train/sgd.ts";
import { compileTuner } from "./tuner.ts";
import { collect, crossEntropyOf } from "./tuner-testing.ts";

const folder = new URL("../../../graph/fixtures/quantized/", import.meta.url);
/** y = x W with W [16, 4] stored in 4 bits. */
const file = Uint8Array.from(await readFile(new URL("blocks.onnx", folder)));
/** The numbers of W, by NumPy. */
const { W }: { W: number[][] } = JSON.parse(await readFile(new URL("blocks.json", folder), "utf8"));
const [rows, K, N, rank, rate] = [6, 16, 4, 2, 0.05];
const table = (m: number, n: number, value: (i: number) => number) =>
  Array.from({ length: m }, (_, i) => Array.from({ length: n }, (_, j) => value(i * n + j)));
const x = table(rows, K, (i) => Math.sin(1 + 1.7 * i));
const targets = table(rows, N, (i) => Math.cos(2.3 * i));
const flat = (matrix: number[][]) =>
  array(Float32Array.from(matrix.flat()), [matrix.length, matrix[0].length]);
const data = { inputs: { x: flat(x) }, labels: flat(targets) };
const options = {
  data,
  loss: "squared",
  lora: rank,
  batchSize: rows,
  optimizer: sgd({ learningRate: rate }),
} as const;

const product = (a: number[][], b: number[][]) =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, v, k) => sum + v * b[k][j], 0)));
const transposed = (a: number[][]) => a[0].map((_, j) => a.map((row) => row[j]));
const plus = (a: number[][], b: number[][], factor = 1) =>
  a.map((row, i) => row.map((v, j) => v + factor * b[i][j]));

/** The arrays of a tuned file as rows. */
function factors(tuned: Uint8Array) {
  const { parameters } = importOnnx(tuned);
  const [a, b] = ["q.lora_A", "q.lora_B"].map((name) => {
    const [m, n] = parameters[name].shape;
    const numbers = toNumbers(parameters[name]);
    return table(m, n, (i) => numbers[i]);
  });
  return { a, b };
}

test("low-rank changes of weights of 4 bits are trained as by hand, and the bits stay", async () => {
  using tuner = await compileTuner(file, options);
  expect(tuner.trained).toEqual(["q.lora_A", "q.lora_B"]);
  const iterates = await collect(tuner, { epochs: 3 });
  let { a, b } = factors(tuner.file(iterates[0]));
  expect(b.flat().every((v) => v === 0)).toBe(true);
  for (let step = 0; step < 3; step++) {
    // Of the mean of (x W + (x A) B - y)^2: dB = A' x' g and dA = x' g B'.
    const y = plus(product(x, W), product(product(x, a), b));
    const g = plus(y, targets, -1).map((row) => row.map((v) => (2 * v) / (rows * N)));
    const xg = product(transposed(x), g);
    const [da, db] = [product(xg, transposed(b)), product(transposed(a), xg)];
    [a, b] = [plus(a, da, -rate), plus(b, db, -rate)];
  }
  const tuned = tuner.file(iterates[3]);
  const found = factors(tuned);
  for (const [got, want] of [
    [found.a, a],
    [found.b, b],
  ])
    expect(got.flat()).toEqual(want.flat().map((v) => expect.closeTo(v, 5)));
  expect(tuned.length).toBeLessThan(file.length + 4 * rank * (K + N) + 400);

  using model = await loadOnnx(tuned);
  const { y } = await model.run({ x: data.inputs.x });
  const wanted = plus(product(x, W), product(product(x, a), b));
  expect(toNumbers(y)).toEqual(wanted.flat().map((v) => expect.closeTo(v, 3)));
});

test("changes that a file has from before are trained further", async () => {
  using first = await compileTuner(file, options);
  const [, once] = await collect(first, { epochs: 1 });
  using second = await compileTuner(first.file(once), options);
  expect(second.trained).toEqual(["q.lora_A", "q.lora_B"]);
  const again = await collect(second, { epochs: 2 });
  expect(second.file(again[0])).toEqual(first.file(once));
  using whole = await compileTuner(file, options);
  const iterates = await collect(whole, { epochs: 3 });
  const [wanted, found] = [factors(whole.file(iterates[3])), factors(second.file(again[2]))];
  for (const name of ["a", "b"] as const)
    expect(found[name].flat()).toEqual(wanted[name].flat().map((v) => expect.closeTo(v, 5)));
});

test("patterns of freeze leave changes out, and nothing is left without them", async () => {
  await expect(compileTuner(file, { ...options, freeze: ["q.*"] })).rejects.toThrow("nothing to train");
  await expect(compileTuner(file, { ...options, lora: undefined })).rejects.toThrow("nothing to train");
});

test("layers on quantized tensors learn by changes beside them, and ONNX Runtime has the same loss", async () => {
  const file = Uint8Array.from(await readFile(new URL("images.onnx", folder)));
  const count = 24;
  const images = array(
    Float32Array.from({ length: count * 72 }, (_, i) => Math.sin(1 + 0.7 * i + Math.floor(i / 72) ** 2)),
    [count, 2, 6, 6],
  );
  const classes = Array.from({ length: count }, (_, i) => (i * i) % 3);
  const given = { inputs: { x: images }, labels: array(BigInt64Array.from(classes, BigInt)) };
  const tuning = { data: given, loss: "cross-entropy", batchSize: count, validation: given } as const;
  using tuner = await compileTuner(file, {
    ...tuning,
    lora: rank,
    optimizer: adam({ learningRate: 0.05 }),
  });
  expect(tuner.trained).toEqual(["kernel.lora_A", "kernel.lora_B", "matrix.lora_A", "matrix.lora_B"]);
  const iterates = await collect(tuner, { epochs: 40 });
  const [before, after] = [iterates[0], iterates[40]].map(({ metrics }) => metrics?.loss ?? Number.NaN);
  const best = iterates[40].best?.value ?? Number.NaN;
  expect(best).toBeLessThan(0.7 * before);
  expect(after).toBeLessThan(before);
  const lossOf = async (bytes: Uint8Array) => {
    using model = await loadOnnx(bytes);
    const { y } = await model.run({ x: images });
    return crossEntropyOf(toNumbers(y), classes);
  };
  // A sum in the middle of two steps of a scale may be rounded to either.
  expect(await lossOf(tuner.file(iterates[0]))).toBeCloseTo(before, 2);
  expect(await lossOf(tuner.file(iterates[40]))).toBeCloseTo(best, 2);
});
