// Products with weights in blocks of few bits: ONNX Runtime's own kernel is the measure.
import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient as gradientOf } from "../differentiate.ts";
import { sum } from "../ops/reduce.ts";
import type { Tensor } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import {
  expectAgreement,
  fed,
  fileOf,
  type NodeUnderTest,
  type Operand,
  steps,
  stored,
  wave,
} from "./node-testing.ts";

/** Weights of 6 outputs and 48 inputs, in two blocks of 32, of which the second is half empty. */
function product(bits: number, zeros: Operand | null, bias: Operand | null = null): NodeUnderTest {
  const bytes = (32 * bits) / 8;
  return {
    opType: "MatMulNBits",
    attributes: { K: 48, N: 6, bits, block_size: 32 },
    inputs: [
      fed("float32", [2, 3, 48], wave(1)),
      stored("uint8", [6, 2, bytes], steps(3, 0, 255)),
      stored("float32", [12], (i) => 0.01 + 0.003 * i),
      zeros,
      null,
      bias,
    ],
  };
}

test.each<[string, NodeUnderTest]>([
  ["4 bits", product(4, null)],
  ["4 bits and zero points", product(4, stored("uint8", [6], steps(5, 0, 255)))],
  [
    "zero points that are numbers",
    product(
      4,
      stored("float32", [12], (i) => 3 + 0.5 * i),
    ),
  ],
  ["2 bits", product(2, null)],
  ["2 bits and zero points", product(2, stored("uint8", [6], steps(5, 0, 255)))],
  ["8 bits", product(8, null)],
  ["8 bits and zero points", product(8, stored("uint8", [12], steps(5, 0, 255)))],
  ["a bias", product(4, null, stored("float32", [6], wave(2)))],
])("weights of blocks with %s multiply as in ONNX Runtime", async (_, node) => {
  await expectAgreement(node, 1e-3);
});

test("a gradient passes through weights of blocks, and their scales are left alone", async () => {
  const model = importOnnx(fileOf(product(4, null)));
  expect(model.frozen).toEqual(["i2"]);
  const x = array(new Float32Array(48), [1, 1, 48]);
  await using program = await compile(
    (t: Tensor) => ({
      y: model.apply({ i0: t }).o0,
      slope: gradientOf((u: Tensor) => sum(model.apply({ i0: u }).o0))(t),
    }),
    { dtype: "f32", shape: [1, 1, 48] },
  );
  const { slope } = await program.run(x);
  // The model is linear: its value at each unit vector is the slope.
  for (const i of [0, 1, 31, 32, 47]) {
    const unit = array(
      Float32Array.from({ length: 48 }, (_, k) => (k === i ? 1 : 0)),
      [1, 1, 48],
    );
    const { y } = await program.run(unit);
    expect(toNumbers(slope)[i]).toBeCloseTo(
      toNumbers(y).reduce((a, b) => a + b, 0),
      5,
    );
  }
});
