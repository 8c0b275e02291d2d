import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { repeat } from "../loop.ts";
import { runtime as wasm } from "../runtime/browser.ts";
import { runtime as native } from "../runtime/node.ts";
import type { Tensor } from "../tensor.ts";
import * as ops from "./index.ts";

const ROWS = 3;
const COLUMNS = 37;
const along = { axes: 1 };

/** What becomes NaN in the row of a NaN: everything, or the element alone. */
const ofRows: Record<string, (x: Tensor) => Tensor> = {
  max: (x) => ops.max(x, along),
  "max of the other axis": (x) => ops.max(ops.transpose(x), { axes: 0 }),
  min: (x) => ops.min(x, along),
  "min of the other axis": (x) => ops.min(ops.transpose(x), { axes: 0 }),
  logSumExp: (x) => ops.logSumExp(x, along),
  sum: (x) => ops.sum(x, along),
  mean: (x) => ops.mean(x, along),
  prod: (x) => ops.prod(x, along),
  softmax: (x) => ops.softmax(x),
  logSoftmax: (x) => ops.logSoftmax(x),
  maxPool: (x) => ops.maxPool(x, { size: [COLUMNS] }),
  "maxPool of the other axis": (x) => ops.maxPool(ops.transpose(x), { size: [COLUMNS, 1] }),
};
const ofElements: Record<string, (x: Tensor) => Tensor> = {
  maximum: (x) => ops.maximum(x, 0.1),
  "maximum, the other operand": (x) => ops.maximum(0.1, x),
  minimum: (x) => ops.minimum(x, 0.1),
  "minimum, the other operand": (x) => ops.minimum(0.1, x),
  clip: (x) => ops.clip(x, -0.5, 0.5),
  relu: ops.relu,
  "derivative of relu": (x) => gradient((t: Tensor) => ops.sum(ops.relu(t)))(x),
  leakyRelu: (x) => ops.leakyRelu(x),
  elu: (x) => ops.elu(x),
  softplus: ops.softplus,
  sigmoid: ops.sigmoid,
  tanh: ops.tanh,
  abs: ops.abs,
  sign: ops.sign,
};

describe.each([
  ["native", native],
  ["WebAssembly", wasm],
])("NaN is passed on, wherever it stands (%s)", (_, runtime) => {
  test.each(["f32", "f64"] as const)("%s", async (dtype) => {
    using program = await compile(
      ({ x }) => ({
        rows: Object.values(ofRows).map((f) => f(x)),
        elements: Object.values(ofElements).map((f) => f(x)),
        place: ops.argMax(x),
        placeOfFirst: ops.argMax(ops.transpose(x), { axis: 0 }),
      }),
      { x: { dtype, shape: [ROWS, COLUMNS] } },
      { runtime },
    );
    for (const place of [0, 1, 7, 8, 16, 31, 35, 36]) {
      const values = Array.from({ length: ROWS * COLUMNS }, (__, i) => Math.sin(i * i + 1));
      values[COLUMNS + place] = Number.NaN;
      // The second NaN of a row changes nothing.
      values[COLUMNS + 36] = Number.NaN;
      const data = dtype === "f32" ? Float32Array.from(values) : Float64Array.from(values);
      const { rows, elements, ...places } = await program.run({ x: array(data, [ROWS, COLUMNS]) });
      rows.forEach((value, i) => {
        const width = value.data.length / ROWS;
        toNumbers(value).forEach((v, j) => {
          expect(Number.isNaN(v), `${Object.keys(ofRows)[i]}, NaN at ${place}`).toBe(
            Math.floor(j / width) === 1,
          );
        });
      });
      elements.forEach((value, i) => {
        toNumbers(value).forEach((v, j) => {
          expect(Number.isNaN(v), `${Object.keys(ofElements)[i]}, NaN at ${place}`).toBe(
            Number.isNaN(values[j]),
          );
        });
      });
      for (const value of [places.place, places.placeOfFirst]) expect(toNumbers(value)[1]).toBe(place);
    }
  });

  test.each(["f32", "f64"] as const)("%s: windows of maxPool that see it, and no others", async (dtype) => {
    using program = await compile(
      ({ x }) => ({
        pooled: ops.maxPool(x, { size: [3], strides: [2], padding: [1] }),
        inLoop: repeat(2, x, (c: Tensor) => ({ carried: ops.maxPool(c, { size: [1] }) })).carried,
      }),
      { x: { dtype, shape: ["rows", 2, 9] } },
      { runtime },
    );
    for (let place = 0; place < 9; place++) {
      const values = Array.from({ length: 36 }, (__, i) => (i % 9) - 4);
      values[18 + place] = Number.NaN;
      values[8] = Number.POSITIVE_INFINITY;
      values[9] = Number.NEGATIVE_INFINITY;
      const data = dtype === "f32" ? Float32Array.from(values) : Float64Array.from(values);
      const { pooled, inLoop } = await program.run({ x: array(data, [2, 2, 9]) });
      toNumbers(pooled).forEach((v, i) => {
        const row = Math.floor(i / 5);
        const seen = [-1, 0, 1].map((offset) => 2 * (i % 5) + offset).filter((j) => j >= 0 && j < 9);
        const expected = Math.max(...seen.map((j) => values[9 * row + j]));
        expect(v, `window ${i}, NaN at ${place}`).toBe(expected);
      });
      expect(toNumbers(inLoop).map(Number.isNaN)).toStrictEqual(values.map(Number.isNaN));
    }
  });

  test.each(["f32", "f64"] as const)("%s: infinities are no NaN", async (dtype) => {
    const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    using program = await compile(
      ({ x }) => ({
        max: ops.max(x, along),
        min: ops.min(x, along),
        total: ops.logSumExp(x, along),
        place: ops.argMax(x),
      }),
      { x: { dtype, shape: [4, 3] } },
      { runtime },
    );
    const values = [low, high, 1, low, low, low, high, 3e38, -3e38, 0, low, 0];
    const data = dtype === "f32" ? Float32Array.from(values) : Float64Array.from(values);
    const { max, min, total, place } = await program.run({ x: array(data, [4, 3]) });
    expect(toNumbers(max)).toStrictEqual([high, low, high, 0]);
    expect(toNumbers(min)).toStrictEqual([low, low, data[8], low]);
    expect(toNumbers(total).slice(0, 3)).toStrictEqual([high, low, high]);
    expect(toNumbers(total)[3]).toBeCloseTo(Math.LN2, dtype === "f32" ? 6 : 15);
    expect(toNumbers(place)).toStrictEqual([1, 0, 0, 0]);
  });
});
