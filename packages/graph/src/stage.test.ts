import { describe, expect, test } from "vitest";
import { array, item, toNumbers } from "./arrays.ts";
import { compile } from "./compile.ts";
import { hessianVectorProduct, jvp, vjp } from "./differentiate.ts";
import { DisposedError, InputError } from "./errors.ts";
import { repeat, scan } from "./loop.ts";
import { add, broadcastTo, exp, matmul, mean, mul, sin, split, square, sub, sum, tanh } from "./ops/index.ts";
import { partition } from "./partition.ts";
import { stage } from "./stage.ts";
import { f32, f64, reachable, type Tensor } from "./tensor.ts";
import { type NamedTensor, trace } from "./trace.ts";

const wave = (length: number, phase = 0) =>
  Float64Array.from({ length }, (_, i) => Math.sin(1.7 * i + phase));

const operations = (outputs: readonly NamedTensor[]) =>
  reachable(outputs.map(({ tensor }) => tensor)).map(({ op }) => op.name);

function expectClose(actual: readonly number[], expected: readonly number[], tolerance = 1e-12) {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThan(tolerance);
  });
}

type Layers = { readonly w1: Tensor; readonly b1: Tensor; readonly w2: Tensor };
const layers = { w1: f64(3, 5), b1: f64(5), w2: f64(5, 2) };
const layerValues = (phase: number) => ({
  w1: array(wave(15, phase), [3, 5]),
  b1: array(wave(5, phase + 1)),
  w2: array(wave(10, phase + 2), [5, 2]),
});
const loss = ({ w1, b1, w2 }: Layers, x: Tensor, y: Tensor) =>
  mean(square(sub(matmul(tanh(add(matmul(x, w1), b1)), w2), y)));

describe("products with a Hessian at one point", () => {
  const specs = { fixed: { p: layers, x: f64("batch", 3), y: f64("batch", 2) }, varying: layers };

  test("are those of the whole function, for any number of rows", async () => {
    using staged = await stage(
      ({ fixed: { p, x, y }, varying }) => hessianVectorProduct(loss)(p, varying, x, y),
      specs,
    );
    using whole = await compile(({ p, x, y, v }) => hessianVectorProduct(loss)(p, v, x, y), {
      ...specs.fixed,
      v: layers,
    });
    for (const rows of [1, 4]) {
      const fixed = { p: layerValues(0), x: array(wave(3 * rows), [rows, 3]), y: wave(2 * rows, 3) };
      const at = await staged.prepare(fixed);
      for (const phase of [4, 5]) {
        const v = layerValues(phase);
        const [product, expected] = [await at.apply(v), await whole.run({ ...fixed, v })];
        for (const key of ["w1", "b1", "w2"] as const)
          expectClose(toNumbers(product[key]), toNumbers(expected[key]));
      }
    }
  });

  test("leave the passes forward and back to the preparation", () => {
    const traced = trace(
      ({ fixed: { p, x, y }, varying }) => hessianVectorProduct(loss)(p, varying, x, y),
      specs,
    );
    const { preparation, application } = partition(traced);
    expect(operations(application.outputs).length).toBeLessThan(operations(traced.outputs).length);
    expect(operations(traced.outputs)).toContain("tanh");
    expect(operations(preparation.outputs)).toContain("tanh");
    expect(operations(application.outputs)).not.toContain("tanh");
  });
});

test("linearizes in both directions: J t and J' w of x -> (x_0 x_1, exp x_0)", async () => {
  const f = (x: Tensor) => {
    const [first, second] = split(x, 2).map((part) => sum(part));
    return { product: mul(first, second), exponential: exp(first) };
  };
  const x = Float64Array.of(0.5, 3);
  using forward = await stage(({ fixed, varying }) => jvp(f, fixed, varying).tangent, {
    fixed: f64(2),
    varying: f64(2),
  });
  const tangent = await (await forward.prepare(x)).apply(Float64Array.of(2, -1));
  expect(item(tangent.product)).toBeCloseTo(3 * 2 + 0.5 * -1, 14);
  expect(item(tangent.exponential)).toBeCloseTo(Math.exp(0.5) * 2, 14);
  using back = await stage(({ fixed, varying }) => vjp(f, fixed).pullback(varying), {
    fixed: f64(2),
    varying: { product: f64(), exponential: f64() },
  });
  const cotangent = await (await back.prepare(x)).apply({ product: 2, exponential: -1 });
  expectClose(toNumbers(cotangent), [3 * 2 - Math.exp(0.5), 0.5 * 2], 1e-14);
});

test("what was prepared stays as it is when the arrays change, also an input used directly", async () => {
  using staged = await stage(({ fixed, varying }) => add(mul(fixed, varying), sin(fixed)), {
    fixed: f64(2),
    varying: f64(2),
  });
  const x = Float64Array.of(1, 2);
  const at = await staged.prepare(x);
  x.fill(7);
  expectClose(toNumbers(await at.apply(Float64Array.of(3, 4))), [3 + Math.sin(1), 8 + Math.sin(2)], 1e-15);
});

describe("loops", () => {
  test("without varying inputs are run once; those with them take from outside what is prepared", async () => {
    const f = ({ fixed, varying }: { fixed: { x: Tensor; c: Tensor }; varying: Tensor }) => {
      const start = repeat(5, fixed.c, (c: Tensor) => ({ carried: mul(c, 0.5) })).carried;
      return scan(fixed.x, start, (c: Tensor, x: Tensor) => ({
        carried: add(mul(c, varying), mul(x, exp(fixed.c))),
      })).carried;
    };
    const specs = { fixed: { x: f64("n"), c: f64() }, varying: f64() };
    const { application } = partition(trace(f, specs));
    expect(operations(application.outputs).filter((name) => name === "loop")).toHaveLength(1);
    expect(operations(application.outputs)).not.toContain("exp");
    using staged = await stage(f, specs);
    for (const x of [
      [1, 2, 3],
      [4, 5],
    ]) {
      const at = await staged.prepare({ x: Float64Array.from(x), c: 0.3 });
      for (const varying of [0.9, -2]) {
        const expected = x.reduce((c, entry) => c * varying + entry * Math.exp(0.3), 0.3 / 32);
        expect(item(await at.apply(varying))).toBeCloseTo(expected, 12);
      }
    }
  });

  test("may be nested, and differentiated", async () => {
    const f = (w: Tensor, x: Tensor) =>
      sum(
        repeat(3, x, (c: Tensor, i) => ({
          carried: repeat(2, c, (inner: Tensor) => ({
            carried: tanh(add(matmul(inner, w), mul(broadcastTo(sum(sin(w)), [1, 2]), 0.1))),
          })).carried,
          stacked: i,
        })).carried,
      );
    const specs = { fixed: { w: f64(2, 2), x: f64(1, 2) }, varying: f64(2, 2) };
    using staged = await stage(
      ({ fixed: { w, x }, varying }) => ({
        product: hessianVectorProduct(f)(w, varying, x),
        value: f(add(w, varying), x),
      }),
      specs,
    );
    using whole = await compile(
      ({ w, x, v }) => ({ product: hessianVectorProduct(f)(w, v, x), value: f(add(w, v), x) }),
      { ...specs.fixed, v: specs.varying },
    );
    const [w, x, v] = [array(wave(4), [2, 2]), array(wave(2, 2), [1, 2]), array(wave(4, 5), [2, 2])];
    const result = await (await staged.prepare({ w, x })).apply(v);
    const expected = await whole.run({ w, x, v });
    expectClose(toNumbers(result.product), toNumbers(expected.product));
    expectClose(toNumbers(result.value), toNumbers(expected.value));
  });
});

describe("corners", () => {
  test("nothing fixed, nothing varying, nothing at all", async () => {
    using unprepared = await stage(({ varying }) => square(varying.x), { fixed: {}, varying: { x: f32() } });
    expect(item(await (await unprepared.prepare({})).apply({ x: 3 }))).toBe(9);
    using constant = await stage(({ fixed }) => [square(fixed.x), fixed.x], {
      fixed: { x: f32() },
      varying: [],
    });
    expect((await (await constant.prepare({ x: 3 })).apply([])).map(item)).toStrictEqual([9, 3]);
    using empty = await stage(() => ({}), { fixed: {}, varying: {} });
    expect(await (await empty.prepare({})).apply({})).toStrictEqual({});
  });

  test("a dimension that only the fixed inputs have is known, and one of both has one size", async () => {
    using staged = await stage(({ varying }) => broadcastTo(varying.a, ["n"]), {
      fixed: { x: f64("n") },
      varying: { a: f64(), b: f64("n") },
    });
    const at = await staged.prepare({ x: new Float64Array(3) });
    expect(toNumbers(await at.apply({ a: 2, b: new Float64Array(3) }))).toStrictEqual([2, 2, 2]);
    await expect(at.apply({ a: 2, b: array(new Float64Array(4)) })).rejects.toThrow(
      /^varying\.b: expected \[n\] with n = 3 .* got \[4\]/,
    );
    await expect(staged.prepare({ x: new Float32Array(3) })).rejects.toThrow(InputError);
  });

  test("results may be named as what is handed over", async () => {
    using staged = await stage(({ fixed, varying }) => ({ kept: [mul(sin(fixed), varying)] }), {
      fixed: f64(),
      varying: f64(),
    });
    const { kept } = await (await staged.prepare(0.5)).apply(4);
    expect(item(kept[0])).toBeCloseTo(4 * Math.sin(0.5), 15);
  });

  test("after disposing, preparations and applications are refused", async () => {
    const staged = await stage(({ fixed, varying }) => mul(sin(fixed), varying), {
      fixed: f64(),
      varying: f64(),
    });
    const at = await staged.prepare(1);
    await staged.dispose();
    await expect(at.apply(1)).rejects.toThrow(DisposedError);
    await expect(staged.prepare(1)).rejects.toThrow(DisposedError);
  });
});
