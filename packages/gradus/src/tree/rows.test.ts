import { array, constant } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { serializeCheckpoint } from "../iterate/checkpoint.ts";
import { sgd } from "../train/sgd.ts";
import { train } from "../train/train.ts";
import { mapArrays } from "./arrays.ts";
import { firstNotFinite, flatNumbers, squaredNormOf, withNumbers } from "./numbers.ts";
import { parameterLayout } from "./parameter-layout.ts";
import { joinRows, rowCount, rowRange, takeRows } from "./rows.ts";
import { parameterType } from "./signature.ts";

const data = {
  x: array(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2]),
  labels: array(BigInt64Array.of(7n, 8n, 9n), [3]),
  nested: [array(Float32Array.of(0.5, 1.5, 2.5), [3, 1])],
};

describe("rows of a tree of arrays", () => {
  test("are counted, taken, cut and joined in every array alike", () => {
    expect(rowCount(data)).toBe(3);
    const taken = takeRows(data, [2, 0, 2]);
    expect(taken.x).toEqual(array(Float64Array.of(5, 6, 1, 2, 5, 6), [3, 2]));
    expect(taken.labels).toEqual(array(BigInt64Array.of(9n, 7n, 9n), [3]));
    expect(taken.nested[0]).toEqual(array(Float32Array.of(2.5, 0.5, 2.5), [3, 1]));
    const cut = rowRange(data, 1, 5);
    expect(cut.x).toEqual(array(Float64Array.of(3, 4, 5, 6), [2, 2]));
    expect(joinRows(rowRange(data, 0, 1), cut)).toEqual(data);
  });

  test("that are not there, or differ in number, are refused by name", () => {
    expect(() => takeRows(data, [0, 3])).toThrow("rows[1] must be an integer from 0 to 2, got 3");
    expect(() => takeRows(data, [])).toThrow("rows must have at least one row, got none");
    expect(() => rowCount({ ...data, x: array(Float64Array.of(1, 2), [2]) })).toThrow(
      "data.labels: has 3 rows, data.x has 2; rows must be equal",
    );
  });
});

describe("the numbers of a tree of arrays", () => {
  const parameters = { w: array(Float64Array.of(1, -2), [2, 1]), b: array(Float32Array.of(0.5), [1]) };

  test("go to one vector and back in the arrays' own types", () => {
    const flat = flatNumbers(parameters);
    expect(flat).toEqual(Float64Array.of(1, -2, 0.5));
    expect(withNumbers(parameters, flat)).toEqual(parameters);
    expect(withNumbers(parameters, Float64Array.of(0, 0, 0.1)).b.data[0]).toBe(Math.fround(0.1));
    expect(squaredNormOf(parameters)).toBe(1 + 4 + 0.25);
  });

  test("are mapped, or zipped with those of another tree", () => {
    const sum = mapArrays(
      (a, b) => ({ ...a, data: Float64Array.of(Number(a.data[0]) + Number(b.data[0])) }),
      { a: array(Float64Array.of(1), [1]) },
      { a: array(Float64Array.of(2), [1]) },
    );
    expect(sum.a.data[0]).toBe(3);
  });

  test("that are not finite are found by path and index", () => {
    expect(firstNotFinite(parameters)).toBeUndefined();
    expect(firstNotFinite({ ...parameters, b: array(Float32Array.of(Number.NaN), [1]) })).toEqual({
      path: "b",
      index: 0,
      value: Number.NaN,
    });
  });
});

test("arrays whose buffers were transferred to another thread are named", async () => {
  const gone = (shape: readonly number[]) => {
    const value = array(new Float32Array(shape.reduce((product, size) => product * size, 1)), shape);
    structuredClone(value.data, { transfer: [value.data.buffer as ArrayBuffer] });
    return value;
  };
  const message = "expected 6 elements for its shape [3, 2], got 0";
  const y = array(new Float32Array(3));
  expect(() => rowCount({ y, x: gone([3, 2]) })).toThrow(new DataError(`data.x: ${message}`));
  const weights = { layers: [gone([3, 2])] };
  expect(() => parameterType(weights)).toThrow(new ArgumentError(`parameters.layers.0: ${message}`));
  expect(() => parameterLayout(weights)).toThrow(new ArgumentError(`parameters.layers.0: ${message}`));
  const problem = {
    optimizer: sgd({ learningRate: 0.1 }),
    batchSize: 1,
    loss: () => constant(new Float32Array(1), []),
  };
  const intact = { layers: [array(new Float32Array(6), [3, 2])] };
  const training = (parameters: typeof intact, x: typeof y) =>
    train({ ...problem, parameters, data: { x } }).next();
  await expect(training(intact, gone([3, 2]))).rejects.toThrow(new DataError(`data.x: ${message}`));
  await expect(training(weights, y)).rejects.toThrow(`parameters.layers.0: ${message}`);
  expect(() => serializeCheckpoint({ state: [gone([3]).data] })).toThrow(
    new DataError("checkpoint: checkpoint.state[0] is a Float32Array whose buffer was transferred"),
  );
});
