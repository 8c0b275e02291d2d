import fc from "fast-check";
import { expect, test } from "vitest";
import { array, toNumbers } from "./arrays.ts";
import { compile } from "./compile.ts";
import { gradient } from "./differentiate.ts";
import { countsAlike, factors, productOf, quotientOf, resolved } from "./dimension-products.ts";
import { ShapeError } from "./errors.ts";
import { range, reshape, size, sum, transpose } from "./ops/index.ts";
import type { Dimension } from "./shape.ts";
import { stage } from "./stage.ts";
import { f32, f64, type Tensor } from "./tensor.ts";

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

test("a product has the size of what it merges, whatever the order", () => {
  fc.assert(
    fc.property(dimensions, (shape) => {
      const product = productOf(shape);
      expect(resolved(product, sizes)).toBe(count(shape));
      expect(productOf(shape.toReversed())).toBe(product);
      expect(productOf(factors(product))).toBe(product);
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
  expect(quotientOf(["a"], ["b"])).toBeUndefined();
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

test("a signature has names only", () => {
  expect(() => f32("2*n")).toThrow(ShapeError);
});
