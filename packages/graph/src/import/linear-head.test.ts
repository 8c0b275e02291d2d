import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { loadOnnx } from "../onnx-model.ts";
import { importOnnx } from "./import-onnx.ts";
import { linearHead, replaceHead } from "./linear-head.ts";
import { graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";

const folder = new URL("../../fixtures/pytorch/", import.meta.url);
const fixture = async (name: string) => new Uint8Array(await readFile(new URL(`${name}.onnx`, folder)));

/** A model of x [rows, 2] whose output y has 3 columns, with w and b in the file; old files list them as inputs. */
const model = (
  nodes: readonly Uint8Array[],
  shape: readonly [number, number] = [2, 3],
  listed = false,
  biasShape: readonly number[] = [3],
) =>
  modelBytes(
    graphBytes({
      nodes,
      initializers: [
        tensorBytes("w", 1, shape, Float32Array.of(1, 2, 3, 4, 5, 6)),
        tensorBytes("b", 1, biasShape, Float32Array.of(7, 8, 9)),
      ],
      inputs: [
        ["x", 1, ["rows", 2]],
        ...(listed
          ? ([
              ["w", 1, shape],
              ["b", 1, biasShape],
            ] as const)
          : []),
      ],
      outputs: [["y", 1, ["rows", 3]]],
    }),
  );

const weights = array(Float32Array.of(1, 10, 100, 1000), [2, 2]);
const bias = array(Float32Array.of(0.5, 0.25));

test.each([
  ["a Gemm", model([nodeBytes("Gemm", ["x", "w", "b"], ["y"])]), false],
  ["a Gemm of old files", model([nodeBytes("Gemm", ["x", "w", "b"], ["y"])], [2, 3], true), false],
  [
    "a Gemm with transposed weights",
    model([nodeBytes("Gemm", ["x", "w", "b"], ["y"], { transB: 1 })], [3, 2], true),
    true,
  ],
  [
    "MatMul and Add",
    model([nodeBytes("MatMul", ["x", "w"], ["p"]), nodeBytes("Add", ["p", "b"], ["y"])]),
    false,
  ],
  [
    "MatMul with weights that a node transposes, and Add",
    model(
      [
        nodeBytes("Transpose", ["w"], ["wt"], { perm: [1, 0] }),
        nodeBytes("MatMul", ["x", "wt"], ["p"]),
        nodeBytes("Add", ["b", "p"], ["y"]),
      ],
      [3, 2],
    ),
    true,
  ],
  [
    "MatMul and Add of a row, as scikit-learn's converter writes them",
    model(
      [nodeBytes("MatMul", ["x", "w"], ["p"]), nodeBytes("Add", ["p", "b"], ["y"])],
      [2, 3],
      true,
      [1, 3],
    ),
    false,
  ],
  [
    "MatMul and Add the other way, and Identity",
    model([
      nodeBytes("MatMul", ["x", "w"], ["p"]),
      nodeBytes("Add", ["b", "p"], ["q"]),
      nodeBytes("Identity", ["q"], ["y"]),
    ]),
    false,
  ],
])("%s is found and replaced", async (_, file, transposed) => {
  const head = linearHead(file);
  expect(head).toMatchObject({ weights: "w", bias: "b", inputs: 2, outputs: 3, transposed });
  const replaced = replaceHead(file, head, { weights, bias });
  expect(importOnnx(replaced).parameters.w.shape).toEqual([2, 2]);
  using session = await loadOnnx(replaced);
  expect(session.outputs[0].spec.shape).toEqual(["rows", 2]);
  const { y } = await session.run({ x: array(Float32Array.of(1, 0, 2, 3), [2, 2]) });
  expect(y.shape).toEqual([2, 2]);
  // x W + b by hand.
  expect(toNumbers(y)).toEqual([1.5, 10.25, 302.5, 3020.25]);
});

test("a MatMul without bias gets weights alone", async () => {
  const file = model([nodeBytes("MatMul", ["x", "w"], ["y"])]);
  const head = linearHead(file, "y");
  expect(head.bias).toBeUndefined();
  using session = await loadOnnx(replaceHead(file, head, { weights, bias }));
  expect(toNumbers((await session.run({ x: array(Float32Array.of(1, 0), [1, 2]) })).y)).toEqual([1, 10]);
});

test("a PyTorch export with a softmax behind its layer runs with other classes", async () => {
  const file = await fixture("perceptron");
  const head = linearHead(file);
  expect(head).toMatchObject({ weights: "layers.4.weight", bias: "layers.4.bias", inputs: 8, outputs: 3 });
  const layer = {
    weights: array(
      Float32Array.from({ length: 40 }, (_, i) => Math.sin(i)),
      [8, 5],
    ),
    bias: array(new Float32Array(5)),
  };
  using session = await loadOnnx(replaceHead(file, head, layer));
  const { y } = await session.run({ x: array(new Float32Array(30).fill(0.5), [5, 6]) });
  expect(y.shape).toEqual([5, 5]);
  // Each row of a log-softmax has probabilities that sum to 1.
  const total = toNumbers(y)
    .slice(0, 5)
    .reduce((sum, value) => sum + Math.exp(value), 0);
  expect(total).toBeCloseTo(1, 6);
});

test("models without a linear layer at their end are refused", async () => {
  const convolutional = await fixture("contracting");
  expect(() => linearHead(convolutional)).toThrow(/output y must come from a Gemm or MatMul .* from Conv \(/);
  expect(() => linearHead(convolutional, "z")).toThrow('the model has no output "z"; it has y');
  const shared = model([
    nodeBytes("MatMul", ["x", "w"], ["p"]),
    nodeBytes("Add", ["p", "b"], ["q"]),
    nodeBytes("Add", ["q", "b"], ["r"]),
    nodeBytes("Identity", ["r"], ["y"]),
  ]);
  expect(() => linearHead(shared)).toThrow("must come from a Gemm or MatMul");
  const twice = model([
    nodeBytes("MatMul", ["x", "w"], ["u"]),
    nodeBytes("Mul", ["u", "b"], ["v"]),
    nodeBytes("ReduceSum", ["v"], ["s"]),
    nodeBytes("Gemm", ["x", "w", "b"], ["y"]),
  ]);
  expect(() => linearHead(twice)).toThrow("w of the last layer is used by other nodes too");
  const file = model([nodeBytes("Gemm", ["x", "w", "b"], ["y"])]);
  const layer = { weights, bias: array(Float32Array.of(1, 2, 3)) };
  expect(() => replaceHead(file, linearHead(file), layer)).toThrow(
    "expected weights [2, outputs] and bias [outputs], got [2, 2] and [3]",
  );
});
