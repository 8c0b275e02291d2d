import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { ShapeError, TypeMismatchError } from "../errors.ts";
import { f64, input, type Tensor } from "../tensor.ts";
import {
  assertDerivatives,
  assertSecondDerivatives,
  assertVectorized,
  atRandomSizes,
  type Case,
  evaluate,
} from "./derivative-harness.ts";
import * as ops from "./index.ts";

const cube = (n: number, m: number, k: number) => [[n, m, k]];
const long = (n: number, m: number) => [[n + 4, m]];

const cases: readonly Case[] = [
  {
    name: "concat",
    shapes: (n, m, k) => [
      [n, m],
      [k, m],
      [1, m],
    ],
    f: (...x) => ops.concat(x),
  },
  {
    name: "concat, last axis",
    shapes: (n, m, k) => [
      [2, n, m],
      [2, n, k],
    ],
    f: (...x) => ops.concat(x, { axis: -1 }),
  },
  { name: "concat with itself", shapes: (n, m) => [[n, m]], f: (x) => ops.concat([x, x]) },
  {
    name: "stack",
    shapes: (n, m) => [
      [n, m],
      [n, m],
    ],
    f: (...x) => ops.stack(x, { axis: 1 }),
  },
  { name: "slice", shapes: long, f: (x) => ops.slice(x, { start: 1, end: -1 }) },
  { name: "slice with a step", shapes: long, f: (x) => ops.slice(x, { start: 1, step: 3 }) },
  { name: "slice backwards", shapes: long, f: (x) => ops.slice(x, { start: -2, end: 0, step: -2 }) },
  { name: "empty slice", shapes: long, f: (x) => ops.slice(x, { start: 3, end: 2 }) },
  {
    name: "slice over several axes",
    shapes: (n, m) => [[n + 4, m, 5]],
    f: (x) =>
      ops.slice(x, [
        { axis: 0, step: 2 },
        { axis: -1, start: 3, step: -1 },
      ]),
  },
  {
    name: "split",
    shapes: (n) => [[2, n + 1]],
    f: (x) => {
      const [a, b] = ops.split(x, [1, Number(x.shape[1]) - 1], { axis: 1 });
      return ops.concat([ops.mul(b, ops.sin(a)), a], { axis: 1 });
    },
  },
  { name: "flip", shapes: cube, f: (x) => ops.flip(x, [0, -1]) },
  { name: "flip all", shapes: cube, f: (x) => ops.flip(x) },
  {
    name: "pad",
    shapes: (n, m) => [[n, m]],
    f: (x) =>
      ops.pad(
        x,
        [
          [1, 0],
          [2, 3],
        ],
        { value: 2 },
      ),
  },
  {
    name: "circular pad",
    shapes: (n, m) => [[n + 1, m]],
    f: (x) =>
      ops.pad(
        x,
        [
          [2, 1],
          [0, 1],
        ],
        { mode: "circular" },
      ),
  },
];

describe("derivatives against central differences, and the rule for a leading axis", () => {
  test.each(cases.map((c) => [c.name, c] as const))("%s", async (_, c) => {
    await atRandomSizes((sizes) => assertDerivatives(c, sizes));
    await atRandomSizes((sizes) => assertSecondDerivatives(c, sizes), 2);
    await atRandomSizes((sizes) => assertVectorized(c, sizes), 2);
  });
});

describe("values against arrays of JavaScript", () => {
  const row = (values: readonly number[]) => array(Float64Array.from(values));
  const bound = fc.option(fc.integer({ min: -8, max: 8 }), { nil: undefined });

  test("a slice forwards is every step-th entry of Array.slice; backwards it mirrors a slice of the mirrored array", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 6 }),
        bound,
        bound,
        fc.integer({ min: 1, max: 3 }),
        async (size, start, end, step) => {
          const values = Array.from({ length: size }, (_, i) => i + 1);
          const forwards = values.slice(start, end).filter((_, i) => i % step === 0);
          const result = await evaluate((x) => ops.slice(x, { start, end, step }), [row(values)]);
          expect(toNumbers(result)).toStrictEqual(forwards);
          // The place -1 - i counts from one end what i counts from the other.
          const mirrored = (i: number | undefined) => (i === undefined ? undefined : -1 - i);
          const backwards = await evaluate(
            (x) => ops.slice(ops.flip(x), { start: mirrored(start), end: mirrored(end), step: -step }),
            [row(values)],
          );
          expect(toNumbers(backwards)).toStrictEqual(forwards);
        },
      ),
      { seed: 20260102, numRuns: 60 },
    );
  });

  test("pads", async () => {
    const x = row([1, 2, 3]);
    expect(toNumbers(await evaluate((v) => ops.pad(v, [[1, 2]], { value: 9 }), [x]))).toStrictEqual([
      9, 1, 2, 3, 9, 9,
    ]);
    expect(toNumbers(await evaluate((v) => ops.pad(v, [[2, 3]], { mode: "circular" }), [x]))).toStrictEqual([
      2, 3, 1, 2, 3, 1, 2, 3,
    ]);
    expect(toNumbers(await evaluate((v) => ops.pad(v, [[0, 0]]), [x]))).toStrictEqual([1, 2, 3]);
  });

  test("axes of one entry stay as they are", () => {
    const x = input("x", f64(3, 1, 2));
    expect(ops.flip(x, 1)).toBe(x);
    expect(ops.flip(x).attributes).toStrictEqual({ axes: [0, 2] });
  });

  test("integers and booleans are assembled too", async () => {
    const integers = array(BigInt64Array.of(1n, 2n, 3n));
    const f = (v: Tensor) => ops.concat([ops.flip(v), ops.pad(ops.slice(v, { start: 1 }), [[1, 0]])]);
    expect(toNumbers(await evaluate(f, [integers]))).toStrictEqual([3, 2, 1, 0, 2, 3]);
    expect(toNumbers(await evaluate(f, [array(Uint8Array.of(1, 0, 1))]))).toStrictEqual([1, 0, 1, 0, 0, 1]);
  });
});

describe("named dimensions", () => {
  test("stay beside the axis that is cut, joined or padded, down to no entries at all", async () => {
    const f = (x: Tensor) => {
      const [left, right] = ops.split(x, 2, { axis: 1 });
      const joined = ops.concat([ops.flip(right, 0), left, ops.slice(x, { axis: 1, step: -2 })], { axis: 1 });
      return ops.pad(joined, [
        [0, 0],
        [1, 1],
      ]);
    };
    using program = await compile(
      ({ x }) => ({ value: f(x), gradient: gradient((v: Tensor) => ops.sum(ops.square(f(v))))(x) }),
      { x: f64("batch", 4) },
    );
    const { value, gradient: slope } = await program.run({ x: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
    expect(value.shape).toStrictEqual([2, 8]);
    expect(toNumbers(value)).toStrictEqual([0, 7, 8, 1, 2, 4, 2, 0, 0, 3, 4, 5, 6, 8, 6, 0]);
    // Every entry appears once, the even ones twice.
    expect(toNumbers(slope)).toStrictEqual([2, 8, 6, 16, 10, 24, 14, 32]);
    const none = await program.run({ x: array(new Float64Array(0), [0, 4]) });
    expect(none.value.shape).toStrictEqual([0, 8]);
    expect(none.gradient.shape).toStrictEqual([0, 4]);
  });

  test("a size that only a run knows can be joined, and not cut, split or padded", () => {
    const x = input("x", f64("batch", 4));
    expect(ops.concat([x, x, input("y", f64(3, 4))]).shape).toStrictEqual(["2*batch+3", 4]);
    expect(() => ops.slice(x, { start: 1 })).toThrow(ShapeError);
    expect(() => ops.split(x, 2)).toThrow(/does not split into 2 equal parts/);
    for (const mode of ["constant", "circular"] as const)
      expect(() =>
        ops.pad(
          x,
          [
            [1, 0],
            [0, 0],
          ],
          { mode },
        ),
      ).toThrow(ShapeError);
  });
});

test("what does not fit is refused by name", () => {
  const x = input("x", f64(2, 4));
  expect(() => ops.concat([])).toThrow(/concat: expected at least one tensor/);
  expect(() => ops.concat([x, input("y", f64(2, 5))])).toThrow(/must be equal except in dimension 0/);
  expect(() => ops.concat([x, ops.cast(x, "f32")])).toThrow(TypeMismatchError);
  expect(() => ops.stack([x, input("y", f64(2, 5))])).toThrow(/stack: shapes must be equal/);
  expect(() => ops.slice(x, { step: 0 })).toThrow(/step must be an integer other than 0/);
  expect(() => ops.slice(x, { start: 0.5 })).toThrow(/bounds must be integers, got 0.5/);
  expect(() => ops.slice(x, [{ axis: 0 }, { axis: -2 }])).toThrow(/axis 0 is repeated/);
  expect(() => ops.split(x, 3, { axis: 1 })).toThrow(/dimension 1 of \[2, 4\] does not split/);
  for (const parts of [-1, Number.NaN, 1.5, 0, 2 ** 50])
    expect(() => ops.split(x, parts)).toThrow(`does not split into ${parts} equal parts`);
  expect(() => ops.pad(x, [[1, 1]])).toThrow(/two non-negative integers for each dimension/);
  expect(() =>
    ops.pad(
      x,
      [
        [3, 0],
        [0, 0],
      ],
      { mode: "circular" },
    ),
  ).toThrow(/circular padding \[3, 0\]/);
});
