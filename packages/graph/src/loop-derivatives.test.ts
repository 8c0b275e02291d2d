import { describe, expect, test } from "vitest";
import { array, toNumbers } from "./arrays.ts";
import { compile } from "./compile.ts";
import { gradient, hessianVectorProduct, jvp, vjp } from "./differentiate.ts";
import { repeat, scan } from "./loop.ts";
import { numbers, randomArray } from "./ops/derivative-harness.ts";
import * as ops from "./ops/index.ts";
import { runtime as wasm } from "./runtime/browser.ts";
import { runtime as native } from "./runtime/node.ts";
import type { ArrayValue } from "./runtime/runtime.ts";
import { constant, scalar, type Tensor } from "./tensor.ts";

const { add, mul, sub, matmul, tanh, sum, sin, cast, gather } = ops;

interface Arguments {
  readonly h: Tensor;
  readonly w: Tensor;
  readonly xs: Tensor;
}
const LENGTH = 4;
const entry = (xs: Tensor, i: number) => gather(xs, scalar(i, "i64"));
const cell = ({ w }: Arguments, h: Tensor, x: Tensor) => tanh(add(matmul(h, w), x));

/** Each case once by loops and once written out, over h [1, 2], w [2, 2] and xs [4, 2]. */
const cases: readonly {
  readonly name: string;
  readonly looped: (a: Arguments) => Tensor;
  readonly unrolled: (a: Arguments) => Tensor;
}[] = [
  {
    name: "a recurrent network by scan, its last state",
    looped: (a) => sum(sin(scan(a.xs, a.h, (h, x) => ({ carried: cell(a, h, x) })).carried)),
    unrolled: (a) => {
      let h = a.h;
      for (let i = 0; i < LENGTH; i++) h = cell(a, h, entry(a.xs, i));
      return sum(sin(h));
    },
  },
  {
    name: "stacked results of which one is used, and a sequence used elsewhere too",
    looped: (a) => {
      const { stacked } = scan(a.xs, { h: a.h, unused: a.w }, ({ h, unused }, x) => {
        const next = cell(a, h, x);
        return {
          carried: { h: next, unused: mul(unused, 2) },
          stacked: { square: mul(next, add(h, sum(a.xs))), other: unused },
        };
      });
      return sum(mul(sin(stacked.square), ops.reshape(a.xs, [LENGTH, 1, 2])));
    },
    unrolled: (a) => {
      let h = a.h;
      let total: Tensor = scalar(0, "f64");
      for (let i = 0; i < LENGTH; i++) {
        const next = cell(a, h, entry(a.xs, i));
        total = add(total, sum(mul(sin(mul(next, add(h, sum(a.xs)))), entry(a.xs, i))));
        h = next;
      }
      return total;
    },
  },
  {
    name: "carried integers and iteration numbers, and what does not depend on a variable",
    looped: (a) => {
      const start = { h: a.h, k: scalar(1, "i64"), time: scalar(0, "f64"), on: ops.less(a.h, -9) };
      const { carried } = repeat(LENGTH, start, ({ h, k, time, on }, i) => {
        const factor = add(cast(k, "f64"), mul(time, cast(i, "f64")));
        const next = ops.where(on, h, mul(cell(a, h, entry(a.w, 1)), factor));
        return {
          carried: { h: next, k: add(k, add(k, i)), time: add(time, 0.5), on: ops.and(on, on) },
        };
      });
      return sum(add(mul(carried.h, carried.time), cast(carried.k, "f64")));
    },
    unrolled: (a) => {
      let [h, k, time] = [a.h, 1, 0];
      for (let i = 0; i < LENGTH; i++) {
        h = mul(cell(a, h, entry(a.w, 1)), k + time * i);
        k = 2 * k + i;
        time += 0.5;
      }
      return sum(add(mul(h, time), k));
    },
  },
  {
    name: "a loop inside a loop, with captures of both",
    looped: (a) =>
      sum(
        scan(a.xs, a.h, (h, x, i) => {
          const inner = repeat(2, { g: h }, ({ g }, j) => ({
            carried: { g: add(mul(cell(a, g, x), 0.5), mul(h, add(cast(j, "f64"), cast(i, "f64")))) },
            stacked: mul(g, sum(x)),
          }));
          return { carried: add(inner.carried.g, sum(sin(inner.stacked), { axes: 0 })) };
        }).carried,
      ),
    unrolled: (a) => {
      let h = a.h;
      for (let i = 0; i < LENGTH; i++) {
        const x = entry(a.xs, i);
        let [g, total] = [h, mul(h, 0)];
        for (let j = 0; j < 2; j++) {
          total = add(total, sin(mul(g, sum(x))));
          g = add(mul(cell(a, g, x), 0.5), mul(h, i + j));
        }
        h = add(g, total);
      }
      return sum(h);
    },
  },
  {
    name: "a gradient inside the body, and a loop of what a loop made",
    looped: (a) => {
      const loss = (v: Tensor) => sum(ops.square(tanh(matmul(v, a.w))));
      const path = repeat(LENGTH, a.h, (h) => ({ carried: sub(h, mul(gradient(loss)(h), 0.3)), stacked: h }));
      const { carried } = scan(path.stacked, mul(a.w, 0), (total, h) => ({
        carried: add(total, mul(matmul(ops.transpose(h), h), sum(path.carried))),
      }));
      return sum(sin(carried));
    },
    unrolled: (a) => {
      const loss = (v: Tensor) => sum(ops.square(tanh(matmul(v, a.w))));
      const path: Tensor[] = [a.h];
      for (let i = 0; i < LENGTH; i++) path.push(sub(path[i], mul(gradient(loss)(path[i]), 0.3)));
      const products = path.slice(0, LENGTH).map((h) => mul(matmul(ops.transpose(h), h), sum(path[LENGTH])));
      return sum(sin(products.reduce((x, y) => add(x, y))));
    },
  },
];

const shapes = { h: [1, 2], w: [2, 2], xs: [LENGTH, 2] } as const;
const specs = {
  h: { dtype: "f64", shape: shapes.h },
  w: { dtype: "f64", shape: shapes.w },
  xs: { dtype: "f64", shape: shapes.xs },
} as const;
const draw = (seed: number) => {
  const next = numbers(seed);
  return {
    h: randomArray(shapes.h, next),
    w: randomArray(shapes.w, next),
    xs: randomArray(shapes.xs, next),
  };
};
const dot = (a: Arguments, b: Arguments) =>
  add(add(sum(mul(a.h, b.h)), sum(mul(a.w, b.w))), sum(mul(a.xs, b.xs)));

/** All derivatives up to the third, in nestings of both modes. */
const derivatives = (f: (a: Arguments) => Tensor) => (a: Arguments, t: Arguments) => {
  const along = (b: Arguments) => jvp(f, b, t).tangent;
  const byReverse = (b: Arguments) => dot(gradient(f)(b), t);
  return {
    value: f(a),
    forward: along(a),
    reverse: gradient(f)(a),
    forwardOverReverse: hessianVectorProduct(f)(a, t),
    reverseOverReverse: gradient(byReverse)(a),
    reverseOverForward: gradient(along)(a),
    forwardOverForward: jvp(along, a, t).tangent,
    third: jvp((b: Arguments) => hessianVectorProduct(f)(b, t), a, t).tangent,
    thirdByReverse: gradient((b: Arguments) => dot(gradient(byReverse)(b), t))(a),
  };
};
const all = (tree: object): number[] =>
  Object.values(tree).flatMap((v: ArrayValue | object) => ("data" in v ? toNumbers(v) : all(v)));

describe.each([
  ["native", native],
  ["WebAssembly", wasm],
])("derivatives of a loop are those of the program written out (%s)", (_, runtime) => {
  test.each(cases)("$name", async ({ looped, unrolled }) => {
    using byLoop = await compile(
      ({ a, t }) => derivatives(looped)(a, t),
      { a: specs, t: specs },
      { runtime },
    );
    using writtenOut = await compile(
      ({ a, t }) => derivatives(unrolled)(a, t),
      { a: specs, t: specs },
      { runtime },
    );
    const inputs = { a: draw(3), t: draw(4) };
    const [got, wanted] = [await byLoop.run(inputs), await writtenOut.run(inputs)];
    for (const key of Object.keys(wanted) as (keyof typeof wanted)[]) {
      const [values, expected] = [all({ v: got[key] }), all({ v: wanted[key] })];
      expect(values.length).toBe(expected.length);
      const scale = Math.max(1, ...expected.map(Math.abs));
      values.forEach((v, i) => {
        expect(Math.abs(v - expected[i]), `${key} [${i}]`).toBeLessThan(1e-12 * scale);
      });
    }
  });
});

describe("closed forms", () => {
  const f64 = (...shape: (number | string)[]) => ({ dtype: "f64" as const, shape });

  test("x_n = a^n x_0, with a length that only the run knows, 0 included", async () => {
    const f = (a: Tensor) => repeat("n", scalar(3, "f64"), (x) => ({ carried: mul(x, a) })).carried;
    using program = await compile(
      ({ a }) => ({
        value: f(a),
        first: gradient(f)(a),
        second: gradient(gradient(f))(a),
        third: jvp(gradient(gradient(f)), a, scalar(1, "f64")).tangent,
      }),
      { a: f64(), over: f64("n") },
    );
    for (const n of [0, 1, 2, 3, 7]) {
      const result = await program.run({ a: 1.3, over: new Float64Array(n) });
      const power = (k: number) => {
        let factor = 3;
        for (let i = 0; i < k; i++) factor *= n - i;
        return factor === 0 ? 0 : factor * 1.3 ** (n - k);
      };
      expect(toNumbers(result.value)[0]).toBeCloseTo(power(0), 12);
      expect(toNumbers(result.first)[0]).toBeCloseTo(power(1), 12);
      expect(toNumbers(result.second)[0]).toBeCloseTo(power(2), 11);
      expect(toNumbers(result.third)[0]).toBeCloseTo(power(3), 11);
    }
  });

  test("no iterations of a scan: the start has the whole derivative, the empty sequence an empty one", async () => {
    const f = (x: { readonly h: Tensor; readonly xs: Tensor; readonly w: Tensor }) => {
      const { carried, stacked } = scan(x.xs, x.h, (h, v) => ({
        carried: mul(add(h, v), x.w),
        stacked: h,
      }));
      return add(sum(ops.square(carried)), sum(stacked));
    };
    const signature = { h: f64(2), xs: f64("n", 2), w: f64() };
    using program = await compile(
      ({ x }) => ({ slope: gradient(f)(x), curve: hessianVectorProduct(f)(x, x) }),
      {
        x: signature,
      },
    );
    const { slope, curve } = await program.run({
      x: { h: Float64Array.of(2, -1), xs: array(new Float64Array(0), [0, 2]), w: 5 },
    });
    expect(toNumbers(slope.h)).toStrictEqual([4, -2]);
    expect(slope.xs.shape).toStrictEqual([0, 2]);
    expect(toNumbers(slope.w)).toStrictEqual([0]);
    expect(toNumbers(curve.h)).toStrictEqual([4, -2]);
    expect(curve.xs.shape).toStrictEqual([0, 2]);
  });

  test("the flow of x' = A x by Runge-Kutta: e^(tA) is a turn, and so are its derivatives in the speed", async () => {
    // A = [[0, -w], [w, 0]]: x(t) = (cos wt, sin wt) from (1, 0).
    const [steps, time, speed] = [400, 2, 1.7];
    const generator = constant(Float64Array.of(0, 1, -1, 0), [2, 2]);
    const flow = (w: Tensor) => {
      const h = time / steps;
      const slope = (x: Tensor) => mul(matmul(x, generator), w);
      return repeat(steps, constant(Float64Array.of(1, 0), [1, 2]), (x) => {
        const k1 = slope(x);
        const k2 = slope(add(x, mul(k1, h / 2)));
        const k3 = slope(add(x, mul(k2, h / 2)));
        const k4 = slope(add(x, mul(k3, h)));
        return { carried: add(x, mul(add(add(k1, k4), mul(add(k2, k3), 2)), h / 6)) };
      }).carried;
    };
    using program = await compile(
      ({ w }) => {
        const along = (v: Tensor) => jvp(flow, v, scalar(1, "f64")).tangent;
        const { value, pullback } = vjp(flow, w);
        return {
          value,
          first: along(w),
          second: jvp(along, w, scalar(1, "f64")).tangent,
          back: pullback(constant(Float64Array.of(1, 0), [1, 2])),
        };
      },
      { w: f64() },
    );
    const { value, first, second, back } = await program.run({ w: speed });
    const [cos, sin] = [Math.cos(speed * time), Math.sin(speed * time)];
    const near = (got: ArrayValue, expected: readonly number[]) =>
      toNumbers(got).forEach((v, i) => {
        expect(v).toBeCloseTo(expected[i], 8);
      });
    near(value, [cos, sin]);
    near(first, [-time * sin, time * cos]);
    near(second, [-time * time * cos, -time * time * sin]);
    near(back, [-time * sin]);
  });

  test("gradient descent on a quadratic: the derivative of the final loss in the step size and the start", async () => {
    // w_n = (1 - eta lambda)^n w_0, loss = sum lambda w_n^2 / 2.
    const [n, eta] = [25, 0.15];
    const lambda = [0.5, 1, 2.5];
    const start = [1, -2, 3];
    const curvature = constant(Float64Array.from(lambda));
    const loss = (w: Tensor) => mul(sum(mul(curvature, ops.square(w))), 0.5);
    const final = (x: { readonly eta: Tensor; readonly start: Tensor }) =>
      loss(repeat(n, x.start, (w) => ({ carried: sub(w, mul(gradient(loss)(w), x.eta)) })).carried);
    using program = await compile(
      ({ x }) => ({
        first: gradient(final)(x),
        second: hessianVectorProduct(final)(x, { ...x, start: mul(x.start, 0) }),
      }),
      { x: { eta: f64(), start: f64(3) } },
    );
    const { first, second } = await program.run({ x: { eta, start: Float64Array.from(start) } });
    const q = lambda.map((l) => 1 - eta * l);
    const slope = lambda.reduce((s, l, i) => s - n * l ** 2 * start[i] ** 2 * q[i] ** (2 * n - 1), 0);
    const curve = lambda.reduce(
      (s, l, i) => s + n * (2 * n - 1) * l ** 3 * start[i] ** 2 * q[i] ** (2 * n - 2),
      0,
    );
    expect(toNumbers(first.eta)[0] / slope).toBeCloseTo(1, 12);
    toNumbers(first.start).forEach((v, i) => {
      expect(v).toBeCloseTo(lambda[i] * start[i] * q[i] ** (2 * n), 13);
    });
    expect(toNumbers(second.eta)[0] / (curve * eta)).toBeCloseTo(1, 12);
  });
});
