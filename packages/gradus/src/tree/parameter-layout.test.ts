import { array, compile, f64, specsOf } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { parameterLayout } from "./parameter-layout.ts";

const parameters = {
  layers: [
    { weights: array(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3]), bias: array(Float32Array.of(7, 8, 9)) },
    { weights: array(Float64Array.of(10, 11, 12), [3, 1]), bias: array(Float32Array.of(13)) },
  ],
};

test("lays array after array, and back", () => {
  const layout = parameterLayout(parameters);
  expect(layout.dimension).toBe(13);
  expect(Array.from(layout.pack(parameters))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  expect(layout.unpack(layout.pack(parameters))).toEqual(parameters);
});

test("lays a group alone; the other arrays stay", () => {
  const layout = parameterLayout(parameters, ["layers.0.bias", "layers.1"]);
  expect(layout.slots.map(({ path, start, length }) => [path, start, length])).toEqual([
    ["layers.0.bias", 0, 3],
    ["layers.1.weights", 3, 3],
    ["layers.1.bias", 6, 1],
  ]);
  const { layers } = layout.unpack(Float64Array.of(0, 1, 2, 3, 4, 5, 6));
  expect(layers[0].weights).toEqual(parameters.layers[0].weights);
  expect(layers[0].bias.data).toEqual(Float32Array.of(0, 1, 2));
  expect(layers[1].weights.data).toEqual(Float64Array.of(3, 4, 5));
});

test("does the same in the graph", async () => {
  const layout = parameterLayout(parameters);
  const x = Float64Array.from({ length: 13 }, (_, i) => i / 8);
  using program = await compile(
    ({ x, tree }) => ({ tree: layout.unpackTensor(x), x: layout.packTensors(tree) }),
    { x: f64(13), tree: specsOf(parameters) },
  );
  const result = await program.run({ x, tree: parameters });
  expect(result.tree).toEqual(layout.unpack(x));
  expect(result.x.data).toEqual(layout.pack(parameters));
});

test("packs a group in the graph", async () => {
  const layout = parameterLayout(parameters, "layers.1.bias");
  using program = await compile(({ tree }) => layout.packTensors(tree), { tree: specsOf(parameters) });
  expect((await program.run({ tree: parameters })).data).toEqual(Float64Array.of(13));
  await expect(compile(({ x }) => layout.unpackTensor(x), { x: f64(1) })).rejects.toThrow(
    "x must have all 4 arrays, got the 1 of a group",
  );
});

test("says what is wrong", () => {
  expect(() => parameterLayout({ w: array(BigInt64Array.of(1n)) })).toThrow(
    "parameters.w: expected f32 or f64, got i64",
  );
  expect(() => parameterLayout({})).toThrow(ArgumentError);
  expect(() => parameterLayout(parameters, "layers.2")).toThrow('group names "layers.2"');
  const layout = parameterLayout(parameters);
  expect(() => layout.unpack(new Float64Array(12))).toThrow("x must have 13 numbers, got 12");
  expect(() => layout.pack({ layers: [parameters.layers[0]] })).toThrow(
    "parameters must have 4 arrays, got 2",
  );
});
