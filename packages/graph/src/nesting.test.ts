import { describe, expect, test } from "vitest";
import { array, toNumbers } from "./arrays.ts";
import { compile } from "./compile.ts";
import { gradient, hessianVectorProduct, jvp, valueAndGradient, vjp } from "./differentiate.ts";
import { gaussNewtonVectorProduct } from "./gauss-newton.ts";
import { jacobian } from "./jacobian.ts";
import { scan } from "./loop.ts";
import { numbers, randomArray } from "./ops/derivative-harness.ts";
import * as ops from "./ops/index.ts";
import { perExampleGradients, perExampleSquaredNorms } from "./per-example.ts";
import type { ArrayValue } from "./runtime/runtime.ts";
import { f64, type Tensor } from "./tensor.ts";
import { vmap } from "./vectorize.ts";

const { add, matmul, mul, square, sum, tanh } = ops;

interface Entry {
  readonly w: Tensor;
  readonly v: Tensor;
  readonly x: Tensor;
}
/** w and v are [3, 2], x is [4, 3]. */
const model = (w: Tensor, x: Tensor) => tanh(matmul(x, w));
const loss = (z: Tensor) => sum(ops.logSumExp(z, { axes: -1 }));
const objective = (w: Tensor, x: Tensor) => loss(model(w, x));
const ofOne = (w: Tensor, x: Tensor) => objective(w, ops.expandDims(x, 0));

const transformations: readonly (readonly [string, (entry: Entry) => Tensor])[] = [
  ["gradient", ({ w, x }) => gradient(objective)(w, x)],
  [
    "valueAndGradient",
    ({ w, x }) => {
      const { value, gradient: g } = valueAndGradient(objective)(w, x);
      return mul(g, value);
    },
  ],
  ["jvp", ({ w, v, x }) => jvp((u: Tensor) => model(u, x), w, v).tangent],
  [
    "vjp",
    ({ w, x }) => {
      const { value, pullback } = vjp((u: Tensor) => model(u, x), w);
      return pullback(square(value));
    },
  ],
  ["hessianVectorProduct", ({ w, v, x }) => hessianVectorProduct(objective)(w, v, x)],
  ["gaussNewtonVectorProduct", ({ w, v, x }) => gaussNewtonVectorProduct(model, loss)(w, v, x)],
  ["jacobian, reverse", ({ w, x }) => jacobian((u: Tensor) => sum(model(u, x), { axes: 0 }))(w)],
  ["jacobian, forward", ({ w, x }) => jacobian((u: Tensor) => model(u, x))(w)],
  [
    "Jacobian of the gradient: the Hessian",
    ({ w, x }) => jacobian((u: Tensor) => gradient(objective)(u, x))(w),
  ],
  ["perExampleGradients", ({ w, x }) => perExampleGradients(ofOne)(w, x)],
  ["perExampleSquaredNorms", ({ w, x }) => perExampleSquaredNorms(ofOne)(w, x)],
  ["vmap", ({ w, x }) => vmap((row: Tensor) => gradient(ofOne)(w, row))(x)],
  [
    "a loop",
    ({ w, v, x }) => scan(x, w, (c, row) => ({ carried: add(mul(c, 0.9), mul(v, sum(row))) })).carried,
  ],
];

const draw = (seed: number) => {
  const next = numbers(seed);
  return { w: randomArray([3, 2], next), v: randomArray([3, 2], next), x: randomArray([4, 3], next) };
};
const specs = { w: f64(3, 2), v: f64(3, 2), x: f64(4, 3) };
const leading = { w: f64("n", 3, 2), v: f64("n", 3, 2), x: f64("n", 4, 3) };
const stacked = (values: readonly ArrayValue[]) =>
  array(Float64Array.from(values.flatMap(toNumbers)), [values.length, ...values[0].shape]);
const near = (got: readonly number[], expected: readonly number[], tolerance: number) => {
  expect(got.length).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  got.forEach((v, i) => {
    expect(Math.abs(v - expected[i])).toBeLessThan(tolerance * scale);
  });
};

describe("each transformation under vmap is itself, entry by entry", () => {
  test.each(transformations)("%s", async (_, f) => {
    using mapped = await compile(({ e }) => vmap(f)(e), { e: leading });
    using single = await compile(({ e }) => f(e), { e: specs });
    const entries = [1, 2, 3].map(draw);
    const together = { w: entries.map((e) => e.w), v: entries.map((e) => e.v), x: entries.map((e) => e.x) };
    const all = await mapped.run({
      e: { w: stacked(together.w), v: stacked(together.v), x: stacked(together.x) },
    });
    const each: number[] = [];
    for (const e of entries) each.push(...toNumbers(await single.run({ e })));
    near(toNumbers(all), each, 1e-14);
  });
});

describe("each transformation is differentiated in both modes, and so is its image under vmap", () => {
  test.each(transformations)("%s", async (_, f) => {
    const total = (w: Tensor, e: Entry) => sum(ops.sin(f({ ...e, w })));
    using program = await compile(
      ({ e, t }) => ({
        value: total(e.w, e),
        forward: jvp((w: Tensor) => total(w, e), e.w, t).tangent,
        reverse: sum(mul(gradient(total)(e.w, e), t)),
        mapped: sum(
          mul(
            gradient((w: Tensor) =>
              sum(vmap((x: Tensor) => total(w, { ...e, x }))(ops.stack([e.x, mul(e.x, 2)]))),
            )(e.w),
            t,
          ),
        ),
        apart: add(
          jvp((w: Tensor) => total(w, e), e.w, t).tangent,
          jvp((w: Tensor) => total(w, { ...e, x: mul(e.x, 2) }), e.w, t).tangent,
        ),
      }),
      { e: specs, t: f64(3, 2) },
    );
    const e = draw(4);
    const t = draw(5).w;
    const at = async (step: number) => {
      const w = array(
        Float64Array.from(toNumbers(e.w), (v, i) => v + step * Number(t.data[i])),
        [3, 2],
      );
      return toNumbers((await program.run({ e: { ...e, w }, t })).value)[0];
    };
    const { forward, reverse, mapped, apart } = await program.run({ e, t });
    const step = 1e-5;
    near(toNumbers(forward), [((await at(step)) - (await at(-step))) / (2 * step)], 1e-7);
    near(toNumbers(reverse), toNumbers(forward), 1e-13);
    near(toNumbers(mapped), toNumbers(apart), 1e-13);
  });
});
