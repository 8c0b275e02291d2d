// Arithmetic with shapes that is known while a model is imported.
import { expect, test } from "vitest";
import { compile } from "../compile.ts";
import { f32 } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { type AttributeValue, graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";

/** x [2, 3, 4] in the shape that nodes make of its own, from "s" to "t". */
async function shapeBy(nodes: readonly Uint8Array[], axes: readonly (readonly number[])[], opset: number) {
  const bytes = modelBytes(
    graphBytes({
      nodes: [nodeBytes("Shape", ["x"], ["s"]), ...nodes, nodeBytes("Reshape", ["x", "t"], ["y"])],
      initializers: axes.map((list, i) =>
        tensorBytes(`a${i}`, 7, [list.length], BigInt64Array.from(list, BigInt)),
      ),
      inputs: [["x", 1, [2, 3, 4]]],
      outputs: [["y", 1, [2, 3, 4]]],
    }),
    opset,
  );
  await using program = await compile(({ x }) => importOnnx(bytes).apply({ x }).y, { x: f32(2, 3, 4) });
  const data = new Float32Array(24);
  return (await program.run({ x: { dtype: "f32", shape: [2, 3, 4], data } })).shape;
}

test("axes are put into shapes and taken out, by inputs", async () => {
  const nodes = [
    nodeBytes("Unsqueeze", ["s", "a0"], ["u"]),
    nodeBytes("Unsqueeze", ["u", "a1"], ["v"]),
    nodeBytes("Squeeze", ["v", "a2"], ["w"]),
    nodeBytes("Squeeze", ["w"], ["t"]),
  ];
  expect(await shapeBy(nodes, [[1], [0, -1], [-1]], 17)).toEqual([2, 3, 4]);
});

test("axes are put into shapes and taken out, by attributes", async () => {
  const axes = (...list: readonly number[]): Record<string, AttributeValue> => ({ axes: list });
  const nodes = [
    nodeBytes("Unsqueeze", ["s"], ["u"], axes(0, 2)),
    nodeBytes("Transpose", ["u"], ["v"], { perm: [1, 0, 2] }),
    nodeBytes("Squeeze", ["v"], ["t"], axes(1, 2)),
  ];
  expect(await shapeBy(nodes, [], 11)).toEqual([2, 3, 4]);
});
