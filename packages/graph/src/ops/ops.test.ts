import { describe, expect, test } from "vitest";
import { toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { jvp } from "../differentiate.ts";
import { constant, f32, f64, type Tensor } from "../tensor.ts";
import { assertDerivatives, atRandomSizes, type Case, matrix } from "./derivative-harness.ts";
import * as ops from "./index.ts";

const { add, sub, mul, div, maximum, minimum } = ops;

const two = (n: number, m: number) => [
  [n, m],
  [n, m],
];
const rowBroadcast = (n: number, m: number) => [[n, m], [m]];
const columnBroadcast = (n: number, m: number) => [
  [n, 1],
  [1, m],
];
const scalarBroadcast = (n: number, m: number) => [[], [n, m]];

const indices = constant(BigInt64Array.of(1n, 0n, 1n));

const cases: readonly Case[] = [
  { name: "pow 3", shapes: matrix, f: (x) => ops.pow(x, 3) },
  { name: "pow 0.7", shapes: matrix, f: (x) => ops.pow(x, 0.7), domain: "positive" },
  { name: "pow 0", shapes: matrix, f: (x) => ops.pow(x, 0) },
  ...Object.entries({ add, sub, mul, div, maximum, minimum }).flatMap(([name, f]): Case[] =>
    [two, rowBroadcast, columnBroadcast, scalarBroadcast].map((shapes, i) => ({
      name: `${name} (${["equal shapes", "row", "row and column", "scalar"][i]})`,
      shapes,
      f,
      domain: name === "div" ? "positive" : "any",
    })),
  ),
  {
    name: "where",
    shapes: (n, m) => [[n, m], [m]],
    f: (a, b) => ops.where(ops.greater(ops.stopGradient(a), 0.2), a, b),
    domain: "awayFromZero",
  },
  { name: "cast", shapes: matrix, f: (x) => ops.cast(ops.cast(x, "f64"), "f64") },
  { name: "identity", shapes: matrix, f: ops.identity },
  { name: "sum all", shapes: matrix, f: (x) => ops.sum(x) },
  { name: "sum axis 0", shapes: matrix, f: (x) => ops.sum(x, { axes: 0 }) },
  {
    name: "sum last, kept",
    shapes: (n, m, k) => [[n, m, k]],
    f: (x) => ops.sum(x, { axes: [0, -1], keepDims: true }),
  },
  { name: "mean", shapes: matrix, f: (x) => ops.mean(x, { axes: 1 }) },
  { name: "max", shapes: matrix, f: (x) => ops.max(x, { axes: 1 }) },
  { name: "max, kept", shapes: matrix, f: (x) => ops.max(x, { axes: 0, keepDims: true }) },
  { name: "logSumExp", shapes: matrix, f: (x) => ops.logSumExp(x, { axes: 1 }) },
  { name: "logSumExp all, kept", shapes: matrix, f: (x) => ops.logSumExp(x, { keepDims: true }) },
  { name: "softmax", shapes: matrix, f: (x) => ops.softmax(x) },
  { name: "softmax axis 0", shapes: matrix, f: (x) => ops.softmax(x, { axis: 0 }) },
  { name: "logSoftmax", shapes: matrix, f: (x) => ops.logSoftmax(x) },
  {
    name: "reshape",
    shapes: (n, m) => [[n, m]],
    f: (x) => ops.reshape(x, [Number(x.shape[0]) * Number(x.shape[1])]),
  },
  { name: "expandDims", shapes: matrix, f: (x) => ops.expandDims(x, [0, 2]) },
  { name: "squeeze", shapes: (n, m) => [[n, 1, m]], f: (x) => ops.squeeze(x) },
  { name: "transpose", shapes: (n, m, k) => [[n, m, k]], f: (x) => ops.transpose(x, [2, 0, 1]) },
  { name: "broadcastTo", shapes: (n) => [[n, 1]], f: (x) => ops.broadcastTo(x, [2, Number(x.shape[0]), 3]) },
  {
    name: "matmul",
    shapes: (n, m, k) => [
      [n, m],
      [m, k],
    ],
    f: ops.matmul,
  },
  {
    name: "matmul, left transposed",
    shapes: (n, m, k) => [
      [m, n],
      [m, k],
    ],
    f: (a, b) => ops.matmul(ops.matrixTranspose(a), b),
  },
  {
    name: "matmul, right transposed",
    shapes: (n, m, k) => [
      [n, m],
      [k, m],
    ],
    f: (a, b) => ops.matmul(a, ops.matrixTranspose(b)),
  },
  {
    name: "matmul, both transposed",
    shapes: (n, m, k) => [
      [m, n],
      [k, m],
    ],
    f: (a, b) => ops.matmul(ops.matrixTranspose(a), ops.matrixTranspose(b)),
  },
  {
    name: "matmul, batched",
    shapes: (n, m, k) => [
      [2, n, m],
      [2, m, k],
    ],
    f: ops.matmul,
  },
  {
    name: "matmul, batched against one",
    shapes: (n, m, k) => [
      [3, n, m],
      [m, k],
    ],
    f: ops.matmul,
  },
  { name: "gather", shapes: (n, m) => [[n + 1, m]], f: (x) => ops.gather(x, indices) },
  { name: "scatterAdd", shapes: (_, m) => [[3, m]], f: (u) => ops.scatterAdd([4, u.shape[1]], indices, u) },
];

describe("vjp and jvp against central differences in float64, at random shapes", () => {
  test.each(cases.map((c) => [c.name, c] as const))("%s", async (_, c) => {
    await atRandomSizes((sizes) => assertDerivatives(c, sizes));
  });
});

describe("kinks have the documented derivatives", () => {
  const at = async (f: (x: Tensor) => Tensor, x: number) => {
    using program = await compile(({ x, t }) => jvp(f, x, t), {
      x: { dtype: "f64", shape: [] },
      t: { dtype: "f64", shape: [] },
    });
    return Number((await program.run({ x, t: 1 })).tangent.data[0]);
  };
  test("relu'(0) = 0, abs'(0) = 0, equal operands of maximum share", async () => {
    expect(await at(ops.relu, 0)).toBe(0);
    expect(await at(ops.abs, 0)).toBe(0);
    expect(await at((x) => ops.maximum(x, 0), 0)).toBe(0.5);
    expect(await at((x) => ops.minimum(0, x), 0)).toBe(0.5);
  });
});

describe("values in float64 where a direct formula fails", () => {
  const evaluate = async (f: (x: Tensor) => Tensor, x: readonly number[]) => {
    using program = await compile(({ x }) => f(x), { x: { dtype: "f64", shape: ["n"] } });
    return Array.from((await program.run({ x: Float64Array.from(x) })).data as Float64Array);
  };
  test("sigmoid and softplus keep their relative precision far out", async () => {
    const [at40, at700] = await evaluate(ops.sigmoid, [-40, -700]);
    expect(at40 / 4.248354255291589e-18 - 1).toBeCloseTo(0, 14);
    expect(at700 / 9.85967654375977e-305 - 1).toBeCloseTo(0, 13);
    const [low, middle, high] = await evaluate(ops.softplus, [-40, 0, 800]);
    expect(low / 4.248354255291589e-18 - 1).toBeCloseTo(0, 14);
    expect(middle).toBeCloseTo(Math.LN2, 15);
    expect(high).toBe(800);
  });
  test("log1p is exact to rounding for tiny and for ordinary arguments", async () => {
    const x = [1e-300, 1e-17, -1e-10, 1e-5, 0.5, 3, 1e10];
    const y = await evaluate(ops.log1p, x);
    x.forEach((v, i) => {
      expect(Math.abs(y[i] - Math.log1p(v))).toBeLessThanOrEqual(4e-16 * Math.abs(Math.log1p(v)));
    });
  });

  test.each([
    ["f64", Float64Array, 1e306],
    ["f32", Float32Array, 1e38],
  ] as const)("log1p of huge arguments and at the ends, in %s", async (dtype, Numbers, huge) => {
    using program = await compile(ops.log1p, (dtype === "f64" ? f64 : f32)("n"));
    const x = Numbers.of(huge, Number.POSITIVE_INFINITY, -1, Number.NaN, -2);
    const [large, ...ends] = toNumbers(await program.run(x));
    expect(large / Math.log1p(x[0])).toBeCloseTo(1, 6);
    expect(ends).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, Number.NaN]);
  });
  test("logSumExp does not overflow", async () => {
    expect((await evaluate((x) => ops.reshape(ops.logSumExp(x), [1]), [1000, 1000]))[0]).toBeCloseTo(
      1000 + Math.LN2,
      12,
    );
  });
});
