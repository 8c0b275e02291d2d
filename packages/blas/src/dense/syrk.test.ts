import fc from "fast-check";
import { expect, test } from "vitest";
import { copyOf, entryOf, productOf, RATIO, randomMatrix, transposeOf, withBothBuilds } from "../testing.ts";
import { syrk } from "./syrk.ts";

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
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        if (triangle === "lower" ? j <= i : j >= i)
          expect(Math.abs(entryOf(c, i, j) - entryOf(exact, i, j))).toBeLessThan(1e-14);
        else expect(entryOf(c, i, j)).toBe(0);
  }
});
