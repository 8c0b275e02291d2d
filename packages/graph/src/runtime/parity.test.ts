import { describe, expect, test } from "vitest";
import { compile } from "../compile.ts";
import { hessianVectorProduct, valueAndGradient } from "../differentiate.ts";
import { repeat } from "../loop.ts";
import {
  add,
  logSoftmax,
  matmul,
  mean,
  mul,
  neg,
  oneHot,
  relu,
  sigmoid,
  softplus,
  sub,
  sum,
  tanh,
} from "../ops/index.ts";
import { f32, f64, i64, mapTensors, type Tensor } from "../tensor.ts";
import { runtime as wasm } from "./browser.ts";
import { runtime as native } from "./node.ts";

type P = { readonly w1: Tensor; readonly w2: Tensor };
const wave = (length: number, phase: number) =>
  Array.from({ length }, (_, i) => 0.5 * Math.sin(1.3 * i + phase));

function network({ w1, w2 }: P, x: Tensor, y: Tensor): Tensor {
  const h = add(tanh(matmul(x, w1)), mul(sigmoid(matmul(x, w1)), relu(matmul(x, w1))));
  const logits = softplus(matmul(h, w2));
  return neg(
    mean(sum(mul(logSoftmax(logits), oneHot(y, 3, w1.dtype === "f32" ? "f32" : "f64")), { axes: -1 })),
  );
}

describe("the native and the WebAssembly runtime agree", () => {
  test.each([
    ["f32", f32, 1e-6],
    ["f64", f64, 1e-13],
  ] as const)("%s, on a gradient, a Hessian-vector product and a fused loop", async (_, spec, tolerance) => {
    const signature = { p: { w1: spec(4, 8), w2: spec(8, 3) }, x: spec("n", 4), y: i64("n") };
    const f = ({ p, x, y }: { p: P; x: Tensor; y: Tensor }) => ({
      first: valueAndGradient(network)(p, x, y),
      second: hessianVectorProduct(network)(p, p, x, y),
      trained: repeat(20, p, (q) => {
        const { value, gradient } = valueAndGradient(network)(q, x, y);
        return { carried: mapTensors((t, g) => sub(t, mul(g, 0.1)), q, gradient), stacked: value };
      }),
    });
    const array = (values: number[]) =>
      spec === f32 ? Float32Array.from(values) : Float64Array.from(values);
    const inputs = {
      p: { w1: array(wave(32, 0)), w2: array(wave(24, 1)) },
      x: array(wave(20, 2)),
      y: Int32Array.of(0, 1, 2, 1, 0),
    };
    using here = await compile(f, signature, { runtime: native });
    using there = await compile(f, signature, { runtime: wasm });
    const a = await here.run(inputs);
    const b = await there.run(inputs);
    const pairs = [
      [a.first.value, b.first.value],
      [a.first.gradient.w1, b.first.gradient.w1],
      [a.second.w1, b.second.w1],
      [a.second.w2, b.second.w2],
      [a.trained.carried.w1, b.trained.carried.w1],
      [a.trained.stacked, b.trained.stacked],
    ];
    for (const [u, v] of pairs) {
      expect(u.shape).toStrictEqual(v.shape);
      u.data.forEach((value, i) => {
        expect(Math.abs(Number(value) - Number(v.data[i]))).toBeLessThan(tolerance);
      });
    }
    expect(Number(a.trained.stacked.data[19])).toBeLessThan(Number(a.trained.stacked.data[0]));
  });
});
