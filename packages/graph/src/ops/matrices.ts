import { checkInteger, checkOptions } from "../check.ts";
import { ShapeError } from "../errors.ts";
import { checkShape, type Dimension, formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { add, mul } from "./arithmetic.ts";
import { equal, greaterEqual, lessEqual } from "./compare.ts";
import { range } from "./range.ts";
import { reduceSum } from "./reduce.ts";
import { cast, where } from "./select.ts";
import { expandDims } from "./shape.ts";

/** Row and column numbers that broadcast to [rows, columns]. */
function places(rows: Dimension, columns: Dimension) {
  return { row: expandDims(range(rows), 1), column: range(columns) };
}

function matrixSizes(operation: string, { shape }: Tensor): readonly [Dimension, Dimension] {
  if (shape.length < 2)
    throw new ShapeError(`${operation}: expected at least 2 dimensions, got ${formatShape(shape)}`);
  return [shape[shape.length - 2], shape[shape.length - 1]];
}

/** The identity matrix [n, n]. */
export function identityMatrix(n: Dimension, dtype: "f32" | "f64"): Tensor {
  checkShape("identityMatrix", [n]);
  const { row, column } = places(n, n);
  return cast(equal(row, column), dtype);
}

/** Square matrices [..., n, n] with the entries of [..., n] on their diagonals and 0 elsewhere. */
export function diagonalMatrix(x: Tensor): Tensor {
  const n = x.shape.at(-1);
  if (n === undefined) throw new ShapeError("diagonalMatrix: expected at least 1 dimension, got a scalar");
  const { row, column } = places(n, n);
  return where(equal(row, column), expandDims(x, -1), 0);
}

/**
 * The diagonals of square matrices: [..., n, n] to [..., n].
 *
 * @throws ShapeError unless the last two dimensions are equal
 */
export function diagonal(x: Tensor): Tensor {
  const [rows, columns] = matrixSizes("diagonal", x);
  if (rows !== columns)
    throw new ShapeError(`diagonal: the last two dimensions must be equal, got ${formatShape(x.shape)}`);
  const { row, column } = places(rows, columns);
  return reduceSum(where(equal(row, column), x, 0), [x.shape.length - 1], false);
}

/**
 * The sums of the diagonals of square matrices: [..., n, n] to [...].
 *
 * @throws ShapeError unless the last two dimensions are equal
 */
export function matrixTrace(x: Tensor): Tensor {
  const entries = diagonal(x);
  return reduceSum(entries, [entries.shape.length - 1], false);
}

interface TriangleOptions {
  readonly offset?: number;
}

function offsetOf(operation: string, options: TriangleOptions): number {
  checkOptions(operation, options, ["offset"]);
  const { offset = 0 } = options;
  checkInteger({ [`${operation}: offset`]: offset });
  return offset;
}

/** The entries of [..., n, m] on and below the diagonal shifted up by `offset`; 0 above it. */
export function lowerTriangle(x: Tensor, options: TriangleOptions = {}): Tensor {
  const offset = offsetOf("lowerTriangle", options);
  const { row, column } = places(...matrixSizes("lowerTriangle", x));
  return where(lessEqual(column, add(row, offset)), x, 0);
}

/** The entries of [..., n, m] on and above the diagonal shifted up by `offset`; 0 below it. */
export function upperTriangle(x: Tensor, options: TriangleOptions = {}): Tensor {
  const offset = offsetOf("upperTriangle", options);
  const { row, column } = places(...matrixSizes("upperTriangle", x));
  return where(greaterEqual(column, add(row, offset)), x, 0);
}

/** The outer product a_i b_j: [..., n] and [..., m] to [..., n, m]. */
export function outer(a: Tensor, b: Tensor): Tensor {
  return mul(expandDims(a, -1), expandDims(b, -2));
}
