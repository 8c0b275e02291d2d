import { specsOf } from "../../arrays.ts";
import { type CompileOptions, compile } from "../../compile.ts";
import { valueAndGradient } from "../../differentiate.ts";
import { repeat } from "../../loop.ts";
import { add, matmul, mean, mul, square, sub, tanh } from "../../ops/index.ts";
import { mapTensors, type Tensor } from "../../tensor.ts";
import type { ArrayValue } from "../runtime.ts";

type Layers<T> = readonly { readonly w: T; readonly b: T }[];

function network(layers: Layers<Tensor>, x: Tensor): Tensor {
  return layers.reduce((h, { w, b }) => tanh(add(matmul(h, w), b)), x);
}

/** Three steps of gradient descent on a small network, and its losses: the same numbers wherever it runs. */
export async function trainSmallNetwork(dtype: "f32" | "f64", options: CompileOptions) {
  const wave = (shape: number[], phase: number): ArrayValue => {
    const data = Float64Array.from({ length: shape[0] * (shape[1] ?? 1) }, (_, i) =>
      Math.sin(1.3 * i + phase),
    );
    return { dtype, shape, data: dtype === "f64" ? data : Float32Array.from(data) };
  };
  const layers = [
    { w: wave([8, 16], 0), b: wave([16], 1) },
    { w: wave([16, 4], 2), b: wave([4], 3) },
  ];
  const inputs = { layers, x: wave([32, 8], 4), y: wave([32, 4], 5) };
  await using program = await compile(
    ({ layers, x, y }) =>
      repeat(3, layers, (current) => {
        const { value, gradient } = valueAndGradient((p: Layers<Tensor>) =>
          mean(square(sub(network(p, x), y))),
        )(current);
        return { carried: mapTensors((p, g) => sub(p, mul(g, 0.2)), current, gradient), stacked: value };
      }),
    specsOf(inputs),
    options,
  );
  const { carried, stacked } = await program.run(inputs);
  return [stacked, ...carried.flatMap(({ w, b }) => [w, b])].map(({ data }) => Array.from(data, Number));
}
