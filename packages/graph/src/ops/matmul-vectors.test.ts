import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { ShapeError } from "../errors.ts";
import { runtime as wasm } from "../runtime/browser.ts";
import { runtime as native } from "../runtime/node.ts";
import { f32, f64, input, type Tensor } from "../tensor.ts";
import {
  assertDerivatives,
  assertSecondDerivatives,
  assertSingleAgrees,
  assertVectorized,
  atRandomSizes,
  type Case,
  evaluate,
  numbers,
  randomArray,
} from "./derivative-harness.ts";
import { broadcastAt, build, type Nd, total } from "./examples/reference.ts";
import { matmul } from "./matmul.ts";
import { sum } from "./reduce.ts";
import { square } from "./unary.ts";

const leadingEqual = (n: number, m: number, k: number) => [
  [2, n, m],
  [2, m, k],
];

const products: Record<string, (n: number, m: number, k: number) => readonly (readonly number[])[]> = {
  "a vector by a vector": (_, m) => [[m], [m]],
  "a vector by a matrix": (_, m, k) => [[m], [m, k]],
  "a matrix by a vector": (n, m) => [[n, m], [m]],
  "a vector by matrices": (n, m, k) => [[m], [2, n, m, k]],
  "matrices by a vector": (n, m, k) => [[2, k, n, m], [m]],
  "matrices by as many matrices": leadingEqual,
  "matrices by matrices whose leading dimensions broadcast": (n, m, k) => [
    [3, 1, n, m],
    [2, m, k],
  ],
};

/** The product as the documentation of numpy.matmul states it, entry by entry. */
function expected(a: Nd, b: Nd): Nd {
  const [row, column] = [a.shape.length === 1, b.shape.length === 1];
  const left = row ? { ...a, shape: [1, ...a.shape] } : a;
  const right = column ? { ...b, shape: [...b.shape, 1] } : b;
  const rank = Math.max(left.shape.length, right.shape.length);
  const leading = Array.from({ length: rank - 2 }, (_, i) => {
    const [x, y] = [left, right].map(({ shape }) => shape[i - rank + shape.length] ?? 1);
    return x === 1 ? y : x;
  });
  const [n, inner] = left.shape.slice(-2);
  const k = right.shape[right.shape.length - 1];
  // The inner dimension may be 1, where reading with broadcasting reads the same entry.
  const { data } = build([...leading, n, k], (index) => {
    const [i, j] = index.slice(-2);
    const outer = index.slice(0, -2);
    const terms = Array.from(
      { length: inner },
      (_, l) => broadcastAt(left, [...outer, i, l]) * broadcastAt(right, [...outer, l, j]),
    );
    return total(terms);
  });
  return { shape: [...leading, ...(row ? [] : [n]), ...(column ? [] : [k])], data };
}

describe.each(Object.entries(products))("%s", (name, shapes) => {
  const c: Case = { name, shapes, f: matmul };

  test.each([
    ["native", native],
    ["WebAssembly", wasm],
  ])("has numpy's shape and value (%s)", async (_, runtime) => {
    await atRandomSizes(async ([n, m, k, seed]) => {
      const next = numbers(seed);
      const [a, b] = shapes(n, m, k).map((shape) => randomArray(shape, next));
      const wanted = expected(
        ...([a, b].map((x) => ({ shape: x.shape, data: toNumbers(x) })) as unknown as [Nd, Nd]),
      );
      const result = await evaluate(matmul, [a, b], runtime);
      expect(result.shape).toStrictEqual(wanted.shape);
      toNumbers(result).forEach((value, i) => {
        expect(value).toBeCloseTo(wanted.data[i], 12);
      });
    });
  });

  test("derivatives to second order, float32, a leading axis", async () => {
    await atRandomSizes((sizes) => assertDerivatives(c, sizes));
    await atRandomSizes((sizes) => assertSecondDerivatives(c, sizes), 2);
    await atRandomSizes((sizes) => assertSingleAgrees(c, sizes), 2);
    await atRandomSizes((sizes) => assertVectorized(c, sizes), 2);
  });

  test.each([
    ["native", native],
    ["WebAssembly", wasm],
  ])("of nothing is a sum of no products, with no derivative (%s)", async (_, runtime) => {
    const [a, b] = shapes(2, 0, 3);
    using program = await compile(
      ({ a, b }) => ({
        product: matmul(a, b),
        slopes: gradient((x: readonly Tensor[]) => sum(square(matmul(x[0], x[1]))))([a, b]),
      }),
      { a: f32(...a), b: f32(...b) },
      { runtime },
    );
    const { product, slopes } = await program.run({
      a: array(new Float32Array(0), a),
      b: array(new Float32Array(0), b),
    });
    expect(toNumbers(product).every((value) => value === 0)).toBe(true);
    expect(slopes.map(({ shape }) => shape)).toStrictEqual([a, b]);
  });
});

test("a named inner dimension beside leading ones that repeat may be empty", async () => {
  using program = await compile(({ a, b }) => matmul(a, b), { a: f64("n"), b: f64(2, "n", 1) });
  const run = async (n: number) =>
    toNumbers(
      await program.run({
        a: new Float64Array(n).fill(2),
        b: array(new Float64Array(2 * n).fill(3), [2, n, 1]),
      }),
    );
  expect(await run(0)).toStrictEqual([0, 0]);
  expect(await run(2)).toStrictEqual([12, 12]);
});

test("a named dimension of vectors is known to the run alone", async () => {
  using program = await compile(({ a, b }) => matmul(a, b), { a: f64("n"), b: f64("n") });
  const run = async (...values: number[]) =>
    toNumbers(await program.run({ a: Float64Array.from(values), b: Float64Array.from(values) }));
  expect(await run(1, 2, 3)).toStrictEqual([14]);
  expect(await run()).toStrictEqual([0]);
});

test.each([
  [[3], [4], "matmul: inner dimensions must be equal, got [3] and [4]: 3 columns against 4 rows"],
  [[3], [4, 2], "matmul: inner dimensions must be equal, got [3] and [4, 2]: 3 columns against 4 rows"],
  [[2, 3], [2], "matmul: inner dimensions must be equal, got [2, 3] and [2]: 3 columns against 2 rows"],
  [[], [2], "matmul: operands must have at least 1 dimension, got [] and [2]"],
  [[2, 2], [], "matmul: operands must have at least 1 dimension, got [2, 2] and []"],
] as const)("%j by %j is refused", (a, b, message) => {
  const product = () => matmul(input("a", f64(...a)), input("b", f64(...b)));
  expect(product).toThrow(ShapeError);
  expect(product).toThrow(message);
});
