import { Matrix } from "ml-matrix";
import type { DenseMatrix } from "../matrix.ts";

/** A dense matrix as ml-matrix has it (copied). */
export function toMlMatrix({ rows, columns, values }: DenseMatrix): Matrix {
  return new Matrix(Array.from({ length: rows }, (_, i) => values.subarray(i * columns, (i + 1) * columns)));
}

/** A matrix of ml-matrix as a dense matrix (copied). */
export function fromMlMatrix(matrix: Matrix): DenseMatrix {
  const { rows, columns } = matrix;
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) values[i * columns + j] = matrix.get(i, j);
  return { rows, columns, values };
}
