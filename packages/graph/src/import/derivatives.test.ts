// Derivatives of operators that are imported as several operations, against central differences in float64.
import { describe, expect, test } from "vitest";
import { array, constants, specsOf, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { add, mul, range, reshape, sin, sum } from "../ops/index.ts";
import { cast } from "../ops/select.ts";
import type { ArrayValue } from "../runtime/runtime.ts";
import type { Tensor } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { type AttributeValue, graphBytes, modelBytes, nodeBytes } from "./model-bytes.ts";

const wave = (shape: readonly number[], phase: number, scale = 1) =>
  array(
    Float64Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, i) => scale * Math.sin(1.7 * i + 0.3 * i * i + phase),
    ),
    shape,
  );
const whole = (values: readonly number[], shape: readonly number[]) =>
  array(BigInt64Array.from(values, BigInt), shape);

interface Sample {
  readonly name: string;
  readonly opType: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** By name, in the order of the node's inputs; integers are known while the model is imported. */
  readonly inputs: Readonly<Record<string, ArrayValue>>;
  readonly outputs?: readonly string[];
  readonly opset?: number;
}

const grid = { x: wave([2, 3, 4, 5], 0), grid: wave([2, 3, 2, 2], 1, 1.4) };
const scattered = {
  x: wave([4, 3], 0),
  indices: whole([0, 2, 2, 2, 1, 0], [2, 3]),
  updates: wave([2, 3], 2, 2),
};
const rows = { x: wave([4, 3], 0), indices: whole([1, 3, 1], [3, 1]), updates: wave([3, 3], 2, 2) };

const samples: readonly Sample[] = [
  ...(["linear", "cubic"] as const).flatMap((mode) =>
    (["zeros", "border", "reflection"] as const).flatMap((padding_mode) =>
      [0, 1].map((align_corners) => ({
        name: `GridSample ${mode} ${padding_mode} ${align_corners}`,
        opType: "GridSample",
        attributes: { mode, padding_mode, align_corners },
        inputs: grid,
        opset: 20,
      })),
    ),
  ),
  {
    name: "DeformConv",
    opType: "DeformConv",
    attributes: { pads: [1, 1, 1, 1], strides: [2, 1], dilations: [1, 1], group: 2, offset_group: 2 },
    inputs: {
      x: wave([1, 4, 5, 4], 0),
      w: wave([2, 2, 3, 2], 1),
      offset: wave([1, 24, 3, 5], 2, 0.8),
      bias: wave([2], 3),
      mask: wave([1, 12, 3, 5], 4),
    },
    opset: 19,
  },
  { name: "Det", opType: "Det", inputs: { x: wave([2, 4, 4], 0) } },
  {
    name: "Det of a singular matrix",
    opType: "Det",
    inputs: { x: array(Float64Array.of(1, 2, 3, 2, 4, 6, 1, 0, 1), [3, 3]) },
  },
  {
    name: "RoiAlign",
    opType: "RoiAlign",
    attributes: { output_height: 2, output_width: 3, sampling_ratio: 2 },
    inputs: {
      x: wave([2, 2, 6, 7], 0),
      rois: array(Float64Array.of(0.3, 0.7, 4.1, 3.3, 1.27, 0.4, 5.6, 4.9), [2, 4]),
      which: whole([1, 0], [2]),
    },
    opset: 16,
  },
  ...["none", "add", "min", "max", "mul"].flatMap((reduction) => [
    {
      name: `ScatterElements ${reduction}`,
      opType: "ScatterElements",
      attributes: { reduction },
      inputs: scattered,
      opset: 18,
    },
    {
      name: `ScatterND ${reduction}`,
      opType: "ScatterND",
      attributes: { reduction },
      inputs: rows,
      opset: 18,
    },
  ]),
  {
    name: "Einsum of diagonals",
    opType: "Einsum",
    attributes: { equation: "iij,ji->i" },
    inputs: { x: wave([3, 3, 2], 0), y: wave([2, 3], 1) },
  },
  { name: "DFT", opType: "DFT", attributes: { onesided: 1 }, inputs: { x: wave([2, 5, 1], 0) }, opset: 17 },
  {
    name: "inverse DFT",
    opType: "DFT",
    attributes: { inverse: 1 },
    inputs: { x: wave([2, 5, 2], 0) },
    opset: 17,
  },
  {
    name: "STFT",
    opType: "STFT",
    inputs: { x: wave([1, 9, 1], 0), step: whole([2], []), window: wave([4], 1) },
    opset: 17,
  },
  {
    name: "Normalizer",
    opType: "Normalizer",
    domain: "ai.onnx.ml",
    attributes: { norm: "L2" },
    inputs: { x: wave([3, 4], 0) },
  },
  {
    name: "LinearClassifier",
    opType: "LinearClassifier",
    domain: "ai.onnx.ml",
    attributes: {
      coefficients: { floats: [1, -2, 3, 4, 0.5, 6] },
      intercepts: { floats: [1, -1, 0.5] },
      classlabels_ints: [0, 1, 2],
      post_transform: "SOFTMAX",
    },
    inputs: { x: wave([3, 2], 0) },
    outputs: ["label", "y"],
  },
];

const elementType = ({ dtype }: ArrayValue) => (dtype === "i64" ? 7 : 11);

describe.each(samples)(
  "$name",
  ({ opType, domain = "", attributes, inputs, outputs = ["y"], opset = 21 }) => {
    const names = Object.keys(inputs);
    const model = importOnnx(
      modelBytes(
        graphBytes({
          nodes: [nodeBytes(opType, names, outputs, attributes, domain)],
          inputs: names.map((name) => [name, elementType(inputs[name]), inputs[name].shape] as const),
          outputs: [["y", 11, []]],
        }),
        opset,
        domain === "" ? [] : [domain],
      ),
      { precision: "f64" },
    );
    const floats = Object.fromEntries(Object.entries(inputs).filter(([, { dtype }]) => dtype === "f64"));
    const integers = Object.fromEntries(Object.entries(inputs).filter(([, { dtype }]) => dtype === "i64"));
    const loss = (given: Readonly<Record<string, Tensor>>) => {
      const { y } = model.apply({ ...given, ...constants(integers) });
      const size = y.shape.reduce<number>((n, d) => n * Number(d), 1);
      const weights = add(sin(mul(cast(range(size), "f64"), 1.3)), 0.2);
      return sum(mul(sin(reshape(y, [size])), weights));
    };

    test("has the derivatives of its values", async () => {
      using program = await compile(
        (given) => ({ value: loss(given), slope: gradient(loss)(given) }),
        specsOf(floats),
      );
      const { slope } = await program.run(floats);
      const step = 1e-5;
      for (const [name, value] of Object.entries(floats)) {
        const got = toNumbers(slope[name]);
        for (const phase of [0, 1, 2]) {
          const direction = toNumbers(wave(value.shape, phase));
          const ends: number[] = [];
          for (const sign of [1, -1]) {
            const moved = Float64Array.from(toNumbers(value), (x, i) => x + sign * step * direction[i]);
            const run = await program.run({ ...floats, [name]: array(moved, value.shape) });
            ends.push(toNumbers(run.value)[0]);
          }
          const wanted = (ends[0] - ends[1]) / (2 * step);
          const along = direction.reduce((total, d, i) => total + d * got[i], 0);
          const scale = Math.max(1, ...got.map(Math.abs));
          expect(Math.abs(along - wanted), `${name}: ${along} and ${wanted}`).toBeLessThan(1e-7 * scale);
        }
      }
    });
  },
);

test("a determinant of order 24 has six digits", async () => {
  const n = 24;
  const x = wave([n, n], 0);
  const a = Array.from({ length: n }, (_, i) => toNumbers(x).slice(i * n, (i + 1) * n));
  let wanted = 1;
  for (let k = 0; k < n; k++) {
    const best = a.slice(k).reduce((at, row, i) => (Math.abs(row[k]) > Math.abs(a[at][k]) ? k + i : at), k);
    if (best !== k) {
      [a[k], a[best]] = [a[best], a[k]];
      wanted = -wanted;
    }
    wanted *= a[k][k];
    for (let i = k + 1; i < n; i++) {
      const factor = a[i][k] / a[k][k];
      for (let j = k; j < n; j++) a[i][j] -= factor * a[k][j];
    }
  }
  const model = importOnnx(
    modelBytes(
      graphBytes({
        nodes: [nodeBytes("Det", ["x"], ["y"])],
        inputs: [["x", 11, [n, n]]],
        outputs: [["y", 11, []]],
      }),
    ),
  );
  using program = await compile((given) => model.apply({ x: given }).y, specsOf(x));
  const [got] = toNumbers(await program.run(x));
  expect(Math.abs(got / wanted - 1)).toBeLessThan(1e-6);
});
