import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient, hessianVectorProduct } from "../differentiate.ts";
import * as ops from "../ops/index.ts";
import { simplify } from "../simplify.ts";
import { f32, f64, input, reachable, type Tensor } from "../tensor.ts";

const a = input("a", { dtype: "f64", shape: ["n", 3] });
const b = input("b", { dtype: "f64", shape: ["n", 3] });
const row = input("row", { dtype: "f64", shape: [3] });
const names = (t: Tensor) =>
  reachable(simplify([t]))
    .map(({ op }) => op.name)
    .filter((name) => name !== "input")
    .sort();

describe("signs", () => {
  test("become differences behind products, quotients and sums", () => {
    expect(names(ops.add(a, ops.mul(b, ops.neg(ops.mul(a, b)))))).toStrictEqual(["mul", "mul", "sub"]);
    expect(names(ops.sub(a, ops.div(ops.neg(b), a)))).toStrictEqual(["add", "div"]);
    expect(names(ops.sub(row, ops.sum(ops.neg(a), { axes: 0 })))).toStrictEqual(["add", "sum"]);
    expect(names(ops.add(row, ops.matmul(ops.transpose(a), ops.neg(b))))).not.toContain("neg");
  });

  test("meet and vanish", () => {
    expect(names(ops.mul(ops.neg(a), ops.neg(b)))).toStrictEqual(["mul"]);
    expect(names(ops.neg(ops.mul(ops.neg(a), b)))).toStrictEqual(["mul"]);
    expect(names(ops.mul(ops.neg(a), 0.3))).toStrictEqual(["constant", "mul"]);
  });

  test("stay on the smaller operand", () => {
    const product = simplify([ops.mul(ops.neg(row), a)])[0];
    expect(product.op.name).toBe("mul");
  });
});

test("a Hessian-vector product through tanh has no sign of its own", () => {
  const loss = (x: Tensor) => ops.sum(ops.square(ops.mul(ops.tanh(x), b)));
  const product = hessianVectorProduct(loss)(a, b);
  expect(names(product)).not.toContain("neg");
});

/** A value in the graph and its numbers beside it, all of one length. */
interface Both {
  readonly tensor: Tensor;
  readonly values: readonly number[];
}

/** Each instruction makes a value of two earlier ones. */
function run(instructions: readonly (readonly [number, number, number])[], leaves: readonly Both[]): Both[] {
  const all = [...leaves];
  const pair = (
    p: Both,
    q: Both,
    op: (x: Tensor, y: Tensor) => Tensor,
    f: (x: number, y: number) => number,
  ): Both => ({ tensor: op(p.tensor, q.tensor), values: p.values.map((x, i) => f(x, q.values[i])) });
  for (const [kind, i, j] of instructions) {
    const [p, q] = [all[i % all.length], all[j % all.length]];
    if (kind < 3) all.push({ tensor: ops.neg(p.tensor), values: p.values.map((x) => -x) });
    else if (kind === 3) all.push(pair(p, q, ops.add, (x, y) => x + y));
    else if (kind === 4) all.push(pair(p, q, ops.sub, (x, y) => x - y));
    else if (kind === 5) all.push(pair(p, q, ops.mul, (x, y) => x * y));
    else if (kind === 6) all.push(pair(p, q, ops.div, (x, y) => x / y));
    else all.push({ tensor: ops.mul(p.tensor, -0.5), values: p.values.map((x) => -0.5 * x) });
  }
  return all.slice(leaves.length);
}

const wild = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -8, max: 8 }).map((n) => n / 4) },
  fc.constantFrom(Infinity, -Infinity, NaN),
);

test.each([
  ["f32", f32],
  ["f64", f64],
] as const)("random expressions with infinities and NaN keep their values, %s", async (dtype, spec) => {
  const leaf = fc.array(wild, { minLength: 4, maxLength: 4 });
  const instruction = fc.tuple(fc.integer({ min: 0, max: 7 }), fc.nat(20), fc.nat(20));
  await fc.assert(
    fc.asyncProperty(
      fc.array(instruction, { minLength: 3, maxLength: 9 }),
      leaf,
      leaf,
      async (instructions, p, q) => {
        const made: Both[] = [];
        using program = await compile(
          ({ x, y }) => {
            const values = run(instructions, [
              { tensor: x, values: p },
              { tensor: y, values: q },
            ]);
            made.push(values[values.length - 1], values[values.length >> 1]);
            return made.map(({ tensor }) => tensor);
          },
          { x: spec(4), y: spec(4) },
        );
        const typed = (values: readonly number[]) =>
          dtype === "f32" ? Float32Array.from(values) : Float64Array.from(values);
        const outputs = await program.run({ x: typed(p), y: typed(q) });
        outputs.forEach((output, k) => {
          toNumbers(output).forEach((value, i) => {
            const wanted = made[k].values[i];
            if (Number.isFinite(wanted) && Math.abs(wanted) < 1e30)
              expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(wanted)));
            else if (!Number.isFinite(wanted)) expect(value).toBe(wanted);
          });
        });
      },
    ),
    { seed: 20260104, numRuns: 150 },
  );
});

test("derivatives through signs, in closed form", async () => {
  // f = -sum(x (-(x y))) = sum(x^2 y): df/dx = 2 x y.
  const f = (x: Tensor, y: Tensor) => ops.neg(ops.sum(ops.mul(x, ops.neg(ops.mul(x, y)))));
  using program = await compile(({ x, y }) => gradient(f)(x, y), { x: f64(3), y: f64(3) });
  const result = await program.run({ x: Float64Array.of(1, -2, 0.5), y: Float64Array.of(3, 0.25, -4) });
  expect(toNumbers(result)).toStrictEqual([6, -1, -4]);
});
