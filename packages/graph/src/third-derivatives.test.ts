import { describe, expect, test } from "vitest";
import { array, toNumbers } from "./arrays.ts";
import { compile } from "./compile.ts";
import { gradient, hessianVectorProduct, jvp } from "./differentiate.ts";
import * as ops from "./ops/index.ts";
import { constant, f64, type Tensor } from "./tensor.ts";

const { add, mul, matmul, sum, square } = ops;

/** The third derivative of a function of a number in all eight nestings of the two modes. */
const nestings = (f: (x: Tensor) => Tensor) => {
  const forward = (g: (x: Tensor) => Tensor) => (x: Tensor) => jvp(g, x, ops.onesLike(x)).tangent;
  const modes = [forward, (g: (x: Tensor) => Tensor) => gradient(g)];
  return modes.flatMap((a) => modes.flatMap((b) => modes.map((c) => a(b(c(f))))));
};

const density = (x: number) => Math.exp(-x * x) * (2 / Math.sqrt(Math.PI));
const normal = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const s = (x: number) => 1 / (1 + Math.exp(-x));
/** sigmoid'(x), sigmoid''(x), sigmoid'''(x). */
const sigmoid1 = (x: number) => s(x) * (1 - s(x));
const sigmoid2 = (x: number) => sigmoid1(x) * (1 - 2 * s(x));
const sigmoid3 = (x: number) => sigmoid1(x) * (1 - 6 * s(x) + 6 * s(x) ** 2);
const tanh1 = (x: number) => 1 - Math.tanh(x) ** 2;

/** Each function with its third derivative, and where it is taken. */
const cases: readonly (readonly [string, (x: Tensor) => Tensor, (x: number) => number, number])[] = [
  ["exp", ops.exp, Math.exp, 0.7],
  ["expm1", ops.expm1, Math.exp, -0.4],
  ["log", ops.log, (x) => 2 / x ** 3, 1.3],
  ["log1p", ops.log1p, (x) => 2 / (1 + x) ** 3, 0.3],
  ["sin", ops.sin, (x) => -Math.cos(x), 0.9],
  ["cos", ops.cos, Math.sin, 0.9],
  ["tan", ops.tan, (x) => 2 * (1 + Math.tan(x) ** 2) * (1 + 3 * Math.tan(x) ** 2), 0.4],
  ["sinh", ops.sinh, Math.cosh, 0.8],
  ["cosh", ops.cosh, Math.sinh, 0.8],
  ["tanh", ops.tanh, (x) => tanh1(x) * (6 * Math.tanh(x) ** 2 - 2), 0.6],
  ["sigmoid", ops.sigmoid, sigmoid3, 0.6],
  ["sigmoid, far out", ops.sigmoid, sigmoid3, -30],
  ["softplus", ops.softplus, sigmoid2, -0.8],
  ["silu", ops.silu, (x) => 3 * sigmoid2(x) + x * sigmoid3(x), 0.5],
  ["gelu", ops.gelu, (x) => normal(x) * (x ** 3 - 4 * x), 0.7],
  ["erf", ops.erf, (x) => density(x) * (4 * x * x - 2), 0.4],
  ["erfc", ops.erfc, (x) => -density(x) * (4 * x * x - 2), 1.4],
  ["elu", (x) => ops.elu(x), Math.exp, -0.7],
  ["reciprocal", ops.reciprocal, (x) => -6 / x ** 4, 1.2],
  ["sqrt", ops.sqrt, (x) => (3 / 8) * x ** -2.5, 0.8],
  ["rsqrt", ops.rsqrt, (x) => (-15 / 8) * x ** -3.5, 0.8],
  ["square", ops.square, () => 0, 0.8],
  ["pow, number", (x) => ops.pow(x, 3.5), (x) => 3.5 * 2.5 * 1.5 * x ** 0.5, 1.1],
  ["pow, base and exponent", (x) => ops.pow(add(x, 1), mul(x, 2)), powered, 0.5],
  ["division", (x) => ops.div(ops.sin(x), x), sinc3, 1.7],
  [
    "division by itself squared",
    (x) => ops.div(x, add(square(x), 1)),
    (x) => (-6 * (x ** 4 - 6 * x ** 2 + 1)) / (x ** 2 + 1) ** 4,
    0.6,
  ],
  ["atan2", (x) => ops.atan2(x, 1), (x) => (6 * x * x - 2) / (1 + x * x) ** 3, 0.6],
  ["logSumExp", (x) => ops.logSumExp(ops.stack([x, ops.zerosLike(x)])), sigmoid2, 0.9],
  [
    "softmax",
    (x) => ops.gather(ops.softmax(ops.stack([x, ops.zerosLike(x)])), constant(BigInt64Array.of(0n), [])),
    sigmoid3,
    0.9,
  ],
  [
    "logSoftmax",
    (x) => ops.gather(ops.logSoftmax(ops.stack([x, ops.zerosLike(x)])), constant(BigInt64Array.of(0n), [])),
    (x) => -sigmoid2(x),
    0.9,
  ],
  ["prod", (x) => ops.prod(ops.stack([x, x, x, mul(x, 0.5)])), (x) => 12 * x, 0.7],
  ["norm", (x) => ops.norm(ops.stack([x, ops.onesLike(x)])), (x) => (-3 * x) / (1 + x * x) ** 2.5, 0.5],
  [
    "cumSum",
    (x) => sum(ops.cumSum(ops.stack([ops.exp(x), ops.exp(mul(x, 2))]))),
    (x) => 2 * Math.exp(x) + 8 * Math.exp(2 * x),
    0.2,
  ],
  ["relu and abs have none", (x) => add(ops.relu(x), ops.abs(x)), () => 0, 0.8],
];

/** d^3/dx^3 of (1 + x)^(2x) by f' = f g, g = 2 log(1 + x) + 2x/(1 + x). */
function powered(x: number): number {
  const f = (1 + x) ** (2 * x);
  const g = 2 * Math.log(1 + x) + (2 * x) / (1 + x);
  const g1 = 2 / (1 + x) + 2 / (1 + x) ** 2;
  const g2 = -2 / (1 + x) ** 2 - 4 / (1 + x) ** 3;
  return f * (g ** 3 + 3 * g * g1 + g2);
}

/** d^3/dx^3 of sin(x)/x. */
function sinc3(x: number): number {
  return (
    -Math.cos(x) / x + (3 * Math.sin(x)) / x ** 2 + (6 * Math.cos(x)) / x ** 3 - (6 * Math.sin(x)) / x ** 4
  );
}

describe("third derivatives in all nestings of both modes are the closed form", () => {
  test.each(cases)("%s", async (_, f, third, x) => {
    using program = await compile(({ x }) => nestings(f).map((g) => g(x)), { x: f64() });
    const results = (await program.run({ x })).map((value) => toNumbers(value)[0]);
    expect(results.length).toBe(8);
    for (const result of results)
      expect(Math.abs(result - third(x))).toBeLessThan(
        2e-13 * Math.max(Math.abs(third(x)), Math.min(1, third(x) ** 2 + 0.1)),
      );
  });
});

describe("third derivatives of functions of matrices", () => {
  test("of tr(X^3) along V: 6 tr(V^3)", async () => {
    const f = (x: Tensor) => ops.matrixTrace(matmul(matmul(x, x), x));
    using program = await compile(
      ({ x, v }) => {
        const second = (y: Tensor) => sum(mul(hessianVectorProduct(f)(y, v), v));
        return { forward: jvp(second, x, v).tangent, reverse: sum(mul(gradient(second)(x), v)) };
      },
      { x: f64(3, 3), v: f64(3, 3) },
    );
    const v = [1, 2, 0, -1, 0.5, 1, 2, 0, 1];
    const times = (a: readonly number[], b: readonly number[]) =>
      Array.from({ length: 9 }, (_, i) =>
        [0, 1, 2].reduce((t, k) => t + a[3 * Math.floor(i / 3) + k] * b[3 * k + (i % 3)], 0),
      );
    const cube = times(times(v, v), v);
    const expected = 6 * (cube[0] + cube[4] + cube[8]);
    const result = await program.run({
      x: Float64Array.from({ length: 9 }, (_, i) => Math.sin(i)),
      v: Float64Array.from(v),
    });
    expect(toNumbers(result.forward)[0]).toBeCloseTo(expected, 11);
    expect(toNumbers(result.reverse)[0]).toBeCloseTo(expected, 11);
  });

  test("of a chain of layers along a direction of one weight: w3 phi(w2 phi(w1 x))", async () => {
    // With phi = exp: f = c exp(b exp(a)); d^3/da^3 f = f (B + 3 B^2 + B^3), B = b exp(a).
    const f = (a: Tensor) =>
      sum(
        mul(
          ops.exp(
            matmul(
              ops.exp(matmul(a, constant(Float64Array.of(1), [1, 1]))),
              constant(Float64Array.of(0.5), [1, 1]),
            ),
          ),
          2,
        ),
      );
    using program = await compile(
      ({ a }) => {
        const along = (g: (x: Tensor) => Tensor) => (x: Tensor) => jvp(g, x, ops.onesLike(x)).tangent;
        return {
          third: along(along(along(f)))(a),
          reverse: gradient((x: Tensor) => sum(hessianVectorProduct(f)(x, ops.onesLike(x))))(a),
        };
      },
      { a: f64(1, 1) },
    );
    const a = 0.3;
    const b = 0.5 * Math.exp(a);
    const expected = 2 * Math.exp(b) * (b + 3 * b ** 2 + b ** 3);
    const { third, reverse } = await program.run({ a: array(Float64Array.of(a), [1, 1]) });
    expect(toNumbers(third)[0]).toBeCloseTo(expected, 12);
    expect(toNumbers(reverse)[0]).toBeCloseTo(expected, 12);
  });

  test("of a sum of cubes through einsum, gather and concat: 6 v^3", async () => {
    const cubes = (x: Tensor) => {
      const twice = ops.concat([x, ops.gather(x, ops.range(2))]);
      return ops.einsum("i,i,i->", twice, twice, twice);
    };
    using program = await compile(
      ({ x, v }) => jvp((y: Tensor) => sum(mul(hessianVectorProduct(cubes)(y, v), v)), x, v).tangent,
      { x: f64(3), v: f64(3) },
    );
    const result = await program.run({ x: Float64Array.of(0.1, 0.2, 0.3), v: Float64Array.of(1, -2, 3) });
    // Entries 0 and 1 count twice.
    expect(toNumbers(result)[0]).toBeCloseTo(6 * (2 * 1 + 2 * -8 + 27), 12);
  });
});
