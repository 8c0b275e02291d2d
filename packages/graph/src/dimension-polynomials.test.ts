import fc from "fast-check";
import { expect, test } from "vitest";
import { array, toNumbers } from "./arrays.ts";
import { compile } from "./compile.ts";
import { gradient, hessianVectorProduct } from "./differentiate.ts";
import {
  areEqual,
  countsAlike,
  differenceOf,
  evaluated,
  productOf,
  quotientOf,
  resolved,
  signOf,
  signOfPositive,
  sumOf,
} from "./dimension-polynomials.ts";
import { InputError, ShapeError } from "./errors.ts";
import { concat, mul, range, reshape, size, sum, transpose } from "./ops/index.ts";
import type { Dimension } from "./shape.ts";
import { stage } from "./stage.ts";
import { f32, f64, type Tensor } from "./tensor.ts";
import { vmap } from "./vectorize.ts";

const sizes = new Map([
  ["a", 3],
  ["b", 5],
  ["c", 2],
]);
const dimensions = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom<Dimension>("a", "b", "c", "2*a", "b*c")),
  { maxLength: 4 },
);
const count = (shape: readonly Dimension[]) => shape.reduce<number>((n, d) => n * resolved(d, sizes)!, 1);

/** Sums and differences of products, written as the module writes them. */
const polynomials = fc
  .array(fc.tuple(fc.integer({ min: -3, max: 3 }), dimensions), { maxLength: 4 })
  .map((terms) =>
    terms.reduce<Dimension>((sum, [times, factors]) => {
      const product = productOf([Math.abs(times), ...factors]);
      return times < 0 ? differenceOf(sum, product) : sumOf(sum, product);
    }, 0),
  );

test("sums, differences and products have the size of theirs, and one way to be written", () => {
  const at = (dimension: Dimension) => resolved(dimension, sizes)!;
  fc.assert(
    fc.property(polynomials, polynomials, polynomials, (p, q, r) => {
      expect(at(sumOf(p, q))).toBe(at(p) + at(q));
      expect(at(differenceOf(p, q))).toBe(at(p) - at(q));
      // 0 times a negative number is -0.
      expect(at(productOf([p, q])) + 0).toBe(at(p) * at(q) + 0);
      expect(sumOf(p, q)).toBe(sumOf(q, p));
      expect(differenceOf(sumOf(p, q), q)).toBe(p);
      expect(productOf([p, sumOf(q, r)])).toBe(sumOf(productOf([p, q]), productOf([p, r])));
    }),
  );
  expect(sumOf("sequence", "past")).toBe("past+sequence");
  expect(differenceOf("n", 1)).toBe("n-1");
  expect(differenceOf(1, "n")).toBe("1-n");
  expect(differenceOf(0, productOf([2, "b", "a"]))).toBe("-2*a*b");
});

test("signs and equality are told where they hold for all sizes", () => {
  fc.assert(
    fc.property(polynomials, polynomials, fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)), (p, q, [a, b, c]) => {
      const at = (dimension: Dimension) => evaluated(dimension, (name) => ({ a, b, c })[name])!;
      if (signOf(p) === 1) expect(at(p)).toBeGreaterThanOrEqual(0);
      if (signOf(p) === -1) expect(at(p)).toBeLessThanOrEqual(0);
      const positive = evaluated(p, (name) => 1 + ({ a, b, c }[name] ?? 0)) ?? Number.NaN;
      if (signOfPositive(p) === 1) expect(positive).toBeGreaterThanOrEqual(0);
      if (signOfPositive(p) === -1) expect(positive).toBeLessThan(0);
      const equal = areEqual(p, q);
      if (equal !== undefined) expect(at(p) === at(q)).toBe(equal);
    }),
  );
  expect(["n-1", "n*m-m", "-n", "1-n", "n-m"].map(signOfPositive)).toEqual([1, 1, -1, undefined, undefined]);
  expect([areEqual("n+1", "n"), areEqual("n", -1), areEqual("n", 1), areEqual("n", "m")]).toEqual([
    false,
    false,
    undefined,
    undefined,
  ]);
});

test("a hostile product of sums is refused", () => {
  const factors = Array.from({ length: 8 }, (_, i) => `a${i}+b${i}`);
  expect(() => productOf(factors)).toThrow("a dimension is a sum of more than 64 products");
});

test("a product has the size of what it merges, whatever the order", () => {
  fc.assert(
    fc.property(dimensions, (shape) => {
      const product = productOf(shape);
      expect(resolved(product, sizes)).toBe(count(shape));
      expect(productOf(shape.toReversed())).toBe(product);
      expect(productOf([product])).toBe(product);
      expect(countsAlike(shape, [product])).toBe(true);
    }),
  );
});

test("a quotient undoes a product, and is refused where sizes decide", () => {
  fc.assert(
    fc.property(dimensions, dimensions, (a, b) => {
      expect(quotientOf([...a, ...b], b)).toBe(productOf(a));
    }),
  );
  fc.assert(
    fc.property(polynomials, polynomials, (p, q) => {
      expect(quotientOf([productOf([p, q])], [q])).toBe(q === 0 ? undefined : p);
    }),
  );
  expect(quotientOf(["a"], ["b"])).toBeUndefined();
  expect(quotientOf(["a+1"], ["b+1"])).toBeUndefined();
  expect(quotientOf([1], [0])).toBeUndefined();
  expect(quotientOf(["a", 3], [2])).toBeUndefined();
});

test("merged dimensions are sizes of a run: values, counts and derivatives", async () => {
  using program = await compile(
    ({ x }) => {
      const rows = reshape(x, [-1, 2]);
      const turned = transpose(rows);
      return {
        turned,
        places: range(rows.shape[0]),
        count: size(rows.shape, "i64"),
        slope: gradient((v: Tensor) => sum(reshape(v, [-1])))(x),
      };
    },
    { x: f32("n", 3, "m", 2) },
  );
  expect(program.model.length).toBeGreaterThan(0);
  const x = array(
    Float32Array.from({ length: 48 }, (_, i) => i),
    [2, 3, 4, 2],
  );
  const { turned, places, count: whole, slope } = await program.run({ x });
  expect(turned.shape).toEqual([2, 24]);
  expect(toNumbers(turned).slice(0, 3)).toEqual([0, 2, 4]);
  expect(toNumbers(places)).toEqual(Array.from({ length: 24 }, (_, i) => i));
  expect(toNumbers(whole)).toEqual([48]);
  expect(slope.shape).toEqual([2, 3, 4, 2]);
});

test("a staged function keeps tensors with merged dimensions", async () => {
  using staged = await stage(
    ({ fixed, varying }) =>
      reshape(sum(reshape(fixed, [-1, 2]), { axes: 1 }), [fixed.shape[0], varying.shape[0]]),
    { fixed: f64("n", 3, 2), varying: f64(3) },
  );
  const prepared = await staged.prepare(array(Float64Array.of(1, 2, 3, 4, 5, 6), [1, 3, 2]));
  expect(toNumbers(await prepared.apply(Float64Array.of(0, 0, 0)))).toEqual([3, 7, 11]);
});

test("concatenated sizes are sums of a run: values, counts and derivatives in both modes", async () => {
  using program = await compile(
    ({ past, next, weights }) => {
      const whole = (v: Tensor) => concat([past, v, past], { axis: 1 });
      const loss = (v: Tensor) => sum(mul(mul(whole(v), whole(v)), weights));
      return {
        whole: whole(next),
        count: size(whole(next).shape, "i64"),
        merged: reshape(whole(next), [-1]),
        slope: gradient(loss)(next),
        curved: hessianVectorProduct(loss)(next, next),
        rows: vmap((row: Tensor) => concat([row, row]))(next) as Tensor,
      };
    },
    { past: f64("n", "past"), next: f64("n", "next"), weights: f64("n", "next+2*past") },
  );
  const past = array(Float64Array.of(1, 2), [2, 1]);
  const next = array(Float64Array.of(3, 4, 5, 6), [2, 2]);
  const weights = array(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8), [2, 4]);
  const result = await program.run({ past, next, weights });
  expect(toNumbers(result.whole)).toEqual([1, 3, 4, 1, 2, 5, 6, 2]);
  expect(toNumbers(result.count)).toEqual([8]);
  expect(result.merged.shape).toEqual([8]);
  expect(toNumbers(result.slope)).toEqual([2 * 2 * 3, 2 * 3 * 4, 2 * 6 * 5, 2 * 7 * 6]);
  expect(toNumbers(result.curved)).toEqual(toNumbers(result.slope));
  expect(toNumbers(result.rows)).toEqual([3, 4, 3, 4, 5, 6, 5, 6]);
  await expect(
    program.run({ past, next, weights: { ...weights, shape: [2, 3], data: new Float64Array(6) } }),
  ).rejects.toThrow(
    new InputError("weights: expected next+2*past = 4 in dimension 1, where next = 2, past = 1, got 3"),
  );
});

test("a signature has names and sums of them, in any order", () => {
  expect(f32("sequence+past", "2*n").shape).toEqual(["past+sequence", "2*n"]);
  for (const dimension of ["-n", "n+", "2 n", "n*2", "", "a++b"])
    expect(() => f32(dimension)).toThrow(ShapeError);
});
