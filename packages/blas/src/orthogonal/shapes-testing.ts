// For tests: shapes and matrices on which every orthogonal factorization is tried.
import fc from "fast-check";
import { test } from "vitest";
import type { Matrix } from "../matrix.ts";
import { randomMatrix, SIZES } from "../testing.ts";
import { hardMatrices } from "./families.ts";

const size = fc.integer({ min: 0, max: 75 });

/** A shape, gaps between the rows and a seed. */
export const anyShape = fc.record({
  rows: size,
  columns: size,
  gap: fc.constantFrom(0, 1, 3),
  seed: fc.integer(),
});

/** Tests a factorization on every shape and gap, around block sizes, and on matrices that are hard for it. */
export function testShapes(claim: string, check: (a: Matrix) => void): void {
  test(`${claim} for every shape and gap`, () => {
    fc.assert(
      fc.property(anyShape, ({ rows, columns, gap, seed }) => check(randomMatrix(rows, columns, seed, gap))),
      { numRuns: 100 },
    );
  });

  test.each(SIZES)("the same for size %i, square and with a size far from it", (count) => {
    check(randomMatrix(count, count, count));
    check(randomMatrix(count, SIZES.at(-1 - SIZES.indexOf(count)) ?? 0, count));
  });

  test.each(hardMatrices)("the same for a matrix %s", (_, a) => {
    check(a);
  });
}
