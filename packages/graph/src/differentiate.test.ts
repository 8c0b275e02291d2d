import { expect, test } from "vitest";
import { array, item, toNumbers } from "./arrays.ts";
import { compile } from "./compile.ts";
import { gradient, hessianVectorProduct, jvp, valueAndGradient, vjp } from "./differentiate.ts";
import { GraphError, ShapeError } from "./errors.ts";
import { add, cos, exp, matmul, mean, mul, sigmoid, sin, square, sub, sum, tanh } from "./ops/index.ts";
import { f32, f64, i64, mapTensors, type Tensor } from "./tensor.ts";

type Layer = { readonly w: Tensor; readonly b: Tensor };
const network = (layers: readonly Layer[], x: Tensor) =>
  layers.reduce((h, { w, b }, i) => {
    const z = add(matmul(h, w), b);
    return i < layers.length - 1 ? tanh(z) : z;
  }, x);
const loss = (layers: readonly Layer[], x: Tensor, y: Tensor) => mean(square(sub(network(layers, x), y)));

const sizes = [3, 5, 4, 2];
const specs = sizes.slice(1).map((outputs, i) => ({ w: f64(sizes[i], outputs), b: f64(outputs) }));
const wave = (length: number, phase: number) =>
  Float64Array.from({ length }, (_, i) => Math.sin(1.7 * i + phase));
const layersOf = (phase: number) =>
  sizes
    .slice(1)
    .map((outputs, i) => ({ w: wave(sizes[i] * outputs, phase + i), b: wave(outputs, phase - i) }));
const x = wave(6 * 3, 0.3);
const y = wave(6 * 2, 0.9);
const flat = (tree: readonly { w: { data: unknown }; b: { data: unknown } }[]) =>
  tree.flatMap(({ w, b }) => [...(w.data as Float64Array), ...(b.data as Float64Array)]);
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((s, v, i) => s + v * b[i], 0);
const signature = { p: specs, u: specs, x: f64("batch", 3), y: f64("batch", 2) };

test("the Hessian is symmetric: <u, H v> = <v, H u>", async () => {
  using program = await compile(({ p, u, x, y }) => hessianVectorProduct(loss)(p, u, x, y), signature);
  const u = layersOf(2.1);
  const v = layersOf(5.3);
  const hu = flat(await program.run({ p: layersOf(0), u, x, y }));
  const hv = flat(await program.run({ p: layersOf(0), u: v, x, y }));
  const flatU = u.flatMap(({ w, b }) => [...w, ...b]);
  const flatV = v.flatMap(({ w, b }) => [...w, ...b]);
  expect(dot(hu, hu)).toBeGreaterThan(1e-3);
  expect(dot(flatV, hu)).toBeCloseTo(dot(flatU, hv), 13);
});

test("forward over reverse and reverse over reverse give the same Hessian-vector product", async () => {
  const reverseOverReverse = (p: readonly Layer[], v: readonly Layer[], x: Tensor, y: Tensor) =>
    gradient((q: readonly Layer[]) =>
      gradient(loss)(q, x, y)
        .map((g, i) => add(sum(mul(g.w, v[i].w)), sum(mul(g.b, v[i].b))))
        .reduce((a, b) => add(a, b)),
    )(p);
  using forward = await compile(({ p, u, x, y }) => hessianVectorProduct(loss)(p, u, x, y), signature);
  using reverse = await compile(({ p, u, x, y }) => reverseOverReverse(p, u, x, y), signature);
  const inputs = { p: layersOf(0), u: layersOf(2.1), x, y };
  const a = flat(await forward.run(inputs));
  const b = flat(await reverse.run(inputs));
  a.forEach((value, i) => {
    expect(Math.abs(value - b[i])).toBeLessThan(1e-14);
  });
});

test("the Hessian-vector product is the central difference of the gradient", async () => {
  using hvp = await compile(({ p, u, x, y }) => hessianVectorProduct(loss)(p, u, x, y), signature);
  using grad = await compile(({ p, x, y }) => valueAndGradient(loss)(p, x, y), {
    p: specs,
    x: signature.x,
    y: signature.y,
  });
  const u = layersOf(2.1);
  const step = 1e-6;
  const at = (s: number) =>
    layersOf(0).map(({ w, b }, i) => ({
      w: w.map((v, j) => v + s * u[i].w[j]),
      b: b.map((v, j) => v + s * u[i].b[j]),
    }));
  const above = flat((await grad.run({ p: at(step), x, y })).gradient);
  const below = flat((await grad.run({ p: at(-step), x, y })).gradient);
  flat(await hvp.run({ p: layersOf(0), u, x, y })).forEach((value, i) => {
    expect(value).toBeCloseTo((above[i] - below[i]) / (2 * step), 8);
  });
});

test("third derivatives by nesting agree with the closed form", async () => {
  const third = (f: (x: Tensor) => Tensor) => gradient(gradient(gradient(f)));
  using program = await compile(
    ({ x }) => ({
      sin: third(sin)(x),
      exp: third((v) => exp(mul(v, 2)))(x),
      mixed: jvp((v: Tensor) => gradient(gradient(sin))(v), x, mul(x, 0.5)).tangent,
    }),
    { x: f64() },
  );
  const result = await program.run({ x: 0.7 });
  expect(item(result.sin)).toBeCloseTo(-Math.cos(0.7), 15);
  expect(item(result.exp)).toBeCloseTo(8 * Math.exp(1.4), 12);
  expect(item(result.mixed)).toBeCloseTo(-Math.cos(0.7) * 0.35, 15);
});

test("a derivative sees only its own variable: no perturbation confusion", async () => {
  // d/dx [x * d/dy (x + y)] at y = 1 is 1, not 2.
  const outer = gradient((x: Tensor) => mul(x, gradient((y: Tensor) => add(x, y))(mul(x, 0))));
  // The same node as argument and as captured value: d/dy (y x) at y = x is x.
  const captured = (x: Tensor) => gradient((y: Tensor) => mul(y, x))(x);
  using program = await compile(({ x }) => ({ outer: outer(x), captured: captured(x) }), { x: f64() });
  const { outer: a, captured: b } = await program.run({ x: 3 });
  expect(item(a)).toBe(1);
  expect(item(b)).toBe(3);
});

test("vjp and jvp of a function with several outputs", async () => {
  const f = ({ a, b }: { a: Tensor; b: Tensor }) => ({ product: mul(a, b), wave: cos(a) });
  using program = await compile(
    ({ x }) => {
      const { value, pullback } = vjp(f, x);
      return {
        value,
        back: pullback({ product: x.b, wave: x.a }),
        forward: jvp(f, x, { a: x.b, b: x.a }).tangent,
      };
    },
    { x: { a: f64(), b: f64() } },
  );
  const [a, b] = [0.4, 1.5];
  const { value, back, forward } = await program.run({ x: { a, b } });
  expect(item(value.product)).toBeCloseTo(a * b, 15);
  expect(item(back.a)).toBeCloseTo(b * b - Math.sin(a) * a, 15);
  expect(item(back.b)).toBeCloseTo(b * a, 15);
  expect(item(forward.product)).toBeCloseTo(b * b + a * a, 15);
  expect(item(forward.wave)).toBeCloseTo(-Math.sin(a) * b, 15);
});

test("what does not depend on a parameter has derivative zero in the parameter's shape", async () => {
  const f = (p: { used: Tensor; unused: Tensor }) => sum(square(p.used));
  using program = await compile(({ p }) => gradient(f)(p), { p: { used: f64("n"), unused: f64("n", 2) } });
  const g = await program.run({
    p: { used: Float64Array.of(1, 2), unused: array(new Float64Array(4), [2, 2]) },
  });
  expect(toNumbers(g.used)).toStrictEqual([2, 4]);
  expect(toNumbers(g.unused)).toStrictEqual([0, 0, 0, 0]);
});

test("one sigmoid unit: the gradient of its squared error in closed form, in float32 and float64", async () => {
  for (const spec of [f32, f64]) {
    const logistic = (w: Tensor, x: Tensor, y: Tensor) => {
      const p = sigmoid(matmul(x, w));
      return mean(square(sub(p, y)));
    };
    using program = await compile(({ w, x, y }) => gradient(logistic)(w, x, y), {
      w: spec(2, 1),
      x: spec("n", 2),
      y: spec("n", 1),
    });
    const make = (values: number[]) => (spec === f32 ? Float32Array.from(values) : Float64Array.from(values));
    const xs = [0.5, -1, 2, 0.25, -0.75, 1.5];
    const ys = [1, 0, 1];
    const ws = [0.3, -0.2];
    const g = await program.run({ w: make(ws), x: make(xs), y: make(ys) });
    const expected = [0, 0];
    for (let i = 0; i < 3; i++) {
      const p = 1 / (1 + Math.exp(-(xs[2 * i] * ws[0] + xs[2 * i + 1] * ws[1])));
      for (let j = 0; j < 2; j++) expected[j] += (2 / 3) * (p - ys[i]) * p * (1 - p) * xs[2 * i + j];
    }
    expected.forEach((value, j) => {
      expect(Number(g.data[j])).toBeCloseTo(value, spec === f32 ? 6 : 15);
    });
  }
});

test("what cannot be differentiated is refused by name", async () => {
  await expect(compile(({ x }) => gradient((v: Tensor) => square(v))(x), { x: f64(3) })).rejects.toThrow(
    /gradient|must return a floating-point scalar, got f64\[3\]/,
  );
  await expect(compile(({ x }) => gradient((v: Tensor) => sum(v))(x), { x: i64(3) })).rejects.toThrow(
    GraphError,
  );
  await expect(
    compile(({ x, t }) => jvp((v: Tensor) => square(v), x, t), { x: f64(3), t: f64(2) }),
  ).rejects.toThrow(ShapeError);
  await expect(
    compile(
      ({ x }) =>
        jvp(
          (v: { a: Tensor }) => square(v.a),
          { a: x },
          mapTensors((t) => t, { a: mul(x, 1), b: x } as { a: Tensor }),
        ),
      {
        x: f64(3),
      },
    ),
  ).rejects.toThrow(/same structure as the arguments/);
});
