import fc from "fast-check";
import { expect } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient, hessianVectorProduct, jvp, vjp } from "../differentiate.ts";
import type { ArrayValue, Runtime } from "../runtime/runtime.ts";
import { sizeOfShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { vmap } from "../vectorize.ts";
import { add, mul } from "./arithmetic.ts";
import { concat } from "./concat.ts";
import { sum } from "./reduce.ts";
import { reshape } from "./shape.ts";
import { sin } from "./unary.ts";

/** Where the inputs of an operation may lie: away from kinks and poles by more than the step of the differences. */
export type Domain = "any" | "positive" | "awayFromZero" | "aboveMinusOne";

/** An operation with what the tests of derivatives need to know of it. */
export interface Case {
  readonly name: string;
  /** Shapes of the inputs for some sizes. */
  readonly shapes: (n: number, m: number, k: number) => readonly (readonly number[])[];
  readonly f: (...inputs: readonly Tensor[]) => Tensor;
  readonly domain?: Domain;
}

export const matrix = (n: number, m: number) => [[n, m]];

/** Uniform numbers in [0, 1): splitmix-like, seeded. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
  };
}

function sample(domain: Domain, next: () => number): number {
  const u = next() * 2 - 1;
  if (domain === "positive") return 0.3 + Math.abs(u) * 2;
  if (domain === "awayFromZero") return Math.sign(u || 1) * (0.25 + Math.abs(u));
  if (domain === "aboveMinusOne") return -0.6 + Math.abs(u) * 2;
  return 1.5 * u;
}

/** A float64 array of numbers of a domain. */
export function randomArray(
  shape: readonly number[],
  next: () => number,
  domain: Domain = "any",
): ArrayValue {
  const length = shape.reduce((a, b) => a * b, 1);
  return array(
    Float64Array.from({ length }, () => sample(domain, next)),
    shape,
  );
}

/** f of arrays, run once. */
export async function evaluate(
  f: (...inputs: readonly Tensor[]) => Tensor,
  inputs: readonly ArrayValue[],
  runtime?: Runtime,
): Promise<ArrayValue> {
  const specs = inputs.map(({ dtype, shape }) => ({ dtype, shape }));
  using program = await compile(({ x }) => f(...x), { x: specs }, { runtime });
  return await program.run({ x: inputs });
}

const shifted = (x: ArrayValue, t: ArrayValue, step: number): ArrayValue =>
  array(
    Float64Array.from(x.data as Float64Array, (v, i) => v + step * Number(t.data[i])),
    x.shape,
  );

const inner = (a: ArrayValue, b: ArrayValue) => {
  const other = toNumbers(b);
  return toNumbers(a).reduce((total, v, i) => total + v * other[i], 0);
};

const magnitude = (...values: readonly ArrayValue[]) =>
  Math.max(1, ...values.flatMap((value) => toNumbers(value).map(Math.abs)));

function drawArguments({ shapes, domain = "any" }: Case, [n, m, k, seed]: Sizes) {
  const next = numbers(seed);
  const x = shapes(n, m, k).map((shape) => randomArray(shape, next, domain));
  const t = x.map(({ shape }) => randomArray(shape, next));
  return { next, x, t, specs: x.map(({ shape }) => ({ dtype: "f64" as const, shape })) };
}

type Sizes = readonly [n: number, m: number, k: number, seed: number];

/** Forward mode against central differences, and reverse mode as its transpose: <w, J t> = <J^T w, t>. */
export async function assertDerivatives(c: Case, sizes: Sizes): Promise<void> {
  const { next, x, t, specs } = drawArguments(c, sizes);
  using forward = await compile(({ x, t }) => jvp((xs: readonly Tensor[]) => c.f(...xs), x, t), {
    x: specs,
    t: specs,
  });
  const { value, tangent } = await forward.run({ x, t });
  expect(tangent.shape).toStrictEqual(value.shape);

  const step = 1e-6;
  const above = await forward.run({ x: x.map((v, i) => shifted(v, t[i], step)), t });
  const below = await forward.run({ x: x.map((v, i) => shifted(v, t[i], -step)), t });
  const scale = magnitude(value);
  for (let i = 0; i < value.data.length; i++) {
    const difference = (Number(above.value.data[i]) - Number(below.value.data[i])) / (2 * step);
    expect(Math.abs(Number(tangent.data[i]) - difference)).toBeLessThan(
      2e-8 * scale * (1 + Math.abs(difference)),
    );
  }

  const w = randomArray(value.shape, next);
  using reverse = await compile(({ x, w }) => vjp((xs: readonly Tensor[]) => c.f(...xs), x).pullback(w), {
    x: specs,
    w: { dtype: "f64", shape: value.shape },
  });
  const cotangents = await reverse.run({ x, w });
  const left = inner(w, tangent);
  const right = cotangents.reduce((total, cotangent, i) => total + inner(cotangent, t[i]), 0);
  expect(Math.abs(left - right)).toBeLessThan(1e-12 * scale * (1 + Math.abs(left)) * (1 + value.data.length));
}

/**
 * Second derivatives of the sum of sin(f): forward over reverse against central differences of the gradient, and
 * reverse over reverse against forward over reverse.
 */
export async function assertSecondDerivatives(c: Case, sizes: Sizes): Promise<void> {
  const { x, t, specs } = drawArguments(c, sizes);
  const loss = (xs: readonly Tensor[]) => sum(sin(c.f(...xs)));
  const reverseOverReverse = (xs: readonly Tensor[], v: readonly Tensor[]) =>
    gradient((ys: readonly Tensor[]) =>
      gradient(loss)(ys)
        .map((g, i) => sum(mul(g, v[i])))
        .reduce((a, b) => add(a, b)),
    )(xs);
  using program = await compile(
    ({ x, t }) => ({
      first: gradient(loss)(x),
      forward: hessianVectorProduct(loss)(x, t),
      reverse: reverseOverReverse(x, t),
    }),
    { x: specs, t: specs },
  );
  const { forward, reverse } = await program.run({ x, t });
  const step = 1e-6;
  const above = (await program.run({ x: x.map((v, i) => shifted(v, t[i], step)), t })).first;
  const below = (await program.run({ x: x.map((v, i) => shifted(v, t[i], -step)), t })).first;
  const scale = magnitude(...above, ...forward);
  forward.forEach((product, j) => {
    for (let i = 0; i < product.data.length; i++) {
      const value = Number(product.data[i]);
      const difference = (Number(above[j].data[i]) - Number(below[j].data[i])) / (2 * step);
      expect(Math.abs(value - difference)).toBeLessThan(1e-7 * scale);
      expect(Math.abs(value - Number(reverse[j].data[i]))).toBeLessThan(1e-12 * scale);
    }
  });
}

/** The gradient of the sum of sin(f) as a case of its own: one vector. */
function gradientOf({ f, ...rest }: Case): Case {
  const loss = (xs: readonly Tensor[]) => sum(sin(f(...xs)));
  const flat = (g: Tensor) => reshape(g, [sizeOfShape(g.shape.map(Number))]);
  return { ...rest, f: (...xs) => concat(gradient(loss)(xs).map(flat)) };
}

/** The rule for a leading axis, of f and of its gradient: all inputs with the axis, then each of them alone. */
export async function assertVectorized(c: Case, sizes: Sizes): Promise<void> {
  await assertMapped(c, sizes);
  await assertMapped(gradientOf(c), sizes);
}

/** vmap against entry by entry. */
async function assertMapped(c: Case, sizes: Sizes): Promise<void> {
  const { next, x, specs } = drawArguments(c, sizes);
  const entries = Array.from({ length: 3 }, () => x.map(({ shape }) => randomArray(shape, next, c.domain)));
  using single = await compile(({ x }) => c.f(...x), { x: specs });
  const choices = [specs.map(() => true), ...specs.map((_, i) => specs.map((_, j) => i === j))];
  for (const batched of specs.length === 1 ? choices.slice(0, 1) : choices) {
    const inputs = x.map((shared, i) => (batched[i] ? stacked(entries.map((entry) => entry[i])) : shared));
    using mapped = await compile(
      ({ x }) => {
        const over = x.filter((_, i) => batched[i]);
        return vmap((some: readonly Tensor[]) => {
          const rest = [...some];
          return c.f(...x.map((shared, i) => (batched[i] ? rest.shift()! : shared)));
        })(over);
      },
      {
        x: specs.map(({ shape }, i) => ({
          dtype: "f64" as const,
          shape: batched[i] ? ["entries", ...shape] : shape,
        })),
      },
    );
    const all = await mapped.run({ x: inputs });
    const each = await Promise.all(
      entries.map((entry) => single.run({ x: entry.map((value, i) => (batched[i] ? value : x[i])) })),
    );
    expect(all.shape).toStrictEqual([3, ...each[0].shape]);
    const scale = magnitude(...each);
    const expected = each.flatMap(toNumbers);
    toNumbers(all).forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThan(1e-14 * scale);
    });
  }
}

/** Values and derivatives of first and second order in float32, which has kernels of its own, against float64. */
export async function assertSingleAgrees(c: Case, sizes: Sizes): Promise<void> {
  const { x, t } = drawArguments(c, sizes);
  const loss = (xs: readonly Tensor[]) => sum(sin(c.f(...xs)));
  const run = async (dtype: "f32" | "f64") => {
    const specs = x.map(({ shape }) => ({ dtype, shape }));
    const given = (values: readonly ArrayValue[]) =>
      values.map((value) =>
        dtype === "f64" ? value : array(Float32Array.from(toNumbers(value)), value.shape),
      );
    using program = await compile(
      ({ x, t }) => ({
        forward: jvp((xs: readonly Tensor[]) => c.f(...xs), x, t),
        first: gradient(loss)(x),
        second: hessianVectorProduct(loss)(x, t),
      }),
      { x: specs, t: specs },
    );
    const { forward, first, second } = await program.run({ x: given(x), t: given(t) });
    return [forward.value, forward.tangent, ...first, ...second];
  };
  const [single, double] = [await run("f32"), await run("f64")];
  double.forEach((value, i) => {
    const scale = magnitude(value);
    const numbers = toNumbers(single[i]);
    toNumbers(value).forEach((v, j) => {
      expect(Math.abs(v - numbers[j])).toBeLessThan(2e-5 * scale);
    });
  });
}

function stacked(values: readonly ArrayValue[]): ArrayValue {
  return array(Float64Array.from(values.flatMap(toNumbers)), [values.length, ...values[0].shape]);
}

/** Runs an assertion at random sizes from 1 to 4, the same in every run of the tests. */
export async function atRandomSizes(assertion: (sizes: Sizes) => Promise<void>, runs = 4): Promise<void> {
  const size = fc.integer({ min: 1, max: 4 });
  await fc.assert(
    fc.asyncProperty(size, size, size, fc.integer({ min: 0, max: 2 ** 31 }), (n, m, k, seed) =>
      assertion([n, m, k, seed]),
    ),
    { seed: 20260101, numRuns: runs },
  );
}
