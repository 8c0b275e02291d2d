import { type AnyMatrix, gemm } from "@gradus/blas/dense";
import { compiledFrom } from "../../linalg/compiled.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";

/** A matrix that is multiplied with again and again: as it is, and in WebAssembly memory where that is faster. */
export interface Factor {
  readonly plain: DenseMatrix;
  readonly resident: AnyMatrix;
}

/** out = A B; returns its multiplications and additions. */
export function productInto(A: DenseMatrix, B: Factor, out: DenseMatrix): number {
  const [rows, inner, columns] = [A.rows, A.columns, B.plain.columns];
  const flops = 2 * rows * inner * columns;
  if (flops / 2 >= compiledFrom.product) {
    gemm({ a: A, b: B.resident, c: out });
    return flops;
  }
  const [a, b, c] = [A.values, B.plain.values, out.values];
  c.fill(0, 0, rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++) {
      const factor = a[i * inner + k];
      if (factor !== 0) for (let j = 0; j < columns; j++) c[i * columns + j] += factor * b[k * columns + j];
    }
  return flops;
}

/** out = A B^T; returns its multiplications and additions. */
export function productTransposedInto(A: DenseMatrix, B: Factor, out: DenseMatrix): number {
  const [rows, inner, columns] = [A.rows, A.columns, B.plain.rows];
  const flops = 2 * rows * inner * columns;
  if (flops / 2 >= compiledFrom.product) {
    gemm({ a: A, b: B.resident, transposeB: true, c: out });
    return flops;
  }
  const [a, b, c] = [A.values, B.plain.values, out.values];
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += a[i * inner + k] * b[j * inner + k];
      c[i * columns + j] = sum;
    }
  return flops;
}

/** A matrix of zeros. */
export function zeroMatrix(rows: number, columns: number): DenseMatrix {
  return { rows, columns, values: new Float64Array(rows * columns) };
}

/** The first rows of a matrix, or those from `first` on, sharing its numbers. */
export function rowRange({ columns, values }: DenseMatrix, first: number, rows: number): DenseMatrix {
  return { rows, columns, values: values.subarray(first * columns, (first + rows) * columns) };
}
