import { describe, expect, test } from "vitest";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { repeat } from "../loop.ts";
import * as ops from "../ops/index.ts";
import { f32, f64, type Tensor, type TensorSpec } from "../tensor.ts";
import { toOnnx, trace } from "../trace.ts";
import { count, draw } from "./model-testing.ts";

const layer = ({ x, w, b }: Record<"x" | "w" | "b", Tensor>) => ops.add(ops.matmul(x, w), b);
const activated = (inputs: Parameters<typeof layer>[0]) => ops.relu(layer(inputs));
const sizes = { rows: 10_000 };
const spec = (terms: number, columns: number) => ({
  x: f32("rows", terms),
  w: f32(terms, columns),
  b: f32(columns),
});

/** Whether the model for several threads adds the bias by a node of its own. */
function separate(f: typeof layer, specs: Record<"x" | "w" | "b", TensorSpec>, rows = 10_000): boolean {
  const traced = trace(f, specs);
  const model = toOnnx(traced, { threadedSizes: () => rows });
  return count("Add", model) > count("Add", toOnnx(traced));
}

describe.each([1, 2])("with %i threads", (threads) => {
  test.each([
    [1, 40],
    [7, 33],
    [40, 41],
    [100, 40],
    [127, 64],
    [128, 129],
    [129, 40],
    [300, 32],
  ])("a layer with a bias, with and without relu, is the same with %i terms and %i columns", async (k, n) => {
    for (const f of [layer, activated])
      for (const rows of [5_003]) {
        const inputs = { x: draw(rows, rows, k), w: draw(k, k, n), b: draw(n, n) };
        // without expected sizes, the names count 64, and the bias goes into the product
        using plain = await compile(f, spec(k, n), { threads });
        using program = await compile(f, spec(k, n), { threads, sizes: { rows } });
        const [expected, got] = [await plain.run(inputs), await program.run(inputs)];
        expect(got.shape).toStrictEqual([rows, n]);
        // by the index: a list of all that differ would take minutes
        expect(got.data.findIndex((value, i) => !Object.is(value, expected.data[i]))).toBe(-1);
      }
  });
});

test("a layer whose entries are written in plain loops is that layer", async () => {
  const [rows, k, n] = [5_000, 8, 33];
  const [x, w, b] = [draw(1, rows, k), draw(2, k, n), draw(3, n)];
  using program = await compile(activated, spec(k, n), { threads: 2, sizes: { rows } });
  const { data } = await program.run({ x, w, b });
  let worst = 0;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < n; j++) {
      let sum = Number(b.data[j]);
      for (let l = 0; l < k; l++) sum += Number(x.data[i * k + l]) * Number(w.data[l * n + j]);
      worst = Math.max(worst, Math.abs(Number(data[i * n + j]) - Math.max(0, sum)));
    }
  expect(worst).toBeLessThan(4e-6);
});

test("training steps in a loop are the same on several threads", async () => {
  const [rows, k, n] = [6_000, 20, 32];
  const parameters = { w: draw(1, k, n), b: draw(2, n), v: draw(3, n, n), c: draw(4, n) };
  const signature = {
    x: f32("rows", k),
    parameters: { w: f32(k, n), b: f32(n), v: f32(n, n), c: f32(n) },
  };
  const descend = ({
    x,
    parameters: start,
  }: {
    x: Tensor;
    parameters: Record<"w" | "b" | "v" | "c", Tensor>;
  }) =>
    repeat(3, start, (p: typeof start) => {
      const loss = ({ w, b, v, c }: typeof start) =>
        ops.mean(activated({ x: activated({ x, w, b }), w: v, b: c }));
      const g = gradient(loss)(p);
      const step = (value: Tensor, by: Tensor) => ops.sub(value, ops.mul(by, 0.1));
      return { carried: { w: step(p.w, g.w), b: step(p.b, g.b), v: step(p.v, g.v), c: step(p.c, g.c) } };
    }).carried;
  const x = draw(5, rows, k);
  using plain = await compile(descend, signature, { threads: 1, sizes: { rows } });
  using program = await compile(descend, signature, { threads: 2, sizes: { rows } });
  expect(await program.run({ x, parameters })).toStrictEqual(await plain.run({ x, parameters }));
  const additions = (known: "sizeOf" | "threadedSizes") =>
    count("Add", toOnnx(trace(descend, signature), { [known]: () => rows }));
  expect(additions("threadedSizes") - additions("sizeOf")).toBe(1);
});

describe("a bias gets a node of its own", () => {
  test("with many rows, and 32 columns or more", () => {
    expect(separate(layer, spec(40, 40))).toBe(true);
    expect(separate(layer, spec(40, 32), 5_000)).toBe(true);
    expect(separate(layer, spec(40, 32), 4_999)).toBe(false);
    expect(separate(layer, spec(40, 31))).toBe(false);
  });

  test("as a row of a matrix, too", () => {
    expect(separate(layer, { ...spec(40, 40), b: f32(1, 40) })).toBe(true);
  });

  test("where the product has at most 128 terms, which are summed before the bias is added", () => {
    expect(separate(layer, spec(128, 40))).toBe(true);
    expect(separate(layer, spec(129, 40))).toBe(false);
  });

  test("in float32 only", () => {
    expect(separate(layer, { x: f64("rows", 40), w: f64(40, 40), b: f64(40) })).toBe(false);
  });

  test("and neither a matrix, nor a column, nor a multiple of a row does", () => {
    expect(separate(layer, { ...spec(40, 40), b: f32("rows", 40) })).toBe(false);
    expect(separate(layer, { ...spec(40, 40), b: f32("rows", 1) })).toBe(false);
    expect(separate(({ x, w, b }) => ops.sub(ops.matmul(x, w), b), spec(40, 40))).toBe(false);
  });

  test("in a session with several threads only", async () => {
    using program = await compile(layer, spec(40, 40), { threads: 2, sizes });
    expect([count("Gemm", program.model), count("Add", program.model)]).toStrictEqual([1, 0]);
  });
});
