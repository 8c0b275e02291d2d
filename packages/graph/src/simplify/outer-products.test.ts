import { expect, test } from "vitest";
import { toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import * as ops from "../ops/index.ts";
import { simplify } from "../simplify.ts";
import { f64, flattenTensors, input, mapTensors, reachable, type Tensor } from "../tensor.ts";
import { trace } from "../trace.ts";
import { vmap } from "../vectorize.ts";

type Layer = { readonly w: Tensor; readonly v: Tensor };

/** A network's loss on one row. */
const loss = ({ w, v }: Layer, x: Tensor) =>
  ops.sum(ops.square(ops.matmul(ops.tanh(ops.matmul(ops.expandDims(x, 0), w)), v)));
const byRow = (layer: Layer, x: Tensor) => vmap((row: Tensor) => gradient(loss)(layer, row))(x);
const signature = { layer: { w: f64(2, 3), v: f64(3, 2) }, x: f64("rows", 2) };
const layer = {
  w: Float64Array.of(0.3, -1, 0.2, 0.8, 0.1, -0.5),
  v: Float64Array.of(1, 2, -1, 0.5, 0.3, -2),
};
const x = Float64Array.of(1, 2, -0.5, 0.3, 2, -1, 0.1, 0.7);

test("sums over rows of outer products and of their squares form no row's product", () => {
  const { outputs } = trace(({ layer, x }) => {
    const rows = byRow(layer, x);
    return [
      mapTensors((g) => ops.sum(g, { axes: 0 }), rows),
      mapTensors((g) => ops.sum(ops.square(g), { axes: 0 }), rows),
    ];
  }, signature);
  const formed = reachable(simplify(outputs.map(({ tensor }) => tensor))).filter(
    ({ shape: [rows, m, n] }) => rows === "rows" && Number(m) > 1 && Number(n) > 1,
  );
  expect(formed).toStrictEqual([]);
});

test("they are the numbers that the rows give one by one", async () => {
  using sums = await compile(({ layer, x }) => {
    const rows = byRow(layer, x);
    return [
      ...flattenTensors(mapTensors((g) => ops.sum(g, { axes: 0 }), rows)).leaves,
      ...flattenTensors(mapTensors((g) => ops.sum(ops.square(g), { axes: 0 }), rows)).leaves,
    ];
  }, signature);
  using single = await compile(({ layer, x }) => flattenTensors(gradient(loss)(layer, x)).leaves, {
    layer: signature.layer,
    x: f64(2),
  });
  const given = {
    w: { dtype: "f64", shape: [2, 3], data: layer.w },
    v: { dtype: "f64", shape: [3, 2], data: layer.v },
  } as const;
  const expected = Array.from({ length: 4 }, () => new Float64Array(6));
  for (let i = 0; i < 4; i++) {
    const own = await single.run({ layer: given, x: x.slice(2 * i, 2 * i + 2) });
    for (const [k, g] of own.entries())
      for (const [j, value] of toNumbers(g).entries()) {
        expected[k][j] += value;
        expected[k + 2][j] += value * value;
      }
  }
  const measured = await sums.run({ layer: given, x: { dtype: "f64", shape: [4, 2], data: x } });
  for (const [k, m] of measured.entries())
    for (const [j, value] of toNumbers(m).entries()) expect(value).toBeCloseTo(expected[k][j], 12);
});

test("other sums of products stay as they are", () => {
  const a = input("a", { dtype: "f64", shape: [4, 2, 1] });
  const b = input("b", { dtype: "f64", shape: [4, 1, 3] });
  const wide = input("wide", { dtype: "f64", shape: [4, 2, 3] });
  const product = ops.matmul(a, b);
  const last = (t: Tensor) => simplify([t])[0];
  expect(last(ops.sum(product, { axes: 0 })).op.name).toBe("matmul");
  expect(last(ops.sum(product, { axes: 1 })).op.name).toBe("sum");
  expect(last(ops.sum(product, { axes: 0, keepDims: true })).op.name).toBe("sum");
  expect(last(ops.sum(ops.matmul(wide, ops.transpose(wide, [0, 2, 1])), { axes: 0 })).op.name).toBe("sum");
});
