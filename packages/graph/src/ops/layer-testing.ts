import { expect } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import type { Tensor } from "../tensor.ts";
import { numbers } from "./derivative-harness.ts";
import { add, mul, relu, square, sum } from "./index.ts";

/** What a layer is made of: its input, its weights and its bias. */
export type LayerValues = Readonly<Record<"x" | "w" | "b", Tensor>>;

/** A layer before its bias, and the shapes of what it is made of. */
export interface Layer {
  readonly shapes: Readonly<Record<keyof LayerValues, readonly number[]>>;
  readonly f: (values: LayerValues) => Tensor;
  readonly seed: number;
}

/** How much of the largest number the results in float32 may be off. */
const ROUNDING = 3e-6;

/**
 * Asserts that relu(f + b) and the derivatives of half its squares in float32, where kernels of their own compute them, are
 * those in float64, which are matrix products.
 */
export async function assertLayerAgrees({ shapes, f, seed }: Layer): Promise<void> {
  const next = numbers(seed);
  const draw = (shape: readonly number[]) =>
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next() - 0.5);
  const values = { x: draw(shapes.x), w: draw(shapes.w), b: draw(shapes.b) };
  const run = async (dtype: "f32" | "f64") => {
    const Data = dtype === "f32" ? Float32Array : Float64Array;
    const given = (key: keyof LayerValues) => array(Data.from(values[key]), shapes[key]);
    const spec = (key: keyof LayerValues) => ({ dtype, shape: shapes[key] });
    using program = await compile(
      (all: LayerValues) => {
        const y = (own: LayerValues) => relu(add(f(own), own.b));
        return { y: y(all), gradient: gradient((own: LayerValues) => sum(mul(square(y(own)), 0.5)))(all) };
      },
      { x: spec("x"), w: spec("w"), b: spec("b") },
    );
    const result = await program.run({ x: given("x"), w: given("w"), b: given("b") });
    return [result.y, result.gradient.x, result.gradient.w, result.gradient.b].map(toNumbers);
  };
  const [single, double] = [await run("f32"), await run("f64")];
  single.forEach((result, k) => {
    const size = Math.max(...Array.from(double[k], Math.abs));
    const errors = Array.from(result, (value, i) => Math.abs(value - double[k][i]));
    expect(Math.max(...errors)).toBeLessThan(ROUNDING * size);
  });
}
