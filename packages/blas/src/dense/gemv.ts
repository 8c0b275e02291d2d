import { checkVector, copyRows, copyVectorOut, leadingDimension, type Matrix } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
import { type AnyMatrix, checkOperand } from "../operand.ts";
import { checkNumber, checkOptions } from "../options.ts";
import { addressOf, ResidentMatrix } from "../resident.ts";
import { level2 } from "./vector-family.ts";
import { scal } from "./vectors.ts";

/** Arguments of `gemv`. */
export interface GemvArguments {
  readonly a: AnyMatrix;
  /** Whether A^T stands in A's place. */
  readonly transpose?: boolean;
  readonly x: Float64Array;
  readonly alpha?: number;
  /** Factor of what `y` holds; at 0 it is overwritten, whatever it is. */
  readonly beta?: number;
  /** The result, overwritten; a new vector unless given. Not x. */
  readonly y?: Float64Array;
}

/** y = beta y; 0 overwrites whatever y holds. */
export function scaleResult(beta: number, y: Float64Array): Float64Array {
  return beta === 0 ? y.fill(0) : scal(beta, y);
}

/** Bytes of rows that are copied at a time: they stay in cache until they are read. */
const PIECE = 131_072;

/**
 * The matrix-vector product  y = alpha op(A) x + beta y,  op(A) = A or A^T. Fastest with a resident matrix: copying one
 * takes longer than the product. At alpha = 0, A is not read. DGEMV of BLAS.
 *
 * @returns y
 * @throws BlasArgumentError when the sizes do not fit or an argument is unknown
 * @throws OutOfMemoryError
 */
export function gemv(options: GemvArguments): Float64Array {
  checkOptions(options, ["a", "transpose", "x", "alpha", "beta", "y"]);
  const { a, transpose = false, x, alpha = 1, beta = 0 } = options;
  checkNumber("alpha", alpha);
  checkNumber("beta", beta);
  checkOperand("a", a);
  const [rows, columns] = transpose ? [a.columns, a.rows] : [a.rows, a.columns];
  checkVector("x", x, columns);
  const y = options.y ?? new Float64Array(rows);
  checkVector("y", y, rows);
  if (alpha === 0) return scaleResult(beta, y);
  return withFrame(`a product of ${rows} x ${columns} by a vector`, (frame) => {
    const from = frame.copy(x);
    const to = beta === 0 ? frame.numbers(rows) : frame.copy(y);
    const run = level2().gemv;
    if (a instanceof ResidentMatrix)
      run(a.rows, a.columns, alpha, addressOf(a), 8 * a.columns, Number(transpose), from, beta, to);
    else
      inPieces(frame, a, (piece, first, count) => {
        if (transpose)
          run(count, a.columns, alpha, piece, 8 * a.columns, 1, from + 8 * first, first === 0 ? beta : 1, to);
        else run(count, a.columns, alpha, piece, 8 * a.columns, 0, from, beta, to + 8 * first);
      });
    copyVectorOut(frame, to, y);
    return y;
  });
}

/** Calls with the address of each piece, its first row and how many it has. */
function inPieces(
  frame: Frame,
  a: Matrix,
  each: (piece: number, first: number, count: number) => void,
): void {
  const { rows, columns, values } = a;
  const stride = leadingDimension(a);
  const height = Math.max(4, Math.floor(PIECE / (8 * columns + 8)) & ~3);
  const piece = frame.numbers(Math.min(height, rows) * columns);
  const { numbers } = frame.heap;
  for (let first = 0; first === 0 || first < rows; first += height) {
    const count = Math.min(height, rows - first);
    copyRows(count, columns, values, first * stride, stride, numbers, piece / 8, columns);
    each(piece, first, count);
  }
}
