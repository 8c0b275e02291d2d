import fc from "fast-check";
import { expect, test } from "vitest";
import { BlasArgumentError, DisposedError } from "../errors.ts";
import { sharedHeap } from "../memory.ts";
import { uniform, usedBytes, withBothBuilds } from "../testing.ts";
import { gridLaplacian } from "./grid-laplacian.ts";

/** (A x)_k by its definition, cell by cell. */
function byDefinition(sizes: readonly number[], diagonal: Float64Array, x: Float64Array): Float64Array {
  const strides = sizes.map((_, axis) => sizes.slice(axis + 1).reduce((product, size) => product * size, 1));
  return diagonal.map((own, k) => {
    if (own < 0) return 0;
    let sum = own * x[k];
    sizes.forEach((size, axis) => {
      const place = Math.floor(k / strides[axis]) % size;
      for (const step of [-1, 1]) {
        const other = k + step * strides[axis];
        if (place + step >= 0 && place + step < size && diagonal[other] >= 0) sum -= x[other];
      }
    });
    return sum;
  });
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, k) => sum + value * b[k], 0);

const largestDifference = (a: Float64Array, b: Float64Array) =>
  a.reduce((most, value, k) => Math.max(most, Math.abs(value - b[k])), 0);

/** A grid with a fifth of its cells missing. */
function gridOf(sizes: readonly number[], seed: number) {
  const next = uniform(seed);
  const cells = sizes.reduce((product, size) => product * size, 1);
  const diagonal = Float64Array.from({ length: cells }, () => (next() < -0.6 ? -1 : 3 + next()));
  const vector = () => Float64Array.from({ length: cells }, next);
  return { cells, diagonal, vector };
}

withBothBuilds(() => {
  test("the product is the sum over the cells beside each, in 1 to 3 dimensions", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
        fc.nat(),
        (sizes, seed) => {
          const { cells, diagonal, vector } = gridOf(sizes, seed);
          using A = gridLaplacian({ sizes, diagonal });
          for (const x of [vector(), vector()]) {
            const out = new Float64Array(cells).fill(9);
            A.product(x, out);
            expect(largestDifference(out, byDefinition(sizes, diagonal, x))).toBeLessThan(1e-14);
          }
        },
      ),
    );
  });

  test.each([[[70, 41]], [[6, 40, 33]], [[3000]]])("passes of conjugate gradients on %j cells", (sizes) => {
    const { cells, diagonal, vector } = gridOf(sizes, 5);
    const vectors = gridLaplacian({ sizes, diagonal }).vectors();
    const only = (v: Float64Array) => v.map((value, k) => (diagonal[k] < 0 ? 0 : value));
    const [x, r, d] = [vector(), vector(), vector()].map(only);
    vectors.load({ x, residual: r, direction: d });
    const { squaredLength, product } = vectors.turn(0.3);
    const turned = r.map((value, k) => value + 0.3 * d[k]);
    const q = byDefinition(sizes, diagonal, turned);
    expect(vectors.product()).toBe(product);
    expect(squaredLength / dot(turned, turned)).toBeCloseTo(1, 13);
    expect(Math.abs(product - dot(turned, q))).toBeLessThan(1e-13 * dot(turned, turned));
    const left = r.map((value, k) => value - 0.2 * q[k]);
    expect(vectors.step(0.2) / dot(left, left)).toBeCloseTo(1, 13);
    const found = {
      x: new Float64Array(cells),
      residual: new Float64Array(cells),
      direction: new Float64Array(cells),
    };
    vectors.read(found);
    expect(largestDifference(found.direction, turned)).toBeLessThan(1e-15);
    expect(largestDifference(found.residual, left)).toBeLessThan(1e-14);
    expect(
      largestDifference(
        found.x,
        x.map((value, k) => value + 0.2 * turned[k]),
      ),
    ).toBeLessThan(1e-15);
  });
});

test("vectors that are released give their memory back, once, and are used no more", () => {
  const sizes = [12, 7];
  const { diagonal } = gridOf(sizes, 3);
  using A = gridLaplacian({ sizes, diagonal });
  const before = usedBytes(sharedHeap());
  const vectors = A.vectors();
  expect(usedBytes(sharedHeap())).toBeGreaterThan(before);
  vectors.release();
  vectors[Symbol.dispose]();
  expect(usedBytes(sharedHeap())).toBe(before);
  const uses = [
    () => vectors.load({ x: diagonal, residual: diagonal, direction: diagonal }),
    () => vectors.read({ x: new Float64Array(84) }),
    () => vectors.turn(0),
    () => vectors.product(),
    () => vectors.step(1),
  ];
  for (const use of uses)
    expect(use).toThrow(new DisposedError("vectors of 84 cells were used after they were released"));
});

test("refuses sizes and lengths that do not fit", () => {
  expect(() => gridLaplacian({ sizes: [2, 0], diagonal: new Float64Array() })).toThrow(
    new BlasArgumentError("sizes must be 1 to 3 positive integers, got [2, 0]"),
  );
  expect(() => gridLaplacian({ sizes: [2, 3], diagonal: new Float64Array(5) })).toThrow(
    "diagonal must have 6 numbers, got 5",
  );
  const A = gridLaplacian({ sizes: [2], diagonal: Float64Array.of(1, 1) });
  expect(() => A.product(new Float64Array(3), new Float64Array(2))).toThrow("x must have 2 numbers, got 3");
});
