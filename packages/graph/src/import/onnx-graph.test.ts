import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { InputError, UnsupportedError } from "../errors.ts";
import { importOnnx } from "./import-onnx.ts";
import { inspectModel } from "./inspect-model.ts";
import { functionBytes, graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";
import { onnxGraph } from "./onnx-graph.ts";

const fixture = (name: string) => readFile(new URL(`../../fixtures/pytorch/${name}.onnx`, import.meta.url));

test("the graph of a file that PyTorch exported has its nodes in order, with attributes and stored tensors", async () => {
  const { nodes, stored, inputs, outputs } = onnxGraph(await fixture("residual"));
  expect(inputs).toEqual([{ name: "x", floating: true, shape: [2, 3, 8, 8] }]);
  expect(outputs.map(({ name }) => name)).toEqual(["y"]);
  const stem = nodes.find(({ inputs }) => inputs.includes("stem.weight"));
  expect(stem?.operator).toBe("Conv");
  expect(stem?.attributes).toMatchObject({ kernel_shape: [3, 3] });
  expect(stored).toContainEqual({ name: "stem.weight", shape: [6, 3, 3, 3], floating: true });
  const known = new Set([...inputs, ...stored].map(({ name }) => name));
  for (const { inputs, outputs, supported } of nodes) {
    expect(supported).toBe(true);
    for (const name of inputs) expect(known).toContain(name);
    for (const name of outputs) known.add(name);
  }
  expect(known).toContain("y");
});

test("operators that cannot be imported are marked, and those of the model's own functions are not", () => {
  const own = functionBytes("Twice", [nodeBytes("Add", ["x", "x"], ["y"])]);
  const graph = graphBytes({
    nodes: [nodeBytes("Twice", ["a"], ["b"], {}, "own"), nodeBytes("Sorcery", ["b"], ["c"], {}, "elsewhere")],
    inputs: [["a", 1, ["batch", undefined]]],
    outputs: [["c", 1, [2]]],
  });
  const { nodes, inputs } = onnxGraph(modelBytes(graph, 21, ["own", "elsewhere"], [own]));
  expect(inputs).toEqual([{ name: "a", floating: true, shape: ["batch", "?"] }]);
  expect(nodes.map(({ operator, supported }) => [operator, supported])).toEqual([
    ["own.Twice", true],
    ["elsewhere.Sorcery", false],
  ]);
});

test("a branch reads the values of the graph around it, and counts the nodes of its bodies", () => {
  const branch = (opType: string) =>
    graphBytes({
      nodes: [nodeBytes(opType, ["a", "w"], ["inner"]), nodeBytes("Relu", ["inner"], ["result"])],
      inputs: [],
      outputs: [["result", 1, [2]]],
    });
  const graph = graphBytes({
    nodes: [nodeBytes("If", ["c"], ["y"], { then_branch: branch("Add"), else_branch: branch("Sorcery") })],
    initializers: [tensorBytes("w", 1, [2], Float32Array.of(1, 2))],
    inputs: [
      ["c", 9, []],
      ["a", 1, [2]],
    ],
    outputs: [["y", 1, [2]]],
  });
  const [node] = onnxGraph(modelBytes(graph)).nodes;
  expect(node.innerNodes).toBe(4);
  expect(node.supported).toBe(false);
  expect([...node.inputs].sort()).toEqual(["a", "c", "w"]);
});

test("what is no model is refused", () => {
  expect(() => onnxGraph(Uint8Array.of(1, 2, 3))).toThrow(UnsupportedError);
  expect(() => onnxGraph("model" as never)).toThrow(InputError);
});

test("a model's cost is counted in products, with named dimensions as 1", () => {
  const graph = graphBytes({
    nodes: [nodeBytes("MatMul", ["x", "w"], ["h"]), nodeBytes("Add", ["h", "b"], ["y"])],
    initializers: [
      tensorBytes("w", 1, [5, 3], new Float32Array(15)),
      tensorBytes("b", 1, [3], new Float32Array(3)),
    ],
    inputs: [["x", 1, ["batch", 5]]],
    outputs: [["y", 1, ["batch", 3]]],
  });
  const shown = inspectModel(importOnnx(modelBytes(graph)));
  expect(shown.operations).toBe(2 * 5 * 3);
  expect(shown.obstacle).toBeNull();
  expect(shown.parameters.map(({ name, numbers }) => [name, numbers])).toEqual([
    ["w", 15],
    ["b", 3],
  ]);
});

test("a model whose dimensions do not fit has an obstacle and no cost", () => {
  const graph = graphBytes({
    nodes: [nodeBytes("MatMul", ["x", "w"], ["y"])],
    initializers: [tensorBytes("w", 1, [5, 3], new Float32Array(15))],
    inputs: [["x", 1, ["batch", 4]]],
    outputs: [["y", 1, ["batch", 3]]],
  });
  const { operations, obstacle } = inspectModel(importOnnx(modelBytes(graph)));
  expect(operations).toBeNull();
  expect(obstacle).toMatch(/MatMul/);
});
