import { BlasArgumentError, kindOf } from "./errors.ts";
import type { Frame } from "./memory.ts";

/**
 * A matrix in row-major order: entry (i, j) is `values[i * leadingDimension + j]`.
 */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
  /** Numbers from a row to the next; as many as there are columns unless given. */
  readonly leadingDimension?: number;
}

/** Which entries of a square matrix are meant. */
export type Triangle = "lower" | "upper";

/** Numbers from a row to the next. */
export function leadingDimension({ columns, leadingDimension: given = columns }: Matrix): number {
  return given;
}

/** @throws BlasArgumentError when the array has lost its numbers because its buffer was transferred */
export function checkAttached(
  name: string,
  values: { length: number; buffer: { byteLength: number; detached?: boolean } },
): void {
  // the buffer of a short array is first made when it is asked for
  if (!values.length && values.buffer.detached)
    throw new BlasArgumentError(`${name} must not be transferred`);
}

/** @throws BlasArgumentError unless the values are in a Float64Array */
export function checkNumbers(name: string, values: object | undefined): void {
  if (!(values instanceof Float64Array))
    throw new BlasArgumentError(`${name} must be a Float64Array, got ${kindOf(values)}`);
}

/** @throws BlasArgumentError unless the values are in a Float64Array that has them still, which tells how many there are */
export function checkedLength(name: string, values: Float64Array): number {
  checkNumbers(name, values);
  checkAttached(name, values);
  return values.length;
}

/** @throws BlasArgumentError unless the numbers of rows and columns are non-negative integers */
export function checkSizes(owner: string, sizes: { readonly rows: number; readonly columns: number }): void {
  for (const what of ["rows", "columns"] as const)
    if (!Number.isInteger(sizes[what]) || sizes[what] < 0)
      throw new BlasArgumentError(`${owner}${what} must be a non-negative integer, got ${sizes[what]}`);
}

/**
 * Checks a matrix's form, not its entries.
 *
 * @throws BlasArgumentError naming what does not fit
 */
export function checkMatrix(name: string, matrix: Matrix): void {
  if (!matrix) throw new BlasArgumentError(`${name} must be a matrix, got ${matrix}`);
  const { rows, columns, values } = matrix;
  checkSizes(`${name}.`, matrix);
  checkNumbers(`${name}.values`, values);
  const stride = leadingDimension(matrix);
  if (!Number.isInteger(stride) || stride < columns)
    throw new BlasArgumentError(
      `${name}.leadingDimension must be an integer of at least ${columns}, got ${stride}`,
    );
  const needed = rows && columns && (rows - 1) * stride + columns;
  const exact = matrix.leadingDimension === undefined;
  if (exact ? values.length !== needed : values.length < needed)
    throw new BlasArgumentError(
      `${name}.values must have ${exact ? "" : "at least "}${needed} numbers for ${rows} x ${columns}, got ${values.length}`,
    );
}

/** @throws BlasArgumentError unless the vector has `length` numbers */
export function checkVector(name: string, vector: Float64Array, length: number): void {
  checkNumbers(name, vector);
  if (vector.length !== length)
    throw new BlasArgumentError(`${name} must have ${length} numbers, got ${vector.length}`);
}

/** @throws BlasArgumentError unless the vector has at least `count` numbers; the first `count` are returned */
export function firstOf(name: string, vector: Float64Array, count: number): Float64Array {
  const part = vector.subarray(0, count);
  checkVector(name, part, count);
  return part;
}

/** A new matrix of zeros. */
export function zeros(rows: number, columns: number): Matrix {
  return { rows, columns, values: new Float64Array(rows * columns) };
}

/** Ranges of at most this many numbers are copied by a loop: making a view takes longer. */
const SHORT = 64;

/** Copies `count` numbers of an array, from index `at` on, to another's from index `to` on. */
export function copyRange(
  from: Float64Array,
  at: number,
  count: number,
  target: Float64Array,
  to: number,
): void {
  if (count > SHORT) target.set(from.subarray(at, at + count), to);
  else for (let k = 0; k < count; k++) target[to + k] = from[at + k];
}

/** Copies rows between arrays, from an index of each on, `stride` and `step` numbers from a row to the next. */
export function copyRows(
  rows: number,
  columns: number,
  from: Float64Array,
  at: number,
  stride: number,
  target: Float64Array,
  to: number,
  step: number,
): void {
  if (stride === columns && step === columns) copyRange(from, at, rows * columns, target, to);
  else for (let i = 0; i < rows; i++) copyRange(from, at + i * stride, columns, target, to + i * step);
}

/** `copyRows` of one triangle of n x n numbers. */
export function copyTriangle(
  n: number,
  triangle: Triangle,
  from: Float64Array,
  at: number,
  stride: number,
  target: Float64Array,
  to: number,
  step: number,
): void {
  for (let i = 0; i < n; i++) {
    const [first, count] = triangle === "lower" ? [0, i + 1] : [i, n - i];
    copyRange(from, at + i * stride + first, count, target, to + i * step + first);
  }
}

/** Copies a matrix to the numbers from an index on, without gaps between its rows. */
export function writeRows(numbers: Float64Array, index: number, matrix: Matrix): void {
  const { rows, columns, values } = matrix;
  copyRows(rows, columns, values, 0, leadingDimension(matrix), numbers, index, columns);
}

/** The address of a copy without gaps between its rows. */
export function copyIn(frame: Frame, matrix: Matrix): number {
  const address = frame.numbers(matrix.rows * matrix.columns);
  writeRows(frame.heap.numbers, address / 8, matrix);
  return address;
}

/** Overwrites a matrix with one in the heap that has no gaps between its rows. */
export function copyOut(frame: Frame, address: number, matrix: Matrix): void {
  const { rows, columns, values } = matrix;
  copyRows(rows, columns, frame.heap.numbers, address / 8, columns, values, 0, leadingDimension(matrix));
}

/** Overwrites a vector with numbers in the heap. */
export function copyVectorOut(frame: Frame, address: number, vector: Float64Array): void {
  copyRange(frame.heap.numbers, address / 8, vector.length, vector, 0);
}
