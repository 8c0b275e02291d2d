import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { runtime as wasm } from "../runtime/browser.ts";
import { runtime as native } from "../runtime/node.ts";
import { constant, type Tensor } from "../tensor.ts";
import { evaluate } from "./derivative-harness.ts";
import { add, div, einsum, matmul, matrixTranspose, mul, reshape, sub } from "./index.ts";

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
  ["by einsum", (a, b) => mul(einsum("ij,jk->ik", a, b), 0.3)],
];

describe.each([
  ["native", native],
  ["WebAssembly", wasm],
])("a factor of a float64 product keeps its digits (%s)", (_, runtime) => {
  test.each(cases)("%s", async (__, f) => {
    const a = array(Float64Array.of(1, 0, 2, 0, 3, 0, 4, 0, 5), [3, 3]);
    const identity = array(Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), [3, 3]);
    const total = toNumbers(await evaluate(f, [a, identity], runtime)).reduce((x, y) => x + y, 0);
    expect(Math.abs(total - 0.3 * 15)).toBeLessThan(1e-14);
  });
});
