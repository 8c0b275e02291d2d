import { BlasArgumentError } from "./errors.ts";
import {
  checkMatrix,
  copyIn,
  copyOut,
  copyTriangle,
  leadingDimension,
  type Matrix,
  type Triangle,
} from "./matrix.ts";
import type { Frame } from "./memory.ts";
import { addressOf, ResidentMatrix } from "./resident.ts";

/** A matrix outside of WebAssembly memory, or one that lives there. */
export type AnyMatrix = Matrix | ResidentMatrix;

/** @throws BlasArgumentError, DisposedError */
export function checkOperand(name: string, matrix: AnyMatrix): void {
  if (matrix instanceof ResidentMatrix) addressOf(matrix);
  else checkMatrix(name, matrix);
}

/** @throws BlasArgumentError unless the matrix is rows x columns */
export function checkOperandShape(name: string, matrix: AnyMatrix, rows: number, columns: number): void {
  checkOperand(name, matrix);
  if (matrix.rows !== rows || matrix.columns !== columns)
    throw new BlasArgumentError(
      `${name} must be ${rows} x ${columns}, got ${matrix.rows} x ${matrix.columns}`,
    );
}

/** The order of a square matrix. */
export function checkSquareOperand(name: string, matrix: AnyMatrix): number {
  checkOperand(name, matrix);
  const { rows, columns } = matrix;
  if (rows !== columns) throw new BlasArgumentError(`${name} must be square, got ${rows} x ${columns}`);
  return rows;
}

/** Where an operand can be read: a resident in its place, another in a copy. */
export function addressForReading(frame: Frame, matrix: AnyMatrix): number {
  return matrix instanceof ResidentMatrix ? addressOf(matrix) : copyIn(frame, matrix);
}

/** Where a result is computed that is then stored by `store`; `read` where the old content counts. */
export function addressForWriting(frame: Frame, matrix: AnyMatrix, read: boolean): number {
  if (matrix instanceof ResidentMatrix) return addressOf(matrix);
  return read ? copyIn(frame, matrix) : frame.numbers(matrix.rows * matrix.columns);
}

/** Stores what was computed at an address of `addressForWriting`. */
export function store(frame: Frame, address: number, matrix: AnyMatrix): void {
  if (!(matrix instanceof ResidentMatrix)) copyOut(frame, address, matrix);
}

/** `store` of one triangle; what stands in the other is left as it is. */
export function storeTriangle(
  frame: Frame,
  address: number,
  matrix: AnyMatrix,
  triangle: Triangle = "lower",
): void {
  if (matrix instanceof ResidentMatrix) return;
  const { rows: n, values } = matrix;
  copyTriangle(n, triangle, frame.heap.numbers, address / 8, n, values, 0, leadingDimension(matrix));
}
