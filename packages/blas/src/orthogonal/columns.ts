import { leadingDimension, type Matrix, zeros } from "../matrix.ts";
import type { Frame } from "../memory.ts";
import type { AnyMatrix } from "../operand.ts";
import { addressOf, ResidentMatrix } from "../resident.ts";
import { orthogonal } from "./family.ts";

/** Numbers that are copied in at a time: as many as the cache holds. */
const STAGED = 8192;

/** The address of a copy column by column. */
export function copyColumnsIn(frame: Frame, matrix: AnyMatrix): number {
  const { rows, columns } = matrix;
  const address = frame.numbers(rows * columns);
  if (rows * columns === 0) return address;
  const { transpose } = orthogonal();
  if (matrix instanceof ResidentMatrix) {
    transpose(rows, columns, addressOf(matrix), 8 * columns, address, 8 * rows);
    return address;
  }
  const { values } = matrix;
  const stride = leadingDimension(matrix);
  const block = Math.max(1, Math.min(rows, Math.ceil(STAGED / stride)));
  const staged = frame.numbers(block * stride);
  for (let i = 0; i < rows; i += block) {
    const count = Math.min(block, rows - i);
    const last = (i + count - 1) * stride + columns;
    frame.heap.numbers.set(values.subarray(i * stride, last), staged / 8);
    transpose(count, columns, staged, 8 * stride, address + 8 * i, 8 * rows);
  }
  return address;
}

/** A new matrix from columns without gaps, `rows` numbers each. */
export function matrixFromColumns(frame: Frame, address: number, rows: number, columns: number): Matrix {
  const matrix = zeros(rows, columns);
  if (rows * columns === 0) return matrix;
  const block = Math.max(1, Math.min(rows, Math.ceil(STAGED / columns)));
  const staged = frame.numbers(block * columns);
  const { transpose } = orthogonal();
  for (let i = 0; i < rows; i += block) {
    const count = Math.min(block, rows - i);
    transpose(columns, count, address + 8 * i, 8 * rows, staged, 8 * columns);
    matrix.values.set(frame.heap.numbers.subarray(staged / 8, staged / 8 + count * columns), i * columns);
  }
  return matrix;
}
