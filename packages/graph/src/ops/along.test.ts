import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { TypeMismatchError } from "../errors.ts";
import { constant, f32, f64, i64, input, type Tensor } from "../tensor.ts";
import { vmap } from "../vectorize.ts";
import {
  assertDerivatives,
  assertSecondDerivatives,
  assertVectorized,
  atRandomSizes,
  type Case,
  evaluate,
} from "./derivative-harness.ts";
import * as ops from "./index.ts";

const integers = (rows: number, ...values: readonly number[]) =>
  constant(BigInt64Array.from(values, BigInt), [rows, values.length / rows]);

const cases: readonly Case[] = [
  {
    name: "takeAlong, last axis",
    shapes: (n) => [[2, n + 2]],
    f: (x) => ops.takeAlong(x, integers(2, 0, 1, 1, 2, 2, 2, 0, 0)),
  },
  {
    name: "takeAlong, first axis",
    shapes: (n) => [[n + 1, 3]],
    f: (x) => ops.takeAlong(x, integers(2, 0, 1, 1, 1, 1, 0), { axis: 0 }),
  },
  {
    name: "scatterAddAlong",
    shapes: () => [[2, 3]],
    f: (u) => ops.scatterAddAlong(integers(2, 0, 1, 1, 3, 3, 3), u, 1, 4),
  },
];

describe("derivatives against central differences, and the rule for a leading axis", () => {
  test.each(cases.map((c) => [c.name, c] as const))("%s", async (_, c) => {
    await atRandomSizes((sizes) => assertDerivatives(c, sizes));
    await atRandomSizes((sizes) => assertSecondDerivatives(c, sizes), 2);
    await atRandomSizes((sizes) => assertVectorized(c, sizes), 2);
  });
});

test("takes from each row of a batch, repeated places add up in the gradient, and no rows give none", async () => {
  const taken = (x: Tensor, at: Tensor) => ops.takeAlong(x, at);
  using program = await compile(
    ({ x, at }) => ({
      value: taken(x, at),
      slope: gradient((v: Tensor) => ops.sum(ops.square(taken(v, at))))(x),
    }),
    { x: f32("n", 3), at: i64("n", 2) },
  );
  const { value, slope } = await program.run({
    x: Float32Array.of(1, 2, 3, 4, 5, 6),
    at: Int32Array.of(2, 2, 0, 1),
  });
  expect(toNumbers(value)).toStrictEqual([3, 3, 4, 5]);
  expect(toNumbers(slope)).toStrictEqual([0, 0, 12, 8, 10, 0]);
  const none = await program.run({
    x: array(new Float32Array(0), [0, 3]),
    at: array(new BigInt64Array(0), [0, 2]),
  });
  expect(none.value.shape).toStrictEqual([0, 2]);
  expect(none.slope.shape).toStrictEqual([0, 3]);
});

test("indices of each entry under vmap, with a shared row and with a row of each entry", async () => {
  const at = array(BigInt64Array.of(0n, 2n, 1n, 1n), [2, 2]);
  const shared = array(Float64Array.of(10, 20, 30));
  const own = array(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
  const f = (row: Tensor, places: Tensor) => ops.takeAlong(row, places);
  const withShared = (row: Tensor, all: Tensor) => vmap((places: Tensor) => f(row, places))(all);
  expect(toNumbers(await evaluate(withShared, [shared, at]))).toStrictEqual([10, 30, 20, 20]);
  const withOwn = (rows: Tensor, all: Tensor) =>
    vmap((pair: { row: Tensor; places: Tensor }) => f(pair.row, pair.places))({ row: rows, places: all });
  expect(toNumbers(await evaluate(withOwn, [own, at]))).toStrictEqual([1, 3, 5, 5]);
});

test("what does not fit is refused by name", () => {
  const x = input("x", f64(2, 3));
  expect(() => ops.takeAlong(x, x)).toThrow(TypeMismatchError);
  expect(() => ops.takeAlong(x, input("i", i64(3, 1)))).toThrow(
    /takeAlong: shapes must be equal except in dimension 1, got \[2, 3\] and indices \[3, 1\]/,
  );
  expect(() => ops.takeAlong(x, input("i", i64(2)))).toThrow(/equal except in dimension 1/);
});
