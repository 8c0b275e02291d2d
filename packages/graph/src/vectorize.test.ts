import { describe, expect, test } from "vitest";
import { array, toNumbers } from "./arrays.ts";
import { compile } from "./compile.ts";
import { gradient, hessianVectorProduct } from "./differentiate.ts";
import { ShapeError } from "./errors.ts";
import { gaussNewtonVectorProduct } from "./gauss-newton.ts";
import { jacobian } from "./jacobian.ts";
import * as ops from "./ops/index.ts";
import { perExampleGradients, perExampleSquaredNorms } from "./per-example.ts";
import type { ArrayValue } from "./runtime/runtime.ts";
import { f64, i64, reachable, type Tensor } from "./tensor.ts";
import { trace } from "./trace.ts";
import { vmap } from "./vectorize.ts";

const wave = (length: number, phase = 0) =>
  Float64Array.from({ length }, (_, i) => Math.sin(1.1 * i * i + phase));
const { add, mul, sub, matmul, tanh, sum, mean, square } = ops;

const place = (x: Tensor) => ops.cast(ops.greater(sum(x), 0), "i64");

describe("vmap gives what mapping entry by entry gives", () => {
  const a = { shape: [2, 3], data: wave(4 * 6) };
  const b = { shape: [3], data: wave(4 * 3, 1) };
  const c = { shape: [3, 2], data: wave(4 * 6, 2) };
  const cases: [string, (x: { a: Tensor; b: Tensor; c: Tensor }, fixed: Tensor) => Tensor][] = [
    ["unary", ({ a }) => ops.exp(ops.neg(ops.sigmoid(a)))],
    ["binary, equal ranks", ({ a }) => mul(a, ops.pow(ops.abs(a), 1.5))],
    ["binary, an entry of lower rank", ({ a, b }) => add(mul(b, a), ops.div(a, add(square(b), 1)))],
    ["binary, against what all share", ({ b }, fixed) => sub(fixed, ops.maximum(b, ops.minimum(fixed, 0.1)))],
    ["where and comparisons", ({ a, b }) => ops.where(ops.and(ops.greater(a, 0), ops.less(b, 0.5)), a, b)],
    ["sums and maxima", ({ a }) => add(sum(a, { axes: 0 }), ops.max(a, { axes: 1, keepDims: true }))],
    ["mean and logSumExp", ({ a }) => add(mean(a), ops.logSumExp(a, { axes: -1 }))],
    ["softmax", ({ a }) => mul(ops.softmax(a, { axis: 0 }), ops.logSoftmax(a))],
    ["shapes", ({ a, b }) => add(ops.transpose(ops.reshape(a, [3, 2])), ops.broadcastTo(b, [2, 3]))],
    ["matmul, both mapped", ({ a, c }) => matmul(a, c)],
    ["matmul, one shared", ({ a }, fixed) => matmul(a, ops.transpose(fixed))],
    ["matmul, left shared and transposed", ({ a }, fixed) => matmul(ops.transpose(fixed), a)],
    [
      "gather",
      ({ a }) => ops.gather(a, ops.cast(ops.stopGradient(ops.zerosLike(sum(a, { axes: 0 }))), "i64")),
    ],
    [
      "scatterAdd",
      ({ c }, fixed) =>
        ops.scatterAdd([4, 2], ops.cast(ops.greater(ops.gather(fixed, ops.size([], "i64")), 0), "i64"), c),
    ],
    [
      "gather with rows and places of each entry, of one place and of many",
      ({ a, b }) => add(ops.gather(a, place(b)), sum(ops.gather(a, ops.stack([ops.stack([place(b)])])))),
    ],
    [
      "scatterAdd with places of each entry, of shared and of own updates",
      ({ a, b, c }, fixed) =>
        add(
          ops.scatterAdd(
            [4, 3],
            ops.stack([place(b), place(a), place(c)]),
            ops.concat([a, sum(a, { axes: 0, keepDims: true })]),
          ),
          ops.scatterAdd([4, 3], ops.stack([place(a), place(a)]), fixed),
        ),
    ],
    ["what does not depend on the entry", (_, fixed) => sum(fixed)],
    [
      "a gradient",
      ({ a, b }, fixed) =>
        gradient((v: Tensor) => sum(tanh(mul(matmul(v, ops.transpose(fixed)), sum(b)))))(a),
    ],
  ];
  test.each(cases)("%s", async (_, f) => {
    const fixed = array(wave(6, 3), [2, 3]);
    const signature = (leading: readonly (number | string)[]) => ({
      x: { a: f64(...leading, ...a.shape), b: f64(...leading, ...b.shape), c: f64(...leading, ...c.shape) },
      fixed: f64(2, 3),
    });
    using mapped = await compile(({ x, fixed }) => vmap(f)(x, fixed), signature(["n"]));
    using one = await compile(({ x, fixed }) => f(x, fixed), signature([]));
    const all = await mapped.run({
      x: {
        a: array(a.data, [4, ...a.shape]),
        b: array(b.data, [4, ...b.shape]),
        c: array(c.data, [4, ...c.shape]),
      },
      fixed,
    });
    const entry = ({ shape, data }: { shape: number[]; data: Float64Array }, i: number) => {
      const size = shape.reduce((p, q) => p * q, 1);
      return array(data.slice(i * size, (i + 1) * size), shape);
    };
    const expected: number[] = [];
    let shape: readonly number[] = [];
    for (let i = 0; i < 4; i++) {
      const result: ArrayValue = await one.run({
        x: { a: entry(a, i), b: entry(b, i), c: entry(c, i) },
        fixed,
      });
      expected.push(...toNumbers(result));
      shape = result.shape;
    }
    expect(all.shape).toStrictEqual([4, ...shape]);
    toNumbers(all).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 14);
    });
  });

  test("what cannot be mapped is refused by name", () => {
    const traced = (f: (x: Tensor, y: Tensor) => unknown) => () =>
      trace(({ x, y }) => f(x, y) as Tensor, { x: f64(2, 3), y: f64(3) });
    expect(traced((x, y) => vmap(([p, q]: readonly Tensor[]) => add(p, q))([x, y]))).toThrow(ShapeError);
    expect(traced((x) => vmap((v: Tensor) => v)(sum(x)))).toThrow(/vmap: the argument is \[\]/);
  });
});

describe("jacobian", () => {
  // f(x) = [x0 x1, sin x0, x1^3]: its Jacobian is known.
  const f = (x: Tensor) => {
    const [x0, x1] = [0, 1].map((i) => sum(mul(x, ops.oneHot(ops.full([], i, "i64"), 2, "f64"))));
    const rows = [mul(x0, x1), ops.sin(x0), ops.pow(x1, 3)].map((v, i) =>
      mul(v, ops.oneHot(ops.full([], i, "i64"), 3, "f64")),
    );
    return rows.reduce((p, q) => add(p, q));
  };
  test("by either mode it is the closed form", async () => {
    using tall = await compile(({ x }) => jacobian(f)(x), { x: f64(2) });
    using wide = await compile(({ x }) => jacobian((v: Tensor) => sum(f(v)))(x), { x: f64(2) });
    const [a, b] = [0.3, -1.2];
    const rows = [b, a, Math.cos(a), 0, 0, 3 * b * b];
    const j = await tall.run({ x: Float64Array.of(a, b) });
    expect(j.shape).toStrictEqual([3, 2]);
    toNumbers(j).forEach((v, i) => {
      expect(v).toBeCloseTo(rows[i], 14);
    });
    const g = toNumbers(await wide.run({ x: Float64Array.of(a, b) }));
    expect(g[0]).toBeCloseTo(b + Math.cos(a), 14);
    expect(g[1]).toBeCloseTo(a + 3 * b * b, 14);
  });
  test("a shape known only to the run is refused", () => {
    expect(() => trace(({ x }) => jacobian(tanh)(x), { x: f64("n") })).toThrow(
      /jacobian: the shape of the argument must be known/,
    );
  });
});

type Net = { readonly w1: Tensor; readonly b1: Tensor; readonly w2: Tensor };
const net = ({ w1, b1, w2 }: Net, x: Tensor) => matmul(tanh(add(matmul(x, w1), b1)), w2);
const specs = { w1: f64(3, 4), b1: f64(4), w2: f64(4, 2) };
const parameters = () => ({ w1: wave(12), b1: wave(4, 1), w2: wave(8, 2) });

test("the Gauss-Newton product is J^T H J v by explicit matrices, and the Hessian where the model is linear", async () => {
  using program = await compile(
    ({ w, v, x, y }) => {
      const model = (q: Tensor, u: Tensor) => matmul(u, q);
      const loss = (z: Tensor) => mean(square(sub(z, y)));
      return {
        product: gaussNewtonVectorProduct(model, loss)(w, v, x),
        hessian: hessianVectorProduct((q: Tensor) => loss(model(q, x)))(w, v),
      };
    },
    { w: f64(3, 2), v: f64(3, 2), x: f64("n", 3), y: f64("n", 2) },
  );
  const linear = await program.run({ w: wave(6), v: wave(6, 1), x: wave(15, 2), y: wave(10, 3) });
  const hessian = toNumbers(linear.hessian);
  toNumbers(linear.product).forEach((value, i) => {
    expect(value).toBeCloseTo(hessian[i], 13);
  });

  const x = array(wave(6, 5), [2, 3]);
  using nonlinear = await compile(
    ({ p, v, x }) => {
      const loss = (z: Tensor) => sum(ops.logSumExp(z, { axes: 1 }));
      const model = (w1: Tensor) => net({ ...p, w1 }, x);
      const j = ops.reshape(jacobian(model)(p.w1), [4, 12]);
      const h = ops.reshape(jacobian(gradient(loss))(model(p.w1)), [4, 4]);
      const explicit = matmul(matmul(ops.transpose(j), h), matmul(j, ops.reshape(v, [12, 1])));
      return { explicit, product: gaussNewtonVectorProduct(model, loss)(p.w1, v) };
    },
    { p: specs, v: f64(3, 4), x: f64(2, 3) },
  );
  const { explicit, product } = await nonlinear.run({ p: parameters(), v: wave(12, 7), x });
  const expected = toNumbers(explicit);
  toNumbers(product).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 13);
  });
});

describe("per-example gradients", () => {
  type Example = { readonly x: Tensor; readonly y: Tensor };
  const loss = (p: Net, { x, y }: Example) => {
    const z = ops.reshape(net(p, ops.reshape(x, [1, 3])), [2]);
    return sub(ops.logSumExp(z), sum(mul(z, ops.oneHot(y, 2, "f64"))));
  };
  const signature = { p: specs, e: { x: f64("n", 3), y: i64("n") } };
  const examples = { x: array(wave(15, 4), [5, 3]), y: Int32Array.of(0, 1, 1, 0, 1) };

  test("are the gradients of the single examples, and their squared norms", async () => {
    using together = await compile(
      ({ p, e }) => ({ each: perExampleGradients(loss)(p, e), norms: perExampleSquaredNorms(loss)(p, e) }),
      signature,
    );
    using single = await compile(({ p, e }) => gradient(loss)(p, e), {
      p: specs,
      e: { x: f64(3), y: i64() },
    });
    const { each, norms } = await together.run({ p: parameters(), e: examples });
    for (let i = 0; i < 5; i++) {
      const g = await single.run({
        p: parameters(),
        e: { x: Float64Array.from(toNumbers(examples.x).slice(3 * i, 3 * i + 3)), y: examples.y[i] },
      });
      let norm = 0;
      for (const key of ["w1", "b1", "w2"] as const) {
        const own = toNumbers(g[key]);
        norm += own.reduce((s, v) => s + v * v, 0);
        const stacked = toNumbers(each[key]).slice(i * own.length, (i + 1) * own.length);
        own.forEach((v, k) => {
          expect(stacked[k]).toBeCloseTo(v, 14);
        });
      }
      expect(Number(norms.data[i])).toBeCloseTo(norm, 13);
    }
  });

  test("the norms alone form no weight gradient of an example", () => {
    const { outputs } = trace(({ p, e }) => perExampleSquaredNorms(loss)(p, e), signature);
    const shapes = reachable(outputs.map(({ tensor }) => tensor)).map(({ shape }) => shape.join(","));
    expect(shapes).not.toContain("n,3,4");
    expect(shapes).not.toContain("n,4,2");
  });
});
