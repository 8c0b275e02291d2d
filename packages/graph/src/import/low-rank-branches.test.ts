import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { ShapeError } from "../errors.ts";
import { f32 } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { addLowRankBranches } from "./low-rank-branches.ts";
import { graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";
import { steps } from "./node-testing.ts";

const K = 32;
const values = <T extends number>(length: number, value: (i: number) => T) =>
  Array.from({ length }, (_, i) => value(i));
const a = array(Float32Array.from(values(K * 2, (i) => 0.1 * Math.cos(i))), [K, 2]);
const branch = (outputs: number) => ({
  a,
  b: array(Float32Array.from(values(2 * outputs, (i) => 0.2 * Math.sin(1 + i))), [2, outputs]),
});

/** x [2, K] through weights of 4 bits to 6 numbers, and these through int8 weights behind DequantizeLinear to 3. */
const file = modelBytes(
  graphBytes({
    nodes: [
      nodeBytes("MatMulNBits", ["x", "q", "s"], ["h"], { K, N: 6, bits: 4, block_size: 32 }, "com.microsoft"),
      nodeBytes("Relu", ["h"], ["r"]),
      nodeBytes("DequantizeLinear", ["w", "ws"], ["W"]),
      nodeBytes("Gemm", ["r", "W", "bias"], ["y"], { transB: 1 }),
    ],
    initializers: [
      tensorBytes("q", 2, [6, 1, 16], Uint8Array.from(values(96, steps(3, 0, 255)))),
      tensorBytes("s", 1, [6], Float32Array.from(values(6, (i) => 0.01 + 0.002 * i))),
      tensorBytes("w", 3, [3, 6], Int8Array.from(values(18, steps(5, -128, 127)))),
      tensorBytes("ws", 1, [], Float32Array.of(0.01)),
      tensorBytes("bias", 1, [3], Float32Array.of(1, 2, 3)),
    ],
    inputs: [["x", 1, ["batch", K]]],
    outputs: [["y", 1, ["batch", 3]]],
  }),
  21,
  ["com.microsoft"],
);
const x = values(2 * K, (i) => Math.sin(1.3 * i));

async function outputOf(bytes: Uint8Array): Promise<number[]> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const { y } = await session.run({ x: new Tensor("float32", x, [2, K]) });
  return Array.from(y.data, Number);
}

/** y = relu(x W1 + (x A1) B1) W2' + relu(...) A2 B2 + bias, by loops from the file's integers. */
function byHand(changed: boolean): number[] {
  const product = (rows: number[][], columns: number, weight: (k: number, j: number) => number) =>
    rows.map((row) => values(columns, (j) => row.reduce((sum, v, k) => sum + v * weight(k, j), 0)));
  const q = values(96, steps(3, 0, 255));
  const w = values(18, steps(5, -128, 127));
  const four = (k: number, j: number) => (q[16 * j + (k >> 1)] >> (4 * (k % 2))) & 15;
  const layer = (rows: number[][], outputs: number, weight: (k: number, j: number) => number) => {
    const base = product(rows, outputs, weight);
    const { b } = branch(outputs);
    const inner = product(rows, 2, (k, j) => Number(a.data[2 * k + j]));
    const change = product(inner, outputs, (k, j) => Number(b.data[outputs * k + j]));
    return base.map((row, i) => row.map((v, j) => v + (changed ? change[i][j] : 0)));
  };
  const first = layer([x.slice(0, K), x.slice(K)], 6, (k, j) => (four(k, j) - 8) * (0.01 + 0.002 * j));
  const second = layer(
    first.map((row) => row.map((v) => Math.max(0, v))),
    3,
    (k, j) => 0.01 * w[6 * j + k],
  );
  return second.flatMap((row) => row.map((v, j) => v + j + 1));
}

const close = (numbers: readonly number[]) => numbers.map((v) => expect.closeTo(v, 4));
const withBranches = (model: Uint8Array) =>
  addLowRankBranches(model, ({ inputs, outputs }) => {
    const { a: wide, b } = branch(outputs);
    return { a: array(Float32Array.from(wide.data.subarray(0, 2 * inputs), Number), [inputs, 2]), b };
  });

test("changes are added to products with 4 and 8 bits, which keep their bits", async () => {
  expect(await outputOf(file)).toEqual(close(byHand(false)));
  const { file: changed, names } = withBranches(file);
  expect(names).toEqual(["q.lora_A", "q.lora_B", "w.lora_A", "w.lora_B"]);
  expect(await outputOf(changed)).toEqual(close(byHand(true)));
  expect(withBranches(changed)).toEqual({ file: changed, names: [] });
  expect(changed.length).toBeLessThan(file.length + 4 * (2 * K + 2 * 6 + 2 * 6 + 2 * 3) + 500);
  const model = importOnnx(changed);
  expect(Object.keys(model.parameters)).toEqual(["s", "ws", "bias", ...names]);
  await using program = await compile(({ x: given }) => model.apply({ x: given }), { x: f32(2, K) });
  const { y } = await program.run({ x: array(Float32Array.from(x), [2, K]) });
  expect(toNumbers(y)).toEqual(close(byHand(true)));
});

test("products that get no change stay as they are, byte for byte", () => {
  expect(addLowRankBranches(file, () => undefined)).toEqual({ file, names: [] });
  const { names } = addLowRankBranches(file, ({ weights, inputs, outputs }) => {
    expect([inputs, outputs]).toEqual(weights === "q" ? [K, 6] : [6, 3]);
    return weights === "q" ? branch(outputs) : undefined;
  });
  expect(names).toEqual(["q.lora_A", "q.lora_B"]);
  expect(() => addLowRankBranches(file, () => branch(5))).toThrow(
    new ShapeError("addLowRankBranches: q needs A [32, 2] and B [2, 6], got [32, 2] and [2, 5]"),
  );
});
