import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { repeat } from "../loop.ts";
import * as ops from "../ops/index.ts";
import { simplify } from "../simplify.ts";
import { f32, f64, input, reachable, type Tensor } from "../tensor.ts";
import { planGemms } from "./gemm.ts";
import { findUsage } from "./usage.ts";

/** The Gemms and the other nodes (inputs and constants aside) that a graph becomes. */
function planned(...outputs: Tensor[]) {
  const simplified = simplify(outputs);
  const nodes = reachable(simplified);
  const { gemms, absorbed } = planGemms(
    nodes,
    findUsage(nodes, simplified, () => true),
    () => false,
  );
  const rest = nodes.filter((t) => !gemms.has(t) && !absorbed.has(t)).map(({ op }) => op.name);
  return { gemms: [...gemms.values()], rest: rest.filter((name) => name !== "input" && name !== "constant") };
}

const matrix = (label: string, ...shape: (number | string)[]) => input(label, { dtype: "f32", shape });
const x = matrix("x", "n", 4);
const w = matrix("w", 4, 3);
const b = matrix("b", 3);

describe("a single Gemm takes up", () => {
  test("a layer's bias", () => {
    const { gemms, rest } = planned(ops.add(ops.matmul(x, w), b));
    expect([gemms.length, rest]).toStrictEqual([1, []]);
    expect(gemms[0].addend).toStrictEqual({ tensor: b, beta: 1 });
  });

  test("a step of gradient descent", () => {
    const g = matrix("g", "n", 3);
    const step = ops.sub(w, ops.mul(ops.matmul(ops.transpose(x), g), 0.25));
    const { gemms, rest } = planned(step);
    expect(rest).toStrictEqual([]);
    expect(gemms).toMatchObject([{ alpha: -0.25, addend: { tensor: w, beta: 1 } }]);
  });

  test("the sum of two products and a bias, in two", () => {
    const [y, v] = [matrix("y", "n", 4), matrix("v", 4, 3)];
    const { gemms, rest } = planned(ops.add(ops.add(ops.matmul(x, w), ops.matmul(y, v)), b));
    expect([gemms.length, rest]).toStrictEqual([2, []]);
  });

  test("a multiple of what is added", () => {
    const { gemms, rest } = planned(ops.sub(ops.matmul(x, w), ops.mul(matrix("c", "n", 3), 2)));
    expect(gemms).toMatchObject([{ alpha: 1, addend: { beta: -2 } }]);
    expect(rest).toStrictEqual([]);
  });
});

describe("no Gemm takes up", () => {
  test("a product that is used elsewhere, or twice", () => {
    const product = ops.matmul(x, w);
    expect(planned(ops.add(product, b), product).gemms).toHaveLength(0);
    expect(planned(ops.add(product, product)).gemms).toHaveLength(0);
  });

  test("what is larger than the product", () => {
    expect(planned(ops.add(ops.matmul(matrix("r", 1, 4), w), matrix("c", "n", 3))).gemms).toHaveLength(0);
  });

  test("a factor that single precision does not hold, in float64", () => {
    const [p, q] = ["p", "q"].map((label) => input(label, { dtype: "f64", shape: [3, 3] }));
    expect(planned(ops.mul(ops.matmul(p, q), 0.1)).gemms).toHaveLength(0);
    expect(planned(ops.mul(ops.matmul(p, q), 0.5)).gemms).toHaveLength(1);
  });

  test("a factor of a product with one column", () => {
    expect(planned(ops.mul(ops.matmul(x, matrix("u", 4, 1)), 2)).gemms).toHaveLength(0);
  });
});

test("a product that does not change in a loop is not computed in it", async () => {
  using program = await compile(
    ({ a, c }) =>
      repeat(3, c, (carried) => ({ carried: ops.add(ops.matmul(a, a), ops.mul(carried, 2)) })).carried,
    { a: f32(2, 2), c: f32(2, 2) },
  );
  const { data } = await program.run({ a: Float32Array.of(1, 2, 3, 4), c: new Float32Array(4) });
  // c -> P + 2 c from 0 is 7 P after three iterations, P = a^2 = [[7, 10], [15, 22]].
  expect([...data]).toStrictEqual([49, 70, 105, 154]);
  const text = new TextDecoder("latin1").decode(program.model);
  expect(text).toContain("MatMul");
  expect(text).not.toContain("Gemm");
});

test("an empty batch gives what is added, or zeros", async () => {
  using program = await compile(
    ({ a, g, c }) => ({
      step: ops.sub(c, ops.mul(ops.matmul(ops.transpose(a), g), 0.5)),
      layer: ops.add(ops.matmul(a, c), 1),
    }),
    { a: f32("n", 2), g: f32("n", 3), c: f32(2, 3) },
  );
  const c = Float32Array.of(1, 2, 3, 4, 5, 6);
  const { step, layer } = await program.run({ a: new Float32Array(), g: new Float32Array(), c });
  expect(toNumbers(step)).toStrictEqual([...c]);
  expect(layer.shape).toStrictEqual([0, 3]);
});

/** A matrix in the graph and its numbers, computed beside it. */
interface Both {
  readonly tensor: Tensor;
  readonly rows: readonly (readonly number[])[];
}

type Instruction = readonly [kind: number, i: number, j: number];

const FACTORS = [2, -1, 0.1, -0.5, 3];

function zip(a: Both, b: Both, f: (p: number, q: number) => number) {
  return a.rows.map((row, i) => row.map((p, j) => f(p, (b.rows[i] ?? b.rows[0])[j])));
}

function multiply(a: Both, b: Both, transposeA: boolean, transposeB: boolean) {
  const at = (m: Both, i: number, k: number, t: boolean) => (t ? m.rows[k][i] : m.rows[i][k]);
  return a.rows.map((_, i) =>
    a.rows.map((_, j) =>
      a.rows.reduce((total, _, k) => total + at(a, i, k, transposeA) * at(b, k, j, transposeB), 0),
    ),
  );
}

/** Square matrices, each made of earlier ones: sums, differences, multiples, signs and products of all four kinds. */
function run(instructions: readonly Instruction[], leaves: readonly Both[], row: Both): Both[] {
  const values = [...leaves];
  for (const [kind, i, j] of instructions) {
    const [a, b] = [values[i % values.length], values[j % values.length]];
    if (kind === 0) values.push({ tensor: ops.add(a.tensor, b.tensor), rows: zip(a, b, (p, q) => p + q) });
    else if (kind === 1)
      values.push({ tensor: ops.sub(a.tensor, b.tensor), rows: zip(a, b, (p, q) => p - q) });
    else if (kind === 2)
      values.push({ tensor: ops.add(a.tensor, row.tensor), rows: zip(a, row, (p, q) => p + q) });
    else if (kind === 3) {
      const factor = FACTORS[j % FACTORS.length];
      values.push({ tensor: ops.mul(a.tensor, factor), rows: zip(a, a, (p) => factor * p) });
    } else if (kind === 4) values.push({ tensor: ops.neg(a.tensor), rows: zip(a, a, (p) => -p) });
    else {
      const [ta, tb] = [(kind & 1) === 1, (kind & 2) === 2];
      const flip = (t: Tensor, flipped: boolean) => (flipped ? ops.transpose(t) : t);
      const tensor = ops.matmul(flip(a.tensor, ta), flip(b.tensor, tb));
      values.push({ tensor, rows: multiply(a, b, ta, tb) });
    }
  }
  return values.slice(leaves.length);
}

const size = 3;
const numbers = (value: fc.Arbitrary<number>) =>
  fc.array(value, { minLength: size * size, maxLength: size * size });
const instruction = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.nat(20), fc.nat(20));
const unit = fc.integer({ min: -100, max: 100 }).map((n) => n / 100);
const wild = fc.oneof({ weight: 12, arbitrary: unit }, fc.constantFrom(Infinity, -Infinity, NaN, 0));

/** Programs of random instructions against the numbers beside them; outputs are the last value and one in between. */
async function assertSame(
  dtype: "f32" | "f64",
  instructions: readonly Instruction[],
  data: readonly number[][],
  tolerance: number,
) {
  const spec = dtype === "f32" ? f32 : f64;
  const typed = (values: readonly number[]) =>
    dtype === "f32" ? Float32Array.from(values) : Float64Array.from(values);
  const square = (values: readonly number[]) =>
    Array.from({ length: size }, (_, i) => values.slice(i * size, (i + 1) * size));
  const arrays = [data[0], data[1], data[2].slice(0, size)].map(typed);
  const results: Both[] = [];
  using program = await compile(
    ({ a, b, row }) => {
      const [p, q, r] = arrays.map((values) => square(Array.from(values)));
      const made = run(
        instructions,
        [
          { tensor: a, rows: p },
          { tensor: b, rows: q },
        ],
        { tensor: row, rows: [r[0]] },
      );
      results.push(made[made.length - 1], made[made.length >> 1]);
      return results.map(({ tensor }) => tensor);
    },
    { a: spec(size, size), b: spec(size, size), row: spec(size) },
  );
  const [a, b, row] = arrays;
  const outputs = await program.run({ a: array(a, [size, size]), b: array(b, [size, size]), row });
  outputs.forEach((output, k) => {
    const wanted = results[k].rows.flat();
    const scale = Math.max(1, ...wanted.filter(Number.isFinite).map(Math.abs));
    toNumbers(output).forEach((value, i) => {
      if (Number.isFinite(wanted[i])) expect(Math.abs(value - wanted[i])).toBeLessThan(tolerance * scale);
      else expect(value).toBe(wanted[i]);
    });
  });
}

describe("random sums, differences, multiples and products are what the numbers say", () => {
  test.each([
    ["f32", 1e-4],
    ["f64", 1e-12],
  ] as const)("%s", async (dtype, tolerance) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(instruction, { minLength: 3, maxLength: 7 }),
        fc.tuple(numbers(unit), numbers(unit), numbers(unit)),
        (instructions, data) => assertSame(dtype, instructions, data, tolerance),
      ),
      { seed: 20260102, numRuns: 120 },
    );
  });

  test("with infinities and NaN in them", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(instruction, { minLength: 2, maxLength: 5 }),
        fc.tuple(numbers(wild), numbers(wild), numbers(wild)),
        (instructions, data) => assertSame("f64", instructions, data, 1e-12),
      ),
      { seed: 20260103, numRuns: 120 },
    );
  });
});

test("the gradient of a layer's squared outputs, in closed form", async () => {
  const loss = ({ w, b }: { w: Tensor; b: Tensor }, x: Tensor) =>
    ops.sum(ops.square(ops.add(ops.matmul(x, w), b)));
  using program = await compile(
    ({ p, x }) => {
      const g = gradient(loss)(p, x);
      return { w: ops.sub(p.w, ops.mul(g.w, 0.5)), b: g.b };
    },
    { p: { w: f64(2, 1), b: f64(1) }, x: f64("n", 2) },
  );
  const result = await program.run({
    p: { w: Float64Array.of(0.5, -1), b: Float64Array.of(0.25) },
    x: Float64Array.of(1, 2, 3, 4),
  });
  // Outputs are -1.25 and -2.25; the gradient is 2 x^T outputs = (-16, -23) and -7.
  expect(toNumbers(result.w)).toStrictEqual([8.5, 10.5]);
  expect(toNumbers(result.b)).toStrictEqual([-7]);
});
