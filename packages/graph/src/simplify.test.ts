import { expect, test } from "vitest";
import { compile } from "./compile.ts";
import { gradient } from "./differentiate.ts";
import * as ops from "./ops/index.ts";
import { simplify } from "./simplify.ts";
import { f64, flattenTensors, i64, input, reachable, scalar, scalarValue, type Tensor } from "./tensor.ts";
import { trace } from "./trace.ts";

const x = () => input("x", { dtype: "f64", shape: ["n", 3] });
const names = (t: Tensor) => reachable(simplify([t])).map((node) => node.op.name);

test("equal subexpressions become one node", () => {
  const a = x();
  expect(names(ops.add(ops.exp(ops.mul(a, a)), ops.exp(ops.mul(a, a)))).sort()).toStrictEqual([
    "add",
    "exp",
    "input",
    "mul",
  ]);
});

test("neutral elements, double negations and repeated casts go", () => {
  const a = x();
  const same = [
    ops.mul(a, 1),
    ops.add(a, 0),
    ops.sub(a, ops.mul(a, 0)),
    ops.neg(ops.neg(a)),
    ops.div(a, 1),
    ops.identity(a),
    ops.reshape(ops.reshape(a, [3, "n"]), ["n", 3]),
    ops.transpose(ops.transpose(a)),
    ops.broadcastTo(a, ["n", 3]),
  ];
  for (const t of same) expect(simplify([t])[0]).toBe(a);
});

test("0 and -0 stay apart, and x + 0 is not taken for x where x repeats", () => {
  const [zero, minusZero] = simplify([scalar(0, "f64"), scalar(-0, "f64")]);
  expect([scalarValue(zero), scalarValue(minusZero)]).toStrictEqual([0, -0]);
  const row = input("row", { dtype: "f64", shape: [3] });
  const repeated = simplify([ops.add(row, ops.broadcastTo(ops.sum(ops.mul(row, 0)), [2, 3]))])[0];
  expect(repeated.shape).toStrictEqual([2, 3]);
});

test("transposes fold into matrix products and broadcasts into elementwise operations", () => {
  const a = x();
  expect(names(ops.matmul(ops.transpose(a), a)).sort()).toStrictEqual(["input", "matmul"]);
  const row = input("row", { dtype: "f64", shape: [3] });
  expect(names(ops.mul(a, ops.broadcastTo(row, ["n", 3])))).not.toContain("broadcastTo");
});

test("a sum that loses its axes of one entry goes over them, and is not reshaped", () => {
  const a = input("a", { dtype: "f32", shape: ["n", 8, 1, 1] });
  const [bias] = simplify([ops.reshape(ops.sum(a, { axes: [0] }), [8])]);
  expect(names(bias)).toStrictEqual(["input", "sum"]);
  expect(bias.shape).toStrictEqual([8]);
  expect(names(ops.reshape(ops.sum(a, { axes: [0] }), [4, 2]))).toStrictEqual(["input", "sum", "reshape"]);
  expect(names(ops.reshape(ops.sum(a, { axes: [1] }), ["n"]))).toStrictEqual(["input", "sum"]);
  const row = input("row", { dtype: "f32", shape: [3, 4, 1] });
  const [kept] = simplify([ops.reshape(ops.sum(row, { axes: [1], keepDims: true }), [3])]);
  expect(kept.shape).toStrictEqual([3]);
});

test("a simplified graph computes what the graph says", async () => {
  const f = ({ a, b }: { a: Tensor; b: Tensor }) => {
    const h = ops.tanh(ops.add(ops.matmul(a, b), ops.mul(ops.sum(b, { axes: 0 }), 1)));
    return ops.mean(ops.square(ops.sub(h, ops.mul(2, ops.mul(0.5, ops.neg(ops.neg(h)))))));
  };
  const g = (p: { a: Tensor; b: Tensor }) => ops.add(f(p), ops.sum(ops.square(ops.matmul(p.a, p.b))));
  using program = await compile((p) => ({ g: g(p), d: gradient(g)(p) }), { a: f64("n", 2), b: f64(2, 3) });
  const a = Float64Array.of(1, -2, 0.5, 3);
  const b = Float64Array.of(0.1, 0.2, -0.3, 0.4, 0.5, 0.6);
  const product = (i: number, j: number) => a[2 * i] * b[j] + a[2 * i + 1] * b[3 + j];
  let expected = 0;
  for (let i = 0; i < 2; i++) for (let j = 0; j < 3; j++) expected += product(i, j) ** 2;
  const { g: value, d } = await program.run({ a, b });
  expect(Number(value.data[0])).toBeCloseTo(expected, 13);
  for (let k = 0; k < 2; k++) {
    let want = 0;
    for (let j = 0; j < 3; j++) want += 2 * product(0, j) * b[3 * k + j];
    expect(Number(d.a.data[k])).toBeCloseTo(want, 13);
  }
});

test("the gradient of a mean leaves no Expand and no run-time shape but the divisor", () => {
  const traced = trace(
    ({ w, x, y }) => gradient((v: Tensor) => ops.mean(ops.square(ops.sub(ops.matmul(x, v), y))))(w),
    {
      w: f64(3, 1),
      x: f64("n", 3),
      y: f64("n", 1),
    },
  );
  const kinds = reachable(flattenTensors(traced.outputs.map((o) => o.tensor)).leaves).map((t) => t.op.name);
  expect(kinds).not.toContain("broadcastTo");
  expect(kinds.filter((k) => k === "size")).toHaveLength(1);
  expect(kinds.filter((k) => k === "matmul")).toHaveLength(2);
});

test("integers are subtracted from 0 and multiplied by -1 as they are", async () => {
  const both = (x: Tensor) => ({ difference: ops.sub(0, x), product: ops.mul(x, -1) });
  using program = await compile(both, i64(2));
  const { difference, product } = await program.run(BigInt64Array.of(3n, -5n));
  expect([...difference.data, ...product.data]).toEqual([-3n, 5n, -3n, 5n]);
});
