import { expect, test } from "vitest";
import { array, specsOf, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { loadOnnx } from "../onnx-model.ts";
import { sum } from "../ops/index.ts";
import { f32, type Tensor } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";
import { replaceParameters } from "./replace-parameters.ts";

const constant = (name: string, shape: readonly number[], ...values: number[]) =>
  nodeBytes("Constant", [], [name], {
    value: { tensor: tensorBytes("", 1, shape, Float32Array.from(values)) },
  });
const output = [["y", 1, [2]]] as const;

/** y = (w x + b) / scale, with all numbers in Constant nodes, as PaddlePaddle's converter writes them. */
const paddle = modelBytes(
  graphBytes({
    nodes: [
      constant("linear_0.w_0", [2, 2], 1, 2, 3, 4),
      constant("linear_0.b_0", [2], 0.5, -0.5),
      constant("scale", [2], 2, 4),
      constant("zero", [], 0),
      nodeBytes("MatMul", ["x", "linear_0.w_0"], ["product"]),
      nodeBytes("Add", ["product", "linear_0.b_0"], ["sum"]),
      nodeBytes("Div", ["sum", "scale"], ["scaled"]),
      nodeBytes("Add", ["scaled", "zero"], ["y"]),
    ],
    inputs: [["x", 1, [2]]],
    outputs: output,
  }),
  13,
);

/** y = w x in one branch and v x in the other, each with its weights inside, as spox and PyTorch's scripts write them. */
const branches = modelBytes(
  graphBytes({
    nodes: [
      nodeBytes("If", ["on"], ["y"], {
        then_branch: graphBytes({
          nodes: [constant("then.w", [2, 2], 1, 2, 3, 4), nodeBytes("MatMul", ["x", "then.w"], ["a"])],
          inputs: [],
          outputs: [["a", 1, [2]]],
        }),
        else_branch: graphBytes({
          nodes: [nodeBytes("MatMul", ["x", "else.w"], ["b"])],
          initializers: [tensorBytes("else.w", 1, [2, 2], Float32Array.of(5, 6, 7, 8))],
          inputs: [],
          outputs: [["b", 1, [2]]],
        }),
      }),
    ],
    inputs: [
      ["x", 1, [2]],
      ["on", 9, []],
    ],
    outputs: output,
  }),
  13,
);

test("the arrays of Constant nodes that layers read are parameters of a file without others", async () => {
  const model = importOnnx(paddle);
  expect(Object.keys(model.parameters)).toEqual(["linear_0.w_0", "linear_0.b_0"]);
  const loss = (b: Tensor, x: Tensor) => sum(model.apply({ x }, { "linear_0.b_0": b }).y);
  await using program = await compile(({ b, x }) => ({ y: loss(b, x), slope: gradient(loss)(b, x) }), {
    b: f32(2),
    x: f32(2),
  });
  const { y, slope } = await program.run({ b: Float32Array.of(1, 1), x: Float32Array.of(1, -1) });
  // [1 - 3 + 1, 2 - 4 + 1] / [2, 4].
  expect([toNumbers(y), toNumbers(slope)]).toEqual([[-0.75], [0.5, 0.25]]);
});

test("a file with floating-point initializers keeps its Constant nodes", () => {
  const model = importOnnx(
    modelBytes(
      graphBytes({
        nodes: [constant("shift", [2], 1, 2), nodeBytes("Add", ["w", "shift"], ["y"])],
        initializers: [tensorBytes("w", 1, [2], Float32Array.of(1, 2))],
        inputs: [],
        outputs: output,
      }),
      13,
    ),
  );
  expect(Object.keys(model.parameters)).toEqual(["w"]);
});

test("parameters inside of branches are trained, and written where they were", async () => {
  const model = importOnnx(branches);
  expect(Object.keys(model.parameters)).toEqual(["then.w", "else.w"]);
  const loss = (w: Record<string, Tensor>, x: Tensor, on: Tensor) => sum(model.apply({ x, on }, w).y);
  await using program = await compile(({ w, x, on }) => gradient(loss)(w, x, on), {
    w: specsOf(model.parameters),
    x: f32(2),
    on: { dtype: "bool", shape: [] },
  });
  const x = array(Float32Array.of(10, 20), [2]);
  const slopes = await program.run({
    w: model.parameters,
    x,
    on: { dtype: "bool", shape: [], data: Uint8Array.of(1) },
  });
  expect(toNumbers(slopes["then.w"])).toEqual([10, 10, 20, 20]);
  expect(toNumbers(slopes["else.w"])).toEqual([0, 0, 0, 0]);
});

test("tensors of Constant nodes and of bodies are replaced in place", async () => {
  const identity = array(Float32Array.of(1, 0, 0, 1), [2, 2]);
  const changed = replaceParameters(paddle, { "linear_0.w_0": identity });
  using before = await loadOnnx(changed);
  expect(toNumbers((await before.run({ x: Float32Array.of(1.5, 8.5) })).y)).toEqual([1, 2]);
  expect(toNumbers(importOnnx(changed).parameters["linear_0.w_0"])).toEqual([1, 0, 0, 1]);
  expect(replaceParameters(changed, importOnnx(paddle).parameters)).toEqual(paddle);
  const swapped = replaceParameters(branches, { "then.w": identity, "else.w": identity });
  expect(Object.values(importOnnx(swapped).parameters).map(toNumbers)).toEqual([
    [1, 0, 0, 1],
    [1, 0, 0, 1],
  ]);
  expect(replaceParameters(swapped, importOnnx(branches).parameters)).toEqual(branches);
});
