import { array, compile, f32, matmul, sum, tanh, valueAndGradient } from "@gradus/graph";

using program = await compile(({ w, x }) => valueAndGradient((v: typeof w) => sum(tanh(matmul(x, v))))(w), {
  w: f32(3, 2),
  x: f32(4, 3),
});
const { value, gradient } = await program.run({
  w: array(new Float32Array(6).fill(0.1), [3, 2]),
  x: array(new Float32Array(12).fill(1), [4, 3]),
});
console.log(value.data, gradient.data);
