import {
  type ArrayValue,
  add,
  array,
  compile,
  div,
  erf,
  f64,
  floatData,
  gradient,
  mapTensors,
  mean,
  mul,
  relu,
  reshape,
  specsOf,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
} from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { operatorEntries } from "../linalg/operator/contract.ts";
import { type MlpOptions, type MlpParameters, mlp } from "../nn/models/mlp.ts";
import { randomStream } from "../random/stream.ts";
import { denseKernel } from "./dense-kernel.ts";
import { type KernelOutputs, mlpTangentKernel } from "./mlp-tangent-kernel.ts";
import { tangentKernel } from "./tangent-kernel.ts";
import { tangentKernelOperator } from "./tangent-kernel-operator.ts";

const gaussian = (seed: number, ...shape: number[]): ArrayValue =>
  array(randomStream(seed).fillNormal(new Float64Array(shape.reduce((a, b) => a * b, 1))), shape);
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));
};
const numbers = (...values: number[]) => array(Float64Array.from(values));
const matrix = (rows: number, columns: number, ...values: number[]) =>
  array(Float64Array.from(values), [rows, columns]);

async function structured(
  options: MlpOptions,
  parameters: MlpParameters<ArrayValue>,
  x: ArrayValue,
  outputs?: KernelOutputs,
) {
  await using program = await compile(
    (given) => mlpTangentKernel(options, { outputs })(given.parameters, given.x),
    { parameters: specsOf(parameters), x: { dtype: x.dtype, shape: x.shape } },
  );
  const result = await program.run({ parameters, x });
  return { outputs: floatData(result.outputs), kernel: floatData(result.kernel) };
}

describe("the specification's network 1-2-1", () => {
  const options: MlpOptions = { inputs: 1, hidden: [2], outputs: 1, ntk: { biasStd: 0.1 } };
  const parameters: MlpParameters<ArrayValue> = {
    layers: [
      { weights: matrix(1, 2, 1, -2), bias: numbers(0.3, -0.1) },
      { weights: matrix(2, 1, 0.5, 1.5), bias: numbers(0.2) },
    ],
  };
  const x = matrix(2, 1, 1, -0.5);

  // By hand and by an independent prototype in NumPy.
  test("outputs and kernel, by its layers and by gradients", async () => {
    const { outputs, kernel } = await structured(options, parameters, x);
    expect(distance(outputs, [0.38415999, 1.07005357])).toBeLessThan(5e-9);
    expect(distance(kernel, [0.6667, 0.01, 0.01, 0.79255])).toBeLessThan(5e-9);
    const general = await tangentKernel(mlp(options), parameters, x);
    expect(distance(general.values, [0.6667, 0.01, 0.01, 0.79255])).toBeLessThan(5e-9);
  });

  test("outputs after one step of gradient descent on the mean squared error", async () => {
    const model = mlp(options);
    await using step = await compile(
      ({ p, x, y }) => {
        const cost = (q: MlpParameters) => div(mean(square(sub(reshape(model.apply(q, x), [2]), y))), 2);
        const g = gradient(cost)(p);
        const next = mapTensors((value: Tensor, slope: Tensor) => sub(value, mul(slope, 0.5)), p, g);
        return model.apply(next, x);
      },
      { p: specsOf(parameters), x: f64(2, 1), y: f64(2) },
    );
    const after = floatData(await step.run({ p: parameters, x, y: numbers(1, 0) }));
    expect(distance(after, [0.48848912, 0.86934434])).toBeLessThan(5e-9);
  });
});

describe("by layers and by gradients, in blocks, the kernel is one", () => {
  const cases: readonly MlpOptions[] = [
    { inputs: 3, hidden: [], outputs: 2, ntk: {} },
    { inputs: 3, hidden: [5], outputs: 1, activation: "tanh", ntk: { weightStd: 1.3, biasStd: 0.4 } },
    { inputs: 3, hidden: [6, 4], outputs: 3, activation: "relu", ntk: {} },
    { inputs: 3, hidden: [4, 4, 4], outputs: 2, activation: erf },
  ];

  test.each(cases.map((options, c) => [c, options] as const))("case %d: %o", async (c, options) => {
    const model = mlp(options);
    const parameters = model.parameters({ stream: randomStream(c), dtype: "f64" });
    const x = gaussian(c + 10, 5, 3);
    for (const outputs of ["mean", "full", options.outputs - 1] as const) {
      const { kernel } = await structured(options, parameters, x, outputs);
      const size = Math.max(...kernel.map(Math.abs));
      for (const memory of [undefined, 50_000]) {
        const general = await tangentKernel(model, parameters, x, undefined, { outputs, memory });
        expect(distance(general.values, kernel)).toBeLessThan(1e-12 * size);
      }
      const part = { ...x, shape: [2, 3], data: x.data.subarray(3, 9) };
      const rows = outputs === "full" ? options.outputs : 1;
      const general = await tangentKernel(model, parameters, part, x, { outputs });
      expect(distance(general.values, kernel.subarray(rows * 5 * rows, 3 * rows * 5 * rows))).toBeLessThan(
        1e-12 * size,
      );
    }
    await using product = await tangentKernelOperator(model, parameters, x);
    const { kernel } = await structured(options, parameters, x, "full");
    expect(distance((await operatorEntries(product)).values, kernel)).toBeLessThan(1e-11);
  });

  test("its trace is the sum of squared gradients, here by finite differences of a residual model", async () => {
    const model = {
      apply: ({ a, b }: { a: Tensor; b: Tensor }, x: Tensor) =>
        sum(add(mul(tanh(mul(x, a)), b), x), { axes: 1 }),
    };
    const parameters = { a: numbers(0.3, -1.2), b: numbers(0.7, 2) };
    const x = matrix(2, 2, 0.5, -1, 2, 0.25);
    const value = (row: number, p: readonly number[]) => {
      const [u, v] = [Number(x.data[2 * row]), Number(x.data[2 * row + 1])];
      return p[2] * Math.tanh(u * p[0]) + p[3] * Math.tanh(v * p[1]) + u + v;
    };
    const point = [0.3, -1.2, 0.7, 2];
    const slopes = [0, 1].map((row) =>
      point.map((_, i) => {
        const at = (h: number) =>
          value(
            row,
            point.map((q, j) => (i === j ? q + h : q)),
          );
        return (at(1e-6) - at(-1e-6)) / 2e-6;
      }),
    );
    const expected = slopes.flatMap((g) =>
      slopes.map((h) => g.reduce((total, gi, i) => total + gi * h[i], 0)),
    );
    const { values: kernel } = await tangentKernel(model, parameters, x);
    expect(distance(kernel, expected)).toBeLessThan(1e-8);
  });
});

// The mean over wide random networks: within 3 standard errors and a bias of order 1/width.
test.each([
  ["relu", relu],
  ["erf", erf],
  ["tanh", tanh],
] as const)("many wide %s networks have the infinite one's kernel on average", async (name, activation) => {
  const [width, networks] = [256, 60];
  const options: MlpOptions = { inputs: 2, hidden: [width, width], outputs: 1, activation, ntk: {} };
  const points = Float64Array.of(1, 0, Math.cos(1), Math.sin(1), -0.5, 2);
  const kernel = denseKernel({ depth: 3, activation: name });
  const limit = await kernel.both({ rows: 3, columns: 2, values: points });
  await kernel.dispose();
  const parameters = mlp(options).parameters({ stream: randomStream(1), dtype: "f64" });
  await using program = await compile(({ p, x }) => mlpTangentKernel(options)(p, x), {
    p: specsOf(parameters),
    x: f64(3, 2),
  });
  const kernels: Float64Array[] = [];
  const outputs: Float64Array[] = [];
  for (let seed = 0; seed < networks; seed++) {
    const p = mlp(options).parameters({ stream: randomStream(seed), dtype: "f64" });
    const result = await program.run({ p, x: array(points, [3, 2]) });
    kernels.push(Float64Array.from(floatData(result.kernel)));
    outputs.push(Float64Array.from(floatData(result.outputs)));
  }
  for (let k = 0; k < 9; k++) {
    const values = kernels.map((K) => K[k]);
    const average = values.reduce((a, b) => a + b) / networks;
    const variance = values.reduce((total, v) => total + (v - average) ** 2, 0) / (networks - 1);
    const allowed = 3 * Math.sqrt(variance / networks) + 0.02 * Math.abs(limit.ntk.values[k]);
    expect(Math.abs(average - limit.ntk.values[k])).toBeLessThan(allowed);
    // products of outputs scatter by sqrt(2) of their size
    const [i, j] = [Math.floor(k / 3), k % 3];
    const covariance = outputs.reduce((total, f) => total + f[i] * f[j], 0) / networks;
    const scatter = Math.sqrt(
      (limit.nngp.values[4 * i] * limit.nngp.values[4 * j] + limit.nngp.values[k] ** 2) / networks,
    );
    expect(Math.abs(covariance - limit.nngp.values[k])).toBeLessThan(3.5 * scatter);
  }
});

describe("what is refused", () => {
  const options: MlpOptions = { inputs: 2, hidden: [3], outputs: 2 };
  const model = mlp(options);
  const parameters = model.parameters({ stream: randomStream(1), dtype: "f64" });
  const x = gaussian(1, 4, 2);

  test.each([
    [x, gaussian(2, 4, 3), {}, "Y must have rows of X's shape [2], got [3]"],
    [array(new Float32Array(4), [2, 2]), undefined, {}, "X must be f64 like the parameters, got f32"],
    [array(new Float64Array(0), [0, 2]), undefined, {}, "X must have at least one row"],
    [matrix(1, 2, 1, Number.NaN), undefined, {}, "X must be finite, got NaN at index 1"],
    [x, undefined, { outputs: 2 }, 'outputs must be "mean", "full" or an integer from 0 to 1, got 2'],
    [x, undefined, { memory: 100 }, "memory must be at least 1088 bytes for one row's gradients, got 100"],
  ])("case %#", async (X, Y, given, message) => {
    await expect(tangentKernel(model, parameters, X, Y, given)).rejects.toThrow(message);
  });

  test("models whose outputs are no rows, output activations, entries that are not finite", async () => {
    const image = { apply: (_: unknown, given: Tensor) => reshape(given, [1, 1, 2]) };
    await expect(tangentKernel(image, parameters, x)).rejects.toThrow(
      "the model must return [n] or [n, outputs]",
    );
    expect(() => mlpTangentKernel({ ...options, outputActivation: "tanh" })).toThrow(
      'outputActivation must be "identity"',
    );
    expect(() => mlpTangentKernel(options, { outputs: -1 })).toThrow("got -1");
    const huge = mapArrays(parameters, (v) => v * 1e200);
    await expect(tangentKernel(model, huge, x)).rejects.toThrow("the tangent kernel must be finite, got");
  });

  test("a signal ends it between blocks; progress is told", async () => {
    const seen: number[] = [];
    await tangentKernel(model, parameters, x, undefined, { memory: 1200, onProgress: (f) => seen.push(f) });
    expect(seen).toHaveLength(10);
    expect(seen.at(-1)).toBe(1);
    const stop = new AbortController();
    const options = { memory: 1200, signal: stop.signal, onProgress: () => stop.abort(new Error("enough")) };
    await expect(tangentKernel(model, parameters, x, undefined, options)).rejects.toThrow("enough");
  });
});

function mapArrays(
  { layers }: MlpParameters<ArrayValue>,
  f: (value: number) => number,
): MlpParameters<ArrayValue> {
  const mapped = (a: ArrayValue) => array(Float64Array.from(floatData(a), f), a.shape);
  return { layers: layers.map(({ weights, bias }) => ({ weights: mapped(weights), bias: mapped(bias) })) };
}
