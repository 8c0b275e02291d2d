import fc from "fast-check";
import { expect, test } from "vitest";
import { copyOf, entryOf, productOf, RATIO, randomMatrix, transposeOf, withBothBuilds } from "../testing.ts";
import { gemmtr, syrk } from "./syrk.ts";

test("writes one triangle of the product with the transpose and leaves the other alone", () => {
  const size = fc.integer({ min: 0, max: 50 });
  const beta = fc.constantFrom(0, 1, -1);
  const gap = fc.constantFrom(0, 2);
  const triangles = fc.constantFrom("lower", "upper");
  withBothBuilds(() =>
    fc.assert(
      fc.property(
        size,
        size,
        fc.boolean(),
        triangles,
        beta,
        gap,
        (n, k, transpose, triangle, factor, blank) => {
          const a = transpose ? randomMatrix(k, n, n + k, blank) : randomMatrix(n, k, n + k, blank);
          const op = transpose ? transposeOf(a) : a;
          const exact = productOf(op, transposeOf(op));
          const before = randomMatrix(n, n, n - k, blank);
          const c = copyOf(before);
          expect(syrk({ a, transpose, triangle, alpha: 2, beta: factor, c })).toBe(c);
          for (let i = 0; i < n; i++)
            for (let j = 0; j < n; j++) {
              const inside = triangle === "lower" ? j <= i : j >= i;
              const old = entryOf(before, i, j);
              const wanted = inside ? 2 * entryOf(exact, i, j) + factor * old : old;
              const error = Math.abs(entryOf(c, i, j) - wanted);
              expect(error).toBeLessThan(inside ? RATIO * (k + 2) * Number.EPSILON : Number.MIN_VALUE);
            }
        },
      ),
    ),
  );
});

test.each([127, 128, 130, 300, 520])("order %i, around the blocks of the product", (n) => {
  const a = randomMatrix(n, 3, n);
  const exact = productOf(a, transposeOf(a));
  for (const triangle of ["lower", "upper"] as const) {
    const c = syrk({ a, triangle });
    let worst = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const wanted = (triangle === "lower" ? j <= i : j >= i) ? entryOf(exact, i, j) : 0;
        worst = Math.max(worst, Math.abs(entryOf(c, i, j) - wanted));
      }
    expect(worst).toBeLessThan(1e-14);
  }
});

test("gemmtr writes one triangle of any square product, whose inner dimension may be long", () => {
  const [a, b] = [randomMatrix(9, 2500, 1), randomMatrix(9, 2500, 2)];
  const exact = productOf(a, transposeOf(b));
  for (const transposed of [false, true]) {
    const c = gemmtr({
      a: transposed ? transposeOf(a) : a,
      b: transposed ? transposeOf(b) : b,
      transposeA: transposed,
      transposeB: !transposed,
      triangle: "upper",
    });
    for (let i = 0; i < 9; i++)
      for (let j = 0; j < 9; j++) expect(entryOf(c, i, j)).toBeCloseTo(j >= i ? entryOf(exact, i, j) : 0, 10);
  }
  expect(() => gemmtr({ a, b })).toThrow("inner dimension");
  expect(() => gemmtr({ a, b: randomMatrix(2500, 8, 1) })).toThrow("the product must be square, got 9 x 8");
});
