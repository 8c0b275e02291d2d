import { BlasArgumentError } from "../errors.ts";
import { copyOut, copyVectorOut, type Matrix, zeros } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
import { type AnyMatrix, addressForReading, checkOperand } from "../operand.ts";
import { checkOptions } from "../options.ts";
import { kernels } from "./family.ts";

/** Arguments of `rowProducts`. */
export interface RowProductsArguments {
  /** Points, one a row. */
  readonly x: AnyMatrix;
  /** More points, of as many numbers. */
  readonly y: AnyMatrix;
  /** The first row of x that is taken; 0 unless given. */
  readonly first?: number;
  /** So many rows of x; all from the first on unless given. */
  readonly rows?: number;
}

/** The arguments of `rowProducts`, by name. */
export const ROW_ARGUMENTS: readonly string[] = ["x", "y", "first", "rows"];

/** Checks the points, and that the rows of x are there. */
export function checkRows({ x, y, first = 0, rows: given }: RowProductsArguments) {
  checkOperand("x", x);
  checkOperand("y", y);
  const rows = given ?? x.rows - first;
  if (x.columns !== y.columns)
    throw new BlasArgumentError(`y must have ${x.columns} columns like x, got ${y.columns}`);
  if (!Number.isInteger(first) || !Number.isInteger(rows) || first < 0 || rows < 0 || first + rows > x.rows)
    throw new BlasArgumentError(
      `first and rows must select among the ${x.rows} rows of x, got first ${first} and rows ${rows}`,
    );
  return { first, rows };
}

/** Points in WebAssembly memory, and which of them are multiplied. */
export interface StoredRows {
  /** Address of x. */
  readonly from: number;
  /** Address of y. */
  readonly other: number;
  readonly first: number;
  readonly rows: number;
  readonly columns: number;
  readonly dimension: number;
  /** Of row i of x only the products with rows 0 .. i of y are wanted. */
  readonly below?: boolean;
}

/** Which entries of a product are written, for compiled functions. */
const ALL = 0;
const LOWER = 1;

/** Inner products of rows of x and y, written to an address with a stride in bytes. */
export function multiplyRows(frame: Frame, stored: StoredRows, to: number, stride: number): void {
  const { from, other, first, rows, columns, dimension, below = false } = stored;
  const { gemm, gemmWorkspace } = kernels();
  const row = 8 * dimension;
  const work = frame.bytes(gemmWorkspace(rows, columns, dimension));
  const multiply = (start: number, count: number, part: number) => {
    const operands = [from + first * row, row, 8, other + start * row, 8, row] as const;
    gemm(rows, count, dimension, 1, ...operands, 0, to + 8 * start, stride, part, work);
  };
  const whole = below ? Math.min(first, columns) : columns;
  multiply(0, whole, ALL);
  if (whole < columns) multiply(whole, columns - whole, LOWER);
}

/**
 * Inner products of rows, <x_i, y_j>: part of X Y^T. A row and a copy of it give the bits of `rowSquares`.
 *
 * @returns rows x rows of y
 * @throws BlasArgumentError when the shapes do not fit
 * @throws OutOfMemoryError
 */
export function rowProducts(options: RowProductsArguments): Matrix {
  checkOptions(options, ROW_ARGUMENTS);
  const { x, y } = options;
  const { first, rows } = checkRows(options);
  const products = zeros(rows, y.rows);
  withFrame(`inner products of ${rows} and ${y.rows} rows`, (frame) => {
    const to = frame.numbers(rows * y.rows);
    const from = addressForReading(frame, x);
    const other = x === y ? from : addressForReading(frame, y);
    multiplyRows(frame, { from, other, first, rows, columns: y.rows, dimension: x.columns }, to, 8 * y.rows);
    copyOut(frame, to, products);
  });
  return products;
}

/** Squared lengths of all rows of a matrix. */
export function rowSquares(x: AnyMatrix): Float64Array<ArrayBuffer> {
  checkOperand("x", x);
  const squares = new Float64Array(x.rows);
  withFrame("the squared lengths of rows", (frame) => {
    const from = addressForReading(frame, x);
    const to = frame.numbers(x.rows);
    kernels().rowSquares(x.rows, x.columns, from, 8 * x.columns, to);
    copyVectorOut(frame, to, squares);
  });
  return squares;
}
