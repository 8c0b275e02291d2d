import ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { runtime as wasm } from "../runtime/browser.ts";
import { runtime as native } from "../runtime/node.ts";
import { onnxRuntime } from "../runtime/onnxruntime.ts";
import { constant, type Tensor } from "../tensor.ts";
import { evaluate } from "./derivative-harness.ts";
import {
  add,
  averagePool,
  div,
  einsum,
  matmul,
  matrixTranspose,
  mul,
  reshape,
  size,
  stack,
  sub,
  transpose,
} from "./index.ts";

/** Of [n, 3] and [3, n] matrices: products with factors that float32 does not hold. */
const cases: readonly (readonly [string, (a: Tensor, b: Tensor) => Tensor])[] = [
  ["times a number", (a, b) => mul(matmul(a, b), 0.3)],
  ["a factor times a number", (a, b) => matmul(mul(0.3, a), b)],
  ["over a number", (a, b) => div(matmul(a, b), 1 / 0.3)],
  ["twice", (a, b) => mul(mul(matmul(a, b), 0.1), 3)],
  ["times a constant of one element", (a, b) => mul(constant(Float64Array.of(0.3), [1, 1]), matmul(a, b))],
  ["of a transpose", (a, b) => mul(matmul(matrixTranspose(b), matrixTranspose(a)), 0.3)],
  ["of a transposed result", (a, b) => mul(matrixTranspose(matmul(a, b)), 0.3)],
  ["in a difference", (a, b) => sub(add(a, 1), add(add(mul(matmul(a, b), -0.3), a), 1))],
  ["of a batch", (a, b) => mul(matmul(reshape(a, [1, 3, 3]), b), 0.3)],
  ["of a batch, transposed", (a, b) => mul(matmul(matrixTranspose(reshape(a, [1, 3, 3])), b), 0.3)],
  ["a factor of a batch times a number", (a, b) => matmul(mul(0.3, reshape(a, [1, 3, 3])), b)],
  ["the other factor of a batch over a number", (a, b) => matmul(reshape(a, [1, 3, 3]), div(b, 1 / 0.3))],
  [
    "a factor of a batch, scaled, then transposed",
    (a, b) => matmul(matrixTranspose(mul(0.3, reshape(transpose(a), [1, 3, 3]))), b),
  ],
  [
    "a factor of a batch, scaled, then moved",
    (a, b) => matmul(transpose(mul(0.3, reshape(a, [3, 1, 3])), [1, 0, 2]), b),
  ],
  [
    "of a batch, over the number of elements",
    (a, b) => mul(matmul(reshape(a, [1, 3, 3]), b), div(3, size([10], "f64"))),
  ],
  ["of a batch, in parts", (a, b) => div(mul(matmul(mul(3, reshape(a, [1, 3, 3])), b), 1 / 3), 1 / 0.3)],
  [
    "behind averages",
    (a, b) => mul(matmul(averagePool(reshape(stack([a, a, a]), [1, 9, 3]), { size: [3, 1] }), b), 0.3),
  ],
  ["by einsum", (a, b) => mul(einsum("ij,jk->ik", a, b), 0.3)],
];

/** With all of ONNX Runtime's optimizations: where exported models run. */
const plain = onnxRuntime("plain", {}, async () => ({ ort, options: {} }));

describe.each([
  ["native", native],
  ["a plain session", plain],
  ["WebAssembly", wasm],
])("a factor of a float64 product keeps its digits (%s)", (_, runtime) => {
  test.each(cases)("%s", async (__, f) => {
    const a = array(Float64Array.of(1, 0, 2, 0, 3, 0, 4, 0, 5), [3, 3]);
    const identity = array(Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), [3, 3]);
    const total = toNumbers(await evaluate(f, [a, identity], runtime)).reduce((x, y) => x + y, 0);
    expect(Math.abs(total - 0.3 * 15)).toBeLessThan(1e-14);
  });
});
