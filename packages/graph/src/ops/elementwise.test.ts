import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { vjp } from "../differentiate.ts";
import { GraphError, TypeMismatchError } from "../errors.ts";
import { f64, input, type Tensor } from "../tensor.ts";
import {
  assertDerivatives,
  assertSecondDerivatives,
  assertSingleAgrees,
  assertVectorized,
  atRandomSizes,
  type Case,
  evaluate,
  matrix,
} from "./derivative-harness.ts";
import * as ops from "./index.ts";

const rowBroadcast = (n: number, m: number) => [[n, m], [m]];
const columnBroadcast = (n: number, m: number) => [
  [n, 1],
  [1, m],
];
const scalarBroadcast = (n: number, m: number) => [[], [n, m]];

const cases: readonly Case[] = [
  { name: "expm1", shapes: matrix, f: ops.expm1 },
  { name: "erf", shapes: matrix, f: ops.erf },
  { name: "erfc", shapes: matrix, f: ops.erfc },
  { name: "gelu", shapes: matrix, f: ops.gelu },
  { name: "elu", shapes: matrix, f: (x) => ops.elu(x, { alpha: 0.7 }), domain: "awayFromZero" },
  { name: "leakyRelu", shapes: matrix, f: (x) => ops.leakyRelu(x, { slope: 0.2 }), domain: "awayFromZero" },
  { name: "clip", shapes: matrix, f: (x) => ops.clip(x, -0.2, 0.2), domain: "awayFromZero" },
  { name: "clip from one side", shapes: matrix, f: (x) => ops.clip(x, 0.2, Number.POSITIVE_INFINITY) },
  ...[rowBroadcast, columnBroadcast, scalarBroadcast].flatMap((shapes, i): Case[] => {
    const name = ["row", "row and column", "scalar"][i];
    return [
      { name: `pow (${name})`, shapes, f: (a, b) => ops.pow(a, b), domain: "positive" },
      { name: `atan2 (${name})`, shapes, f: ops.atan2, domain: "awayFromZero" },
    ];
  }),
];

describe("derivatives against central differences, float32 kernels against float64, leading axes", () => {
  test.each(cases.map((c) => [c.name, c] as const))("%s", async (_, c) => {
    await atRandomSizes((sizes) => assertDerivatives(c, sizes));
    await atRandomSizes((sizes) => assertSecondDerivatives(c, sizes), 2);
    await atRandomSizes((sizes) => assertSingleAgrees(c, sizes), 2);
    await atRandomSizes((sizes) => assertVectorized(c, sizes), 2);
  });
});

const at = async (f: (...x: readonly Tensor[]) => Tensor, ...x: readonly (readonly number[])[]) =>
  toNumbers(
    await evaluate(
      f,
      x.map((values) => array(Float64Array.from(values))),
    ),
  );
const relativeErrors = (values: readonly number[], expected: readonly number[]) =>
  values.map((value, i) => Math.abs(value / expected[i] - 1));

describe("values in float64", () => {
  // Published to 18 digits: Abramowitz & Stegun, table 7.1, and the same series evaluated with 40 digits.
  const erfs = [
    [1e-300, 1.1283791670955126e-300],
    [1e-10, 1.1283791670955126e-10],
    [0.1, 0.1124629160182849],
    [0.46, 0.4846553900016797],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [3, 0.9999779095030014],
    [5.5, 0.9999999999999927],
    [40, 1],
  ];
  const erfcs = [
    [0.5, 0.4795001221869535],
    [1, 0.15729920705028513],
    [2, 0.004677734981047266],
    [4, 1.541725790028002e-8],
    [5, 1.537459794428035e-12],
    [10, 2.088487583762545e-45],
    [20, 5.395865611607901e-176],
    [26, 5.663192408856143e-296],
    [-3, 1.9999779095030015],
  ];
  test("erf and erfc agree with published values to 1e-15, odd and far out", async () => {
    const points = erfs.map(([x]) => x);
    for (const error of relativeErrors(
      await at(ops.erf, points),
      erfs.map(([, y]) => y),
    ))
      expect(error).toBeLessThan(1e-15);
    const mirrored = await at(
      ops.erf,
      points.map((x) => -x),
    );
    expect(mirrored).toStrictEqual((await at(ops.erf, points)).map((y) => -y));
    const tails = relativeErrors(
      await at(
        ops.erfc,
        erfcs.map(([x]) => x),
      ),
      erfcs.map(([, y]) => y),
    );
    for (const error of tails) expect(error).toBeLessThan(2e-15);
    expect(await at(ops.erfc, [30, -30, 0])).toStrictEqual([0, 2, 1]);
    expect(await at(ops.erf, [0, 1e308, -1e308])).toStrictEqual([0, 1, -1]);
  });
  test("erf + erfc = 1 over the ranges of the approximations", async () => {
    const x = Array.from({ length: 1200 }, (_, i) => (i - 600) / 100);
    const sum = await at((v) => ops.add(ops.erf(v), ops.erfc(v)), x);
    for (const value of sum) expect(Math.abs(value - 1)).toBeLessThan(5e-16);
  });
  test("expm1 keeps its relative precision for small, ordinary and large arguments", async () => {
    const x = [1e-300, -1e-17, 1e-10, -1e-5, 0.3, -0.999, 1, 30, -50, 709];
    relativeErrors(await at(ops.expm1, x), x.map(Math.expm1)).forEach((error) => {
      expect(error).toBeLessThan(1e-15);
    });
    expect(await at(ops.expm1, [0, 800, -800])).toStrictEqual([0, Number.POSITIVE_INFINITY, -1]);
  });
  test("atan2 agrees with the library function in all octants and at very different magnitudes", async () => {
    const values = [1e-300, 1e-20, 0.1, 0.3, 1, 1.1, 7, 1e20, 1e300].flatMap((v) => [v, -v]);
    const pairs = values.flatMap((y) => values.map((x) => [y, x]));
    const ys = pairs.map(([y]) => y);
    const xs = pairs.map(([, x]) => x);
    const angles = await at(ops.atan2, ys, xs);
    angles.forEach((angle, i) => {
      const expected = Math.atan2(ys[i], xs[i]);
      expect(Math.abs(angle - expected)).toBeLessThanOrEqual(4e-16 * Math.abs(expected));
    });
    expect(await at(ops.atan2, [0, 0, 2, -2, 0], [0, 3, 0, 0, -3])).toStrictEqual([
      0,
      0,
      Math.PI / 2,
      -Math.PI / 2,
      Math.PI,
    ]);
  });
  test("gelu keeps its relative precision for negative arguments: x erfc(-x/sqrt(2))/2", async () => {
    // Phi(-10) and Phi(-1), Phi(2) of the normal distribution.
    const [far, near, right] = await at(ops.gelu, [-10, -1, 2]);
    expect(far / (-10 * 7.619853024160525e-24) - 1).toBeCloseTo(0, 13);
    expect(near).toBeCloseTo(-0.15865525393145705, 15);
    expect(right).toBeCloseTo(2 * 0.9772498680518208, 15);
  });
  test("elu is precise near 0 and pow has its limits at 0", async () => {
    const [small, large] = await at((x) => ops.elu(x), [-1e-12, 3]);
    expect(small / Math.expm1(-1e-12) - 1).toBeCloseTo(0, 15);
    expect(large).toBe(3);
    expect(await at((a, b) => ops.pow(a, b), [0, 0, 2, 9], [0, 2, -1, 0.5])).toStrictEqual([1, 0, 0.5, 3]);
  });
  test.each([
    ["erf", ops.erf],
    ["erfc", ops.erfc],
    ["expm1", ops.expm1],
    ["gelu", ops.gelu],
    ["elu", (x: Tensor) => ops.elu(x)],
    ["leakyRelu", (x: Tensor) => ops.leakyRelu(x)],
    ["clip", (x: Tensor) => ops.clip(x, -1, 1)],
    ["atan2", (x: Tensor) => ops.atan2(x, 1)],
    ["atan2, of the other operand", (x: Tensor) => ops.atan2(1, x)],
  ] as const)("%s passes NaN on", async (_, f) => {
    const [nan, number] = await at(f, [Number.NaN, 0.5]);
    expect(nan).toBeNaN();
    expect(number).not.toBeNaN();
  });
});

describe("derivatives at the borders", () => {
  const slopes =
    (f: (...x: readonly Tensor[]) => Tensor) =>
    (...inputs: readonly Tensor[]) => {
      const { value, pullback } = vjp((v: readonly Tensor[]) => f(...v), inputs);
      return ops.stack(pullback(ops.onesLike(value)));
    };
  const slope = (f: (...x: readonly Tensor[]) => Tensor, ...x: readonly number[]) =>
    at(slopes(f), ...x.map((v) => [v]));
  test("as documented", async () => {
    expect(await slope((x) => ops.elu(x, { alpha: 0.5 }), 0)).toStrictEqual([0.5]);
    expect(await slope((x) => ops.elu(x), 800)).toStrictEqual([1]);
    expect(await slope((x) => ops.leakyRelu(x, { slope: 0.25 }), 0)).toStrictEqual([0.25]);
    expect(await slope((x) => ops.clip(x, -1, 1), 1)).toStrictEqual([1]);
    expect(await slope((x) => ops.clip(x, -1, 1), 1.5)).toStrictEqual([0]);
    expect(await slope((a, b) => ops.pow(a, b), 0, 0)).toStrictEqual([0, 0]);
    expect(await slope((a, b) => ops.pow(a, b), 0, 1)).toStrictEqual([1, 0]);
  });
  test("cosh' and its derivative keep their relative precision for small and large x", async () => {
    const x = [1e-300, 1e-30, -1e-10, 1e-5, 0.3, -2, 40, 700];
    expect(Math.max(...relativeErrors(await at(slopes(ops.cosh), x), x.map(Math.sinh)))).toBeLessThan(4e-15);
    const second = await at(slopes(slopes(ops.cosh)), x);
    expect(Math.max(...relativeErrors(second, x.map(Math.cosh)))).toBeLessThan(4e-15);
  });
  test("elu' and its derivative keep their relative precision far out", async () => {
    const [x, exact] = [[-700, -40, -20, -1e-9, 800], [-700, -40, -20, -1e-9].map((v) => 0.5 * Math.exp(v))];
    const elu = (v: Tensor) => ops.elu(v, { alpha: 0.5 });
    expect(Math.max(...relativeErrors(await at(slopes(elu), x), [...exact, 1]))).toBeLessThan(1e-15);
    const second = await at(slopes(slopes(elu)), x);
    expect(second.pop()).toBe(0);
    expect(Math.max(...relativeErrors(second, exact))).toBeLessThan(1e-15);
  });
});

test("exclusive or", async () => {
  const a = array(Uint8Array.of(0, 0, 1, 1));
  const b = array(Uint8Array.of(0, 1, 0, 1));
  expect(toNumbers(await evaluate(ops.xor, [a, b]))).toStrictEqual([0, 1, 1, 0]);
});

test("what does not fit is refused by name", () => {
  const x = input("x", f64(2));
  expect(() => ops.clip(x, 1, -1)).toThrow(GraphError);
  expect(() => ops.clip(x, Number.NaN, 1)).toThrow(/clip: low must be less than high, got NaN and 1/);
  expect(() => ops.erf(ops.cast(x, "i64"))).toThrow(TypeMismatchError);
  expect(() => ops.atan2(ops.cast(x, "i64"), 1)).toThrow(/atan2: expected a floating-point tensor, got i64/);
  expect(() => ops.pow(x, ops.cast(x, "f32"))).toThrow(TypeMismatchError);
});
