import fc from "fast-check";
import { expect, test } from "vitest";
import { matrixProduct, transposed } from "./dense-product.ts";
import { addLowerProducts, mirrorLower } from "./lower-products.ts";
import { gaussianNumbers } from "./test-matrices.ts";

test("adds A B^T to the lower triangle alone, whatever the sizes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 30 }), (n, columns) => {
      const [A, B] = [gaussianNumbers(1, n * columns), gaussianNumbers(2, n * columns)];
      const whole = matrixProduct(A, transposed(B, n, columns), columns);
      const G = new Float64Array(n * n).fill(3);
      addLowerProducts(G, A, B, n, columns);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) expect(G[i * n + j]).toBeCloseTo(3 + (j <= i ? whole[i * n + j] : 0), 12);
    }),
  );
});

test("the mirrored triangle is symmetric", () => {
  const G = Float64Array.of(1, 9, 9, 2, 3, 9, 4, 5, 6);
  mirrorLower(G, 3);
  expect(Array.from(G)).toEqual([1, 2, 4, 2, 3, 5, 4, 5, 6]);
});
