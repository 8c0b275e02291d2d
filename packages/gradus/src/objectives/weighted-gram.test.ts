import fc from "fast-check";
import { expect, test } from "vitest";
import { denseMatrix } from "../linalg/matrix.ts";
import { csrFromDense } from "../linalg/sparse/build.ts";
import { csrWeightedGram, denseWeightedGram } from "./weighted-gram.ts";

test("A^T diag(w) A is exact on integers, dense and sparse, over tile borders", () => {
  const sizes = fc.record({
    n: fc.integer({ min: 1, max: 9 }),
    d: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom(47, 48, 49, 100)),
    seed: fc.integer({ min: 1, max: 1000 }),
  });
  fc.assert(
    fc.property(sizes, ({ n, d, seed }) => {
      const A = Float64Array.from({ length: n * d }, (_, k) => (((k + 1) * seed * 7919) % 11) - 5);
      const w = Float64Array.from({ length: n }, (_, i) => ((i * seed) % 7) - 2);
      const expected = Array.from({ length: d * d }, (_, k) => {
        let sum = 0;
        for (let i = 0; i < n; i++) sum += w[i] * A[i * d + Math.floor(k / d)] * A[i * d + (k % d)];
        return sum;
      });
      const plain = (matrix: Float64Array) => Array.from(matrix, (v) => v + 0);
      expect(plain(denseWeightedGram(A, n, d, w))).toEqual(expected.map((v) => v + 0));
      expect(plain(csrWeightedGram(csrFromDense(denseMatrix(A, n, d)), w))).toEqual(
        expected.map((v) => v + 0),
      );
    }),
    { numRuns: 60 },
  );
});
