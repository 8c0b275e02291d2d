import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { denseMultiply } from "./dense.ts";
import { matrixProduct, transposed } from "./dense-product.ts";
import { gaussianNumbers } from "./test-matrices.ts";

/** Small products by a loop, larger ones compiled. */
const size = fc.integer({ min: 1, max: 30 });

function distance(a: Float64Array, b: Float64Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

test("(A B) x = A (B x)", () => {
  fc.assert(
    fc.property(size, size, size, (rows, inner, columns) => {
      const A = gaussianNumbers(1, rows * inner);
      const B = gaussianNumbers(2, inner * columns);
      const x = gaussianNumbers(3, columns);
      const left = denseMultiply(matrixProduct(A, B, inner), rows, columns, x);
      const right = denseMultiply(A, rows, inner, denseMultiply(B, inner, columns, x));
      expect(distance(left, right)).toBeLessThan(1e-12);
    }),
  );
});

test.each([
  [100, 50, 1],
  [1, 50, 100],
  [1, 5000, 1],
  [70, 1, 70],
])("a vector as a factor: %i x %i by %i columns", (rows, inner, columns) => {
  const A = gaussianNumbers(1, rows * inner);
  const B = gaussianNumbers(2, inner * columns);
  const C = matrixProduct(A, B, inner);
  for (let j = 0; j < columns; j++) {
    const column = Float64Array.from({ length: inner }, (_, k) => B[k * columns + j]);
    const exact = denseMultiply(A, rows, inner, column);
    for (let i = 0; i < rows; i++) expect(C[i * columns + j]).toBeCloseTo(exact[i], 11);
  }
});

test("the transpose of a product is the product of the transposes, in turn", () => {
  fc.assert(
    fc.property(size, size, size, (rows, inner, columns) => {
      const A = gaussianNumbers(1, rows * inner);
      const B = gaussianNumbers(2, inner * columns);
      const left = transposed(matrixProduct(A, B, inner), rows, columns);
      const right = matrixProduct(transposed(B, inner, columns), transposed(A, rows, inner), inner);
      expect(distance(left, right)).toBeLessThan(1e-13);
      expect(transposed(transposed(A, rows, inner), inner, rows)).toEqual(A);
    }),
  );
});

test("refuses sizes that do not fit", () => {
  expect(() => matrixProduct(new Float64Array(6), new Float64Array(5), 2)).toThrow(ArgumentError);
});
