import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { f32 } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";
import { inOrder } from "./node-order.ts";
import { replaceParameters } from "./replace-parameters.ts";

interface Node {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}
const node = (output: string, ...inputs: string[]): Node => ({ inputs, outputs: [output] });
const names = (nodes: readonly Node[]) =>
  inOrder(nodes, ({ inputs }) => inputs)
    .map(({ outputs }) => outputs[0])
    .join("");

test("nodes come after what they read, and otherwise keep the order of the file", () => {
  expect(names([node("a", "x"), node("b", "a"), node("c", "x")])).toBe("abc");
  expect(names([node("d", "b", "c"), node("c", "a"), node("b", "a"), node("a", "x")])).toBe("abcd");
  expect(names([node("b", "a"), node("a", "x"), node("c", "b", "a")])).toBe("abc");
  // A cycle has no such order: the importer names the first node that reads what is not there.
  expect(names([node("a", "b"), node("b", "a")])).toBe("ab");
});

/** y = relu(w x + b), with the last node first; an If reads what a later node makes. */
const unordered = modelBytes(
  graphBytes({
    nodes: [
      nodeBytes("If", ["on"], ["y"], {
        then_branch: graphBytes({
          nodes: [nodeBytes("Relu", ["sum"], ["r"])],
          inputs: [],
          outputs: [["r", 1, [2]]],
        }),
        else_branch: graphBytes({
          nodes: [nodeBytes("Neg", ["sum"], ["n"])],
          inputs: [],
          outputs: [["n", 1, [2]]],
        }),
      }),
      nodeBytes("Add", ["product", "b"], ["sum"]),
      nodeBytes("MatMul", ["w", "x"], ["product"]),
    ],
    initializers: [
      tensorBytes("w", 1, [2, 2], Float32Array.of(1, 2, 3, -4)),
      tensorBytes("b", 1, [2], Float32Array.of(0.5, -0.5)),
      tensorBytes("on", 9, [], Uint8Array.of(1)),
    ],
    inputs: [["x", 1, [2]]],
    outputs: [["y", 1, [2]]],
  }),
  17,
);

test("a file whose nodes are in no order is read, with the bodies of its nodes", async () => {
  const model = importOnnx(unordered);
  await using program = await compile((input) => model.apply({ x: input }).y, f32(2));
  // w x + b is [0.25 - 2 + 0.5, 0.75 + 4 - 0.5].
  expect(toNumbers(await program.run(array(Float32Array.of(0.25, -1), [2])))).toEqual([0, 4.25]);
});

test("such a file keeps its nodes where they are when its parameters are replaced", () => {
  const changed = replaceParameters(unordered, { b: array(Float32Array.of(0.5, -0.5), [2]) });
  expect(changed).toEqual(unordered);
});
