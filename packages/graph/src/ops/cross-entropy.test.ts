import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient, hessianVectorProduct, valueAndGradient } from "../differentiate.ts";
import { runtime as wasm } from "../runtime/browser.ts";
import { runtime as native } from "../runtime/node.ts";
import type { ArrayValue } from "../runtime/runtime.ts";
import { constant, f32, f64, i64, reachable, type Tensor } from "../tensor.ts";
import { trace } from "../trace.ts";
import { vmap } from "../vectorize.ts";
import { crossEntropy } from "./cross-entropy.ts";
import {
  assertDerivatives,
  assertSecondDerivatives,
  assertVectorized,
  atRandomSizes,
  type Case,
} from "./derivative-harness.ts";
import { mean, sum } from "./reduce.ts";
import { softmax } from "./softmax.ts";

/** Classes 0, 1, 0, ... for each of n rows. */
const classes = (n: number) => constant(BigInt64Array.from({ length: n }, (_, i) => BigInt(i % 2)));

const cases: readonly Case[] = [
  {
    name: "against classes",
    shapes: (n, m) => [[n, m + 1]],
    f: (z) => crossEntropy(z, classes(Number(z.shape[0]))),
  },
  {
    name: "against probabilities",
    shapes: (n, m) => [
      [n, m + 1],
      [n, m + 1],
    ],
    f: (z, t) => crossEntropy(z, softmax(t)),
  },
];

describe.each(cases)("derivatives of the cross-entropy $name", (c) => {
  test("of first order", () => atRandomSizes((sizes) => assertDerivatives(c, sizes)));
  test("of second order", () => atRandomSizes((sizes) => assertSecondDerivatives(c, sizes)));
});

test("over a leading axis, against probabilities", () =>
  atRandomSizes((sizes) => assertVectorized(cases[1], sizes)));

test("over a leading axis, against classes of each entry", async () => {
  using program = await compile(
    ({ z, y }) => ({
      each: vmap((p: { z: Tensor; y: Tensor }) => crossEntropy(p.z, p.y))({ z, y }),
      all: crossEntropy(z, y),
    }),
    {
      z: f64(2, 3, 4),
      y: i64(2, 3),
    },
  );
  const { each, all } = await program.run({
    z: Float64Array.from({ length: 24 }, (_, i) => Math.sin(7 * i)),
    y: BigInt64Array.of(0n, 1n, 2n, 3n, 2n, 1n),
  });
  expect(each.shape).toStrictEqual([2, 3]);
  expect(toNumbers(each)).toStrictEqual(toNumbers(all));
});

describe.each([
  ["f32", f32, 2e-7, (values: number[]) => Float32Array.from(values)],
  ["f64", f64, 2e-16, (values: number[]) => Float64Array.from(values)],
] as const)("%s", (_, spec, epsilon, data) => {
  test("value, gradient and Hessian of three logits in closed form", async () => {
    const loss = (z: Tensor, y: Tensor) => sum(crossEntropy(z, y));
    using program = await compile(
      ({ z, v, y }) => ({ ...valueAndGradient(loss)(z, y), product: hessianVectorProduct(loss)(z, v, y) }),
      { z: spec(1, 3), v: spec(1, 3), y: i64(1) },
    );
    const { value, gradient, product } = await program.run({
      z: data([0, Math.log(2), Math.log(5)]),
      v: data([1, 0, -1]),
      y: BigInt64Array.of(1n),
    });
    // Probabilities are 1/8, 2/8, 5/8; the Hessian is diag(p) - p p^T, and p . v = -1/2.
    const near = (actual: number[], wanted: number[]) =>
      actual.forEach((a, i) => {
        expect(Math.abs(a - wanted[i])).toBeLessThan(4 * epsilon);
      });
    near(toNumbers(value), [Math.log(4)]);
    near(toNumbers(gradient), [1 / 8, -6 / 8, 5 / 8]);
    near(toNumbers(product), [3 / 16, 2 / 16, -5 / 16]);
  });

  test("logits of any size", async () => {
    using program = await compile(
      ({ z, y, t }) => ({
        losses: crossEntropy(z, y),
        same: crossEntropy(z, t),
        slope: gradient((x: Tensor) => sum(crossEntropy(x, y)))(z),
      }),
      { z: spec(2, 3), y: i64(2), t: spec(2, 3) },
    );
    const { losses, same, slope } = await program.run({
      z: data([1e4, 0, -1e4, 1e4, 0, -1e4]),
      y: BigInt64Array.of(0n, 2n),
      t: data([1, 0, 0, 0, 0, 1]),
    });
    // Adding 0 makes -0 and 0 the same.
    const plain = (values: ArrayValue) => toNumbers(values).map((v) => v + 0);
    expect(plain(losses)).toStrictEqual([0, 2e4]);
    expect(plain(same)).toStrictEqual([0, 2e4]);
    expect(plain(slope)).toStrictEqual([0, 0, 0, 1, 0, -1]);
  });
});

test("the gradient needs no sum over classes", () => {
  const traced = trace(({ z, y }) => gradient((x: Tensor) => mean(crossEntropy(x, y)))(z), {
    z: f32("n", 10),
    y: i64("n"),
  });
  const names = reachable(traced.outputs.map(({ tensor }) => tensor)).map(({ op }) => op.name);
  expect(names).not.toContain("sum");
  expect(names.filter((name) => name === "logSoftmax" || name === "exp")).toHaveLength(2);
});

test.each([
  ["native", native],
  ["WebAssembly", wasm],
])("a class that does not exist is refused (%s)", async (_, runtime) => {
  using program = await compile(
    ({ z, y }) => crossEntropy(z, y),
    { z: f32("n", 3), y: i64("n") },
    { runtime },
  );
  const z = array(Float32Array.of(1, 2, 3, 1, 2, 3), [2, 3]);
  for (const wrong of [3n, -1n, -3n, -4n])
    await expect(program.run({ z, y: BigInt64Array.of(0n, wrong) })).rejects.toThrow(
      /must be an index from 0 to 2 for crossEntropy, got/,
    );
  const losses = toNumbers(await program.run({ z, y: BigInt64Array.of(0n, 2n) }));
  expect(losses[0] - losses[1]).toBeCloseTo(2, 6);
});

test("targets that do not fit are refused", () => {
  const refuse = (y: ReturnType<typeof i64>) => () =>
    trace(({ z, t }) => crossEntropy(z, t), { z: f32(4, 3), t: y });
  expect(refuse(i64(3))).toThrow("crossEntropy: expected logits [..., classes]");
});
