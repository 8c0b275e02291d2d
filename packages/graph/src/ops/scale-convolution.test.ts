import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { constant, f32, input, type Tensor } from "../tensor.ts";
import { convolution, scaleConvolution } from "./convolution.ts";
import { numbers } from "./derivative-harness.ts";
import { mul, relu, reshape, sum, tanh } from "./index.ts";

const shapes = { x: [3, 2, 6, 5], w: [4, 2, 3, 3], factor: [4] };
type Operands = Readonly<Record<keyof typeof shapes, Tensor>>;
const specs = { x: f32(...shapes.x), w: f32(...shapes.w), factor: f32(...shapes.factor) };
const convolved = ({ x, w }: Operands) => convolution(x, w, { padding: 1, strides: 2 });

test("scaling the weights scales the result, and gives the same gradients", async () => {
  const scaled = (all: Operands) => scaleConvolution(convolved(all), all.factor)!;
  const wanted = (all: Operands) => mul(convolved(all), reshape(all.factor, [4, 1, 1]));
  const loss = (f: (all: Operands) => Tensor) => (all: Operands) => sum(tanh(f(all)));
  using program = await compile(
    (all: Operands) => ({
      found: { value: scaled(all), gradient: gradient(loss(scaled))(all) },
      wanted: { value: wanted(all), gradient: gradient(loss(wanted))(all) },
    }),
    specs,
  );
  const next = numbers(4);
  const draw = (shape: readonly number[]) =>
    array(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next() - 0.5),
      shape,
    );
  const result = await program.run({ x: draw(shapes.x), w: draw(shapes.w), factor: draw(shapes.factor) });
  const all = ({ value, gradient }: typeof result.found) =>
    [value, gradient.x, gradient.w, gradient.factor].flatMap((part) => [...toNumbers(part)]);
  const expected = all(result.wanted);
  all(result.found).forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThan(1e-5);
  });
});

test("what is no convolution is left, and constant weights with a factor that varies", () => {
  const [x, w, factor] = [specs.x, specs.w, specs.factor].map((spec) => input("", spec));
  const fixed = constant(new Float32Array(72), shapes.w);
  const ones = constant(new Float32Array(4), shapes.factor);
  expect(scaleConvolution(relu(convolution(x, w)), factor)).toBeUndefined();
  expect(scaleConvolution(convolution(x, fixed), factor)).toBeUndefined();
  expect(scaleConvolution(convolution(x, fixed), ones)).toBeDefined();
  expect(scaleConvolution(convolution(x, w), ones)).toBeDefined();
});
