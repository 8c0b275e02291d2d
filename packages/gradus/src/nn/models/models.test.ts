import { compile, concat, f64, slice, specsOf, toNumbers } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { randomStream } from "../../random/stream.ts";
import { zeroWeights } from "../initializers.ts";
import { convnet } from "./convnet.ts";
import { mlp } from "./mlp.ts";
import { resNet } from "./res-net.ts";
import { residualMlp } from "./residual-mlp.ts";
import { arraysOf, countOf, normals } from "./test-support.ts";
import { uNet } from "./u-net.ts";
import { vgg } from "./vgg.ts";

const stream = randomStream(1);
const start = { stream, dtype: "f64" } as const;

describe("numbers of parameters that papers state", () => {
  const initializer = zeroWeights;
  test.each([
    ["MLP 64-32-10", mlp({ inputs: 64, hidden: [32], outputs: 10, initializer }), 2410],
    ["MLP 784-64-10", mlp({ inputs: 784, hidden: [64], outputs: 10, initializer }), 50_890],
    [
      "LeNet-5 on 28x28 images",
      convnet({
        input: [1, 28, 28],
        stages: [
          { filters: 6, kernel: 5, padding: 2, pool: 2 },
          { filters: 16, kernel: 5, pool: 2 },
        ],
        hidden: [120, 84],
        outputs: 10,
        initializer,
      }),
      61_706,
    ],
    [
      "the MNIST network of Farhadkhani et al. (2023)",
      convnet({
        input: [1, 28, 28],
        stages: [
          { filters: 20, kernel: 5, pool: 2 },
          { filters: 50, kernel: 5, pool: 2 },
        ],
        hidden: [500],
        outputs: 10,
        initializer,
      }),
      431_080,
    ],
    [
      "the MNIST network of the AdAdaGrad paper",
      convnet({
        input: [1, 28, 28],
        stages: [
          { filters: 16, kernel: 5, padding: 2, pool: 2 },
          { filters: 32, kernel: 5, padding: 2, pool: 2 },
        ],
        outputs: 10,
        initializer,
      }),
      28_938,
    ],
  ])("%s", (_, model, count) => {
    expect(countOf(model.parameters({ stream }))).toBe(count);
  });

  test("ResNet-18 for 32x32 images", () => {
    expect(countOf(resNet({ channels: 3, outputs: 10, initializer }).parameters({ stream }))).toBe(
      11_173_962,
    );
  });
});

test("the stream decides the parameters, layer by layer, and dtype their type", () => {
  const model = mlp({ inputs: 2, hidden: [3], outputs: 1 });
  const [a, b] = [1, 2].map((seed) => model.parameters({ stream: randomStream(seed) }));
  expect(model.parameters({ stream: randomStream(1) })).toStrictEqual(a);
  expect(b).not.toStrictEqual(a);
  expect(arraysOf(a).every(({ dtype }) => dtype === "f32")).toBe(true);
  expect(
    arraysOf(uNet({ dimension: 1, channels: 1, filters: [8] }).parameters(start)).every(
      ({ dtype }) => dtype === "f64",
    ),
  ).toBe(true);
  // A deeper model has the same first layer.
  const deeper = mlp({ inputs: 2, hidden: [3, 4], outputs: 1 }).parameters({ stream: randomStream(1) });
  expect(deeper.layers[0]).toStrictEqual(a.layers[0]);
});

test("a residual MLP whose blocks end in zeros is its first and last layer", async () => {
  const model = residualMlp({ inputs: 2, width: 4, blocks: 3, outputs: 1, activation: "identity" });
  const parameters = model.parameters(start);
  const blocks = parameters.blocks.map((block) => ({
    ...block,
    outer: {
      weights: zeroWeights(stream, { shape: [4, 4], fanIn: 4, fanOut: 4, dtype: "f64" }),
      bias: block.outer.bias,
    },
  }));
  using program = await compile(({ p, x }) => model.apply(p, x), { p: specsOf(parameters), x: f64("n", 2) });
  const y = toNumbers(await program.run({ p: { ...parameters, blocks }, x: Float64Array.of(1, -2) }))[0];
  const [w, v] = [toNumbers(parameters.first.weights), toNumbers(parameters.last.weights)];
  expect(y).toBeCloseTo(
    v.reduce((s, value, i) => s + value * (w[i] - 2 * w[4 + i]), 0),
    13,
  );
});

test("in evaluation examples do not see each other, in training with batch normalization they do", async () => {
  const model = vgg({ input: [1, 4, 4], stages: [[4]], hidden: [5], outputs: 2 });
  const parameters = model.parameters(start);
  const state = model.state(start);
  using program = await compile(
    ({ p, s, x }) => {
      const alone = slice(x, { start: 0, end: 1 });
      return {
        together: slice(model.apply(p, s, x), { start: 0, end: 1 }),
        alone: model.apply(p, s, alone),
        training: model.applyTraining(p, s, x),
        again: model.applyTraining(p, s, x).output,
      };
    },
    { p: specsOf(parameters), s: specsOf(state), x: f64(3, 1, 4, 4) },
  );
  const result = await program.run({ p: parameters, s: state, x: normals(1, [3, 1, 4, 4]).data });
  toNumbers(result.alone).forEach((v, i) => {
    expect(v).toBeCloseTo(toNumbers(result.together)[i], 12);
  });
  expect(toNumbers(result.training.output).slice(0, 2)).not.toStrictEqual(toNumbers(result.alone));
  expect(toNumbers(result.again)).toStrictEqual(toNumbers(result.training.output));
  const { counter } = result.training.state.dropout;
  expect(counter.data[0]).toBe(BigInt(toNumbers(state.dropout.counter)[0]) + 1n);
  expect(toNumbers(result.training.state.statistics[0].mean)).not.toStrictEqual([0, 0, 0, 0]);
});

test("a residual network with groups has no state, and its examples never see each other", async () => {
  const stages = [{ filters: 4, blocks: 1 }];
  const model = resNet({ channels: 1, stages, outputs: 2, normalization: { groups: 2 } });
  const parameters = model.parameters(start);
  expect(model.state(start)).toStrictEqual([]);
  using program = await compile(
    ({ p, x }) => {
      const parts = [0, 1].map((i) => slice(x, { start: i, end: i + 1 }));
      const outputs = parts.map((part) => model.applyTraining(p, [], part).output);
      return { together: model.applyTraining(p, [], x).output, apart: concat(outputs) };
    },
    { p: specsOf(parameters), x: f64(2, 1, 4, 4) },
  );
  const { together, apart } = await program.run({ p: parameters, x: normals(1, [2, 1, 4, 4]).data });
  toNumbers(apart).forEach((v, i) => {
    expect(v).toBeCloseTo(toNumbers(together)[i], 12);
  });
});

describe("a U-Net", () => {
  test("with circular padding moves its output with its input, by multiples of the coarsest cell", async () => {
    const options = {
      dimension: 2,
      channels: 1,
      filters: [4, 4, 4],
      groups: 2,
      paddingMode: "circular",
    } as const;
    const model = uNet(options);
    const parameters = model.parameters(start);
    using program = await compile(({ p, x }) => model.apply(p, x), {
      p: specsOf(parameters),
      x: f64(1, 1, 8, 8),
    });
    const x = normals(3, [1, 1, 8, 8]).data;
    const y = toNumbers(await program.run({ p: parameters, x }));
    const from = (k: number, by: number) => (((k >> 3) + by) % 8) * 8 + ((k + by) % 8);
    const run = async (by: number) =>
      toNumbers(
        await program.run({ p: parameters, x: Float64Array.from(x, (_, k) => Number(x[from(k, by)])) }),
      );
    const error = (moved: readonly number[], by: number) =>
      Math.max(...moved.map((v, k) => Math.abs(v - y[from(k, by)])));
    expect(error(await run(4), 4)).toBeLessThan(1e-12);
    expect(error(await run(1), 1)).toBeGreaterThan(1e-3);
  });

  test("depends on the time of each example", async () => {
    const time = { features: 4, width: 6 };
    const model = uNet({ dimension: 1, channels: 2, outputs: 3, filters: [8, 8], groups: 4, time });
    const parameters = model.parameters(start);
    using program = await compile(({ p, x, t }) => model.apply(p, x, t), {
      p: specsOf(parameters),
      x: f64("n", 2, 4),
      t: f64("n"),
    });
    const row = normals(1, [1, 2, 4]).data;
    const x = Float64Array.from([...row, ...row, ...row], Number);
    const y = await program.run({ p: parameters, x, t: Float64Array.of(0.1, 0.7, 0.1) });
    expect(y.shape).toStrictEqual([3, 3, 4]);
    const [first, second, third] = [0, 1, 2].map((i) => toNumbers(y).slice(12 * i, 12 * i + 12));
    third.forEach((v, i) => {
      expect(v).toBeCloseTo(first[i], 12);
    });
    expect(Math.max(...second.map((v, i) => Math.abs(v - first[i])))).toBeGreaterThan(1e-3);
  });

  test("refuses sizes that do not halve, a time that it does not take, and filters that groups do not divide", async () => {
    const model = uNet({ dimension: 1, channels: 1, filters: [8, 8] });
    const p = specsOf(model.parameters(start));
    await expect(compile(({ p, x }) => model.apply(p, x), { p, x: f64("n", 1, 5) })).rejects.toThrow(
      /divisible by 2/,
    );
    await expect(
      compile(({ p, x, t }) => model.apply(p, x, t), { p, x: f64("n", 1, 4), t: f64("n") }),
    ).rejects.toThrow(/t must be left out/);
    expect(() => uNet({ dimension: 1, channels: 1, filters: [8, 12] })).toThrow(/filters\[1\]/);
    expect(() => uNet({ dimension: 1, channels: 1, filters: [] })).toThrow(ArgumentError);
    const time = { features: 4, width: 4 };
    expect(() => uNet({ dimension: 1, channels: 1, filters: [8], time })).toThrow(/more than 8 groups/);
  });
});

test("bad widths and contradicting options are refused by name", () => {
  expect(() => mlp({ inputs: 2, hidden: [3, 0], outputs: 1 })).toThrow(/hidden\[1\]/);
  expect(() => mlp({ inputs: 2, hidden: [], outputs: 1, ntk: {}, initializer: zeroWeights })).toThrow(
    ArgumentError,
  );
  expect(() => vgg({ input: [1, 6, 6], stages: [[4], [4]], hidden: [], outputs: 2 })).toThrow(
    /divisible by 4/,
  );
  expect(() => resNet({ channels: 1, outputs: 2, stages: [{ filters: 0, blocks: 1 }] })).toThrow(
    /stages\[0\]/,
  );
});
