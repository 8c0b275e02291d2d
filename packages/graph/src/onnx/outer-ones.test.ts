import { expect, test } from "vitest";
import { compile } from "../compile.ts";
import { repeat } from "../loop.ts";
import * as ops from "../ops/index.ts";
import { f32, type Tensor } from "../tensor.ts";
import { toOnnx, trace } from "../trace.ts";
import { count, draw } from "./model-testing.ts";

type Layer = Record<"x" | "w" | "b", Tensor>;

/** Iterations in which a layer on the same rows changes its weights and its bias. */
const iterated =
  (product: (x: Tensor, w: Tensor) => Tensor, times = 3) =>
  ({ x, w, b }: Layer) =>
    repeat(times, { w, b }, (p) => {
      const activated = ops.relu(ops.add(product(x, p.w), p.b));
      return {
        carried: {
          w: ops.add(p.w, ops.mul(ops.mean(activated), 1e-3)),
          b: ops.mul(ops.sum(activated, { axes: 0 }), 1e-3),
        },
        stacked: { activated },
      };
    });
const plain = iterated(ops.matmul);
const turned = iterated((x, w) => ops.matmul(x, ops.matrixTranspose(w)));
const spec = (k: number, n: number) => ({ x: f32("rows", k), w: f32(k, n), b: f32(n) });

/** The model for several threads. */
const threaded = (f: (inputs: Layer) => unknown, specs: ReturnType<typeof spec>, rows = 10_000) =>
  toOnnx(trace(f as typeof plain, specs), { threadedSizes: () => rows });

test.each([
  [1, 1, 40],
  [1, 40, 41],
  [2, 1, 40],
  [2, 7, 33],
  [2, 100, 40],
  [2, 126, 64],
  [2, 127, 129],
  [2, 128, 32],
])(
  "with %i threads, layers in a loop have the same bits with %i terms and %i columns",
  async (threads, k, n) => {
    const rows = 5_003;
    for (const [f, w, specs] of [
      [plain, draw(k, k, n), spec(k, n)],
      [turned, draw(k, n, k), { ...spec(k, n), w: f32(n, k) }],
    ] as const) {
      const inputs = { x: draw(rows, rows, k), w, b: draw(n, n) };
      // without expected sizes, the names count 64, and the bias goes into the product
      using reference = await compile(f, specs, { threads });
      using program = await compile(f, specs, { threads, sizes: { rows } });
      const [expected, got] = [await reference.run(inputs), await program.run(inputs)];
      expect(got.stacked.activated.shape).toStrictEqual([3, rows, n]);
      for (const [values, wanted] of [
        [got.stacked.activated, expected.stacked.activated],
        [got.carried.w, expected.carried.w],
        [got.carried.b, expected.carried.b],
      ])
        expect(values.data.findIndex((value, i) => !Object.is(value, wanted.data[i]))).toBe(-1);
    }
  },
);

/** The model for one thread. */
const unthreaded = (f: (inputs: Layer) => unknown, specs: ReturnType<typeof spec>, rows = 10_000) =>
  toOnnx(trace(f as typeof plain, specs), { sizeOf: () => rows });

test("a bias becomes a term of the product with rows from outside the loop", () => {
  const without = unthreaded(plain, spec(40, 40));
  const model = threaded(plain, spec(40, 40));
  expect(count("Add", model) - count("Add", without)).toBe(0);
  // the rows with ones, outside; the weights with the bias, inside
  expect(count("Concat", model) - count("Concat", without)).toBe(2);
});

test("rows get their ones once for all layers on them", () => {
  const both = ({ x, w, b }: Layer) =>
    repeat(3, { w, b }, (p) => {
      const [first, second] = [p.w, ops.square(p.w)].map((weights) => ops.add(ops.matmul(x, weights), p.b));
      return {
        carried: { w: ops.add(p.w, ops.mean(second)), b: ops.mean(ops.mul(first, second), { axes: 0 }) },
      };
    });
  const [model, without] = [threaded(both, spec(40, 40)), unthreaded(both, spec(40, 40))];
  expect(count("Concat", model) - count("Concat", without)).toBe(3);
});

test("rows that change in the loop, and products of 128 terms, have a node for the bias", () => {
  const changing = ({ x, w, b }: Layer) =>
    repeat(3, { x }, (p) => ({ carried: { x: ops.relu(ops.add(ops.matmul(p.x, w), b)) } }));
  for (const [f, k] of [
    [changing, 40],
    [plain, 128],
  ] as const) {
    const without = unthreaded(f, spec(k, 40));
    const model = threaded(f, spec(k, 40));
    expect(count("Add", model) - count("Add", without)).toBe(1);
    expect(count("Concat", model) - count("Concat", without)).toBe(0);
  }
});

type Layers = Record<"x" | "turned" | "w" | "row" | "column", Tensor>;

test.each([
  [
    "a column of as many entries as a row has",
    ({ x, w, column }: Layers) => ops.add(ops.matmul(x, ops.square(w)), column),
  ],
  [
    "rows that are transposed",
    ({ turned, w, row }: Layers) => ops.add(ops.matmul(ops.matrixTranspose(turned), w), row),
  ],
] as const)("on several threads, layers in a loop have the same bits with %s", async (_, layer) => {
  const n = 1024;
  const f = ({ w, ...others }: Layers) =>
    repeat(2, { w }, (p) => {
      const all = { ...others, ...p };
      // the first one alone asks for several threads
      const stacked = { first: ops.add(ops.matmul(all.x, p.w), all.row), second: layer(all) };
      return { carried: { w: ops.add(p.w, 0.25) }, stacked };
    }).stacked;
  for (const [length, rows] of [
    [n, n],
    ["rows", n],
    ["rows", 50],
  ] as const) {
    const matrices = { x: f32(length, 7), turned: f32(7, length), w: f32(7, n) };
    const specs = { ...matrices, row: f32(n), column: f32(length, 1) };
    const inputs = {
      ...{ x: draw(1, rows, 7), turned: draw(2, 7, rows), w: draw(3, 7, n) },
      ...{ row: draw(4, n), column: draw(5, rows, 1) },
    };
    using reference = await compile(f, specs, { threads: 1 });
    using program = await compile(f, specs, { threads: 2, sizes: { rows: n } });
    const [expected, got] = [await reference.run(inputs), await program.run(inputs)];
    for (const name of ["first", "second"] as const)
      expect(got[name].data.findIndex((value, i) => !Object.is(value, expected[name].data[i]))).toBe(-1);
  }
});
