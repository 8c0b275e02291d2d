import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { loadOnnx } from "../onnx-model.ts";
import { f32 } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { type GraphParts, graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";

const cases: Readonly<Record<string, { readonly row: readonly number[]; readonly graph: GraphParts }>> = {
  Col2Im: {
    row: [8, 9],
    graph: {
      nodes: [nodeBytes("Col2Im", ["x", "image", "block"], ["y"])],
      initializers: [
        tensorBytes("image", 7, [2], BigInt64Array.of(4n, 4n)),
        tensorBytes("block", 7, [2], BigInt64Array.of(2n, 2n)),
      ],
      inputs: [["x", 1, ["batch", 8, 9]]],
      outputs: [["y", 1, ["batch", 2, 4, 4]]],
    },
  },
  "the places of MaxPool": {
    row: [2, 4, 6],
    graph: {
      nodes: [
        nodeBytes("MaxPool", ["x"], ["values", "places"], { kernel_shape: [2, 2], strides: [2, 2] }),
        nodeBytes("Cast", ["places"], ["y"], { to: 1 }),
      ],
      inputs: [["x", 1, ["batch", 2, 4, 6]]],
      outputs: [["y", 1, ["batch", 2, 2, 3]]],
    },
  },
  MaxUnpool: {
    row: [1, 4, 6],
    graph: {
      nodes: [
        nodeBytes("MaxPool", ["x"], ["values", "places"], { kernel_shape: [2, 2], strides: [2, 2] }),
        nodeBytes("MaxUnpool", ["values", "places"], ["y"], { kernel_shape: [2, 2], strides: [2, 2] }),
      ],
      inputs: [["x", 1, ["batch", 1, 4, 6]]],
      outputs: [["y", 1, ["batch", 1, 4, 6]]],
    },
  },
};

test.each(Object.entries(cases))("%s with a named batch is ONNX Runtime's", async (_, { row, graph }) => {
  const bytes = modelBytes(graphBytes(graph));
  const model = importOnnx(bytes);
  using program = await compile((x) => model.apply({ x }).y, f32("n", ...row));
  using original = await loadOnnx(bytes);
  for (const n of [1, 3]) {
    const size = row.reduce((a, b) => a * b, n);
    const x = array(
      Float32Array.from({ length: size }, (_, i) => Math.sin(1.7 * i)),
      [n, ...row],
    );
    const [found, { y }] = [await program.run(x), await original.run({ x })];
    expect(found.shape).toEqual(y.shape);
    toNumbers(found).forEach((value, i) => void expect(value).toBeCloseTo(Number(y.data[i]), 5));
  }
});
