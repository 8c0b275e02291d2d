import { describe, expect, test } from "vitest";
import { array, toNumbers } from "./arrays.ts";
import { compile } from "./compile.ts";
import { gradient, hessianVectorProduct, jvp } from "./differentiate.ts";
import { jacobian } from "./jacobian.ts";
import { repeat, scan } from "./loop.ts";
import { numbers, randomArray } from "./ops/derivative-harness.ts";
import * as ops from "./ops/index.ts";
import { perExampleGradients, perExampleSquaredNorms } from "./per-example.ts";
import type { ArrayValue } from "./runtime/runtime.ts";
import { f64, scalar, type Tensor } from "./tensor.ts";
import { vmap } from "./vectorize.ts";

const { add, mul, matmul, tanh, sum, cast, gather } = ops;

interface Entry {
  readonly h: Tensor;
  readonly w: Tensor;
  readonly xs: Tensor;
}
/** h [1, 2], w [2, 2] and xs [3, 2] with the axis, `shared` [1, 2] without. */
const cases: readonly (readonly [string, (entry: Entry, shared: Tensor) => Tensor])[] = [
  ["a start of each entry", ({ h }) => repeat(3, h, (c) => ({ carried: tanh(mul(c, 1.5)) })).carried],
  [
    "weights of each entry, a start that all share",
    ({ w }, shared) => repeat(3, shared, (c) => ({ carried: tanh(matmul(c, w)) })).carried,
  ],
  [
    "sequences of each entry, stacked results",
    ({ xs, h }) => scan(xs, h, (c, x) => ({ carried: add(c, x), stacked: mul(c, x) })).stacked,
  ],
  [
    "what all entries share stays shared: it is stacked, carried and used",
    ({ h }, shared) => {
      const start = { own: h, other: shared };
      const { carried, stacked } = repeat(3, start, ({ own, other }, i) => ({
        carried: { own: add(own, mul(other, cast(i, "f64"))), other: mul(other, 2) },
        stacked: other,
      }));
      return add(add(carried.own, carried.other), sum(stacked, { axes: 0 }));
    },
  ],
  [
    "a carried tensor that becomes one of each entry after an iteration",
    ({ h }, shared) =>
      repeat(3, { a: shared, b: h }, ({ a, b }) => ({ carried: { a: mul(b, a), b } })).carried.a,
  ],
  ["nothing of the entry", (_, shared) => repeat(2, shared, (c) => ({ carried: mul(c, 2) })).carried],
  [
    "a carried place of each entry",
    ({ xs, h }) =>
      repeat(3, { k: cast(ops.greater(sum(h), 0), "i64"), total: h }, ({ k, total }, i) => ({
        carried: { k: ops.sub(scalar(2, "i64"), k), total: add(mul(total, cast(i, "f64")), gather(xs, k)) },
      })).carried.total,
  ],
  [
    "the gradient with a carried place of each entry",
    ({ xs, h }) =>
      gradient((v: Tensor) =>
        sum(
          repeat(3, { k: cast(ops.greater(sum(h), 0), "i64"), total: h }, ({ k, total }) => ({
            carried: { k: ops.sub(scalar(2, "i64"), k), total: mul(add(total, 1), gather(v, k)) },
          })).carried.total,
        ),
      )(xs),
  ],
  [
    "a loop inside a loop",
    ({ h, w, xs }) =>
      scan(xs, h, (c, x) => ({
        carried: repeat(2, c, (d) => ({ carried: tanh(add(matmul(d, w), x)) })).carried,
      })).carried,
  ],
  [
    "the gradient of a loop",
    ({ h, w, xs }) =>
      gradient((v: Tensor) => sum(scan(xs, h, (c, x) => ({ carried: tanh(add(matmul(c, v), x)) })).carried))(
        w,
      ),
  ],
  [
    "a Hessian-vector product of a loop",
    ({ h, w, xs }) =>
      hessianVectorProduct((v: Tensor) =>
        sum(scan(xs, h, (c, x) => ({ carried: tanh(add(matmul(c, v), x)) })).carried),
      )(w, w),
  ],
];

const shapes = { h: [1, 2], w: [2, 2], xs: [3, 2] };
const concatenated = (values: readonly ArrayValue[]) =>
  array(Float64Array.from(values.flatMap(toNumbers)), [values.length, ...values[0].shape]);

describe("vmap of a loop gives what mapping entry by entry gives", () => {
  test.each(cases)("%s", async (_, f) => {
    const next = numbers(5);
    const entries = [0, 1, 2, 3].map(() => ({
      h: randomArray(shapes.h, next),
      w: randomArray(shapes.w, next),
      xs: randomArray(shapes.xs, next),
    }));
    const shared = randomArray([1, 2], next);
    using mapped = await compile(({ x, shared }) => vmap(f)(x, shared), {
      x: { h: f64("n", 1, 2), w: f64("n", 2, 2), xs: f64("n", 3, 2) },
      shared: f64(1, 2),
    });
    using single = await compile(({ x, shared }) => f(x, shared), {
      x: { h: f64(1, 2), w: f64(2, 2), xs: f64(3, 2) },
      shared: f64(1, 2),
    });
    const all = await mapped.run({
      x: {
        h: concatenated(entries.map(({ h }) => h)),
        w: concatenated(entries.map(({ w }) => w)),
        xs: concatenated(entries.map(({ xs }) => xs)),
      },
      shared,
    });
    const each: ArrayValue[] = [];
    for (const x of entries) each.push(await single.run({ x, shared }));
    expect(all.shape).toStrictEqual([4, ...each[0].shape]);
    const expected = each.flatMap(toNumbers);
    toNumbers(all).forEach((v, i) => {
      expect(Math.abs(v - expected[i])).toBeLessThan(1e-14 * Math.max(1, Math.abs(expected[i])));
    });
  });
});

test("the Jacobian of a loop in both modes: of x_n = A^n x_0 it is A^n", async () => {
  const power = (a: Tensor) => (x: Tensor) =>
    ops.reshape(repeat(3, ops.reshape(x, [2, 1]), (v) => ({ carried: matmul(a, v) })).carried, [2]);
  using program = await compile(
    ({ a, x }) => ({
      // As many results as arguments: reverse mode. Three results: forward mode.
      reverse: jacobian(power(a))(x),
      forward: jacobian((v: Tensor) => ops.concat([power(a)(v), ops.reshape(sum(power(a)(v)), [1])]))(x),
    }),
    { a: f64(2, 2), x: f64(2) },
  );
  // [[1, 1], [0, 2]]^3 = [[1, 7], [0, 8]].
  const { reverse, forward } = await program.run({
    a: Float64Array.of(1, 1, 0, 2),
    x: Float64Array.of(0.3, -0.7),
  });
  expect(toNumbers(reverse)).toStrictEqual([1, 7, 0, 8]);
  expect(toNumbers(forward)).toStrictEqual([1, 7, 0, 8, 1, 15]);
});

test("gradients of each example of a recurrent network, and their norms", async () => {
  const loss = (w: Tensor, xs: Tensor) => {
    const start = mul(gather(xs, scalar(0, "i64")), 0);
    return sum(
      scan(xs, ops.reshape(start, [1, 2]), (h, x) => ({ carried: tanh(add(matmul(h, w), x)) })).carried,
    );
  };
  const next = numbers(9);
  const w = randomArray([2, 2], next);
  const sequences = [0, 1, 2].map(() => randomArray([5, 2], next));
  using together = await compile(
    ({ w, xs }) => ({ each: perExampleGradients(loss)(w, xs), norms: perExampleSquaredNorms(loss)(w, xs) }),
    { w: f64(2, 2), xs: f64("n", "steps", 2) },
  );
  using single = await compile(({ w, xs }) => gradient(loss)(w, xs), { w: f64(2, 2), xs: f64("steps", 2) });
  const { each, norms } = await together.run({ w, xs: concatenated(sequences) });
  for (const [i, xs] of sequences.entries()) {
    const own = toNumbers(await single.run({ w, xs }));
    own.forEach((v, j) => {
      expect(toNumbers(each)[4 * i + j]).toBeCloseTo(v, 14);
    });
    expect(toNumbers(norms)[i]).toBeCloseTo(
      own.reduce((s, v) => s + v * v, 0),
      13,
    );
  }
});

test("vmap inside a body, and a derivative through both", async () => {
  // c_{i+1}[k] = c_i[k]^2 + a: dc_2/da = 2 c_1 dc_1/da + 1 = 2 (c^2 + a) + 1.
  const f = (a: Tensor, c: Tensor) =>
    repeat(2, c, (v) => ({ carried: vmap((entry: Tensor) => add(ops.square(entry), a))(v) })).carried;
  using program = await compile(({ a, c }) => jvp((v: Tensor) => f(v, c), a, ops.onesLike(a)).tangent, {
    a: f64(),
    c: f64("n"),
  });
  expect(toNumbers(await program.run({ a: 0.5, c: Float64Array.of(1, 2, -3) }))).toStrictEqual([4, 10, 20]);
});
