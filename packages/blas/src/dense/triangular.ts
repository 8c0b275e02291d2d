import { BlasArgumentError } from "../errors.ts";
import { checkVector, copyVectorOut, type Triangle } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
import {
  type AnyMatrix,
  addressForReading,
  addressForWriting,
  checkOperand,
  checkOperandShape,
  checkSquareOperand,
  store,
  storeTriangle,
} from "../operand.ts";
import { checkEither, checkOptions, TRIANGLES } from "../options.ts";
import { dense } from "./family.ts";
import { level2 } from "./vector-family.ts";

/** A triangular matrix: one triangle of T is read. */
export interface TriangularMatrix {
  readonly t: AnyMatrix;
  readonly triangle: Triangle;
  /** Whether T^T stands in T's place. */
  readonly transpose?: boolean;
  /** Whether T's diagonal is taken to be ones, and not read. */
  readonly unitDiagonal?: boolean;
}

const TRIANGULAR_OPTIONS = ["t", "triangle", "transpose", "unitDiagonal", "b"];

/**
 * Solves  op(T) x = b  in place, op(T) = T or T^T. A zero on the diagonal gives infinity or NaN. DTRSV of BLAS.
 *
 * @param options.b overwritten by x
 * @returns b
 * @throws BlasArgumentError when the sizes do not fit or an argument is unknown
 */
export function trsv(options: TriangularMatrix & { readonly b: Float64Array }): Float64Array {
  checkOptions(options, TRIANGULAR_OPTIONS);
  const { t, triangle, b } = options;
  checkEither("triangle", triangle, TRIANGLES);
  const n = checkSquareOperand("t", t);
  checkVector("b", b, n);
  return withFrame(`a triangular system of order ${n}`, (frame) => {
    const matrix = addressForReading(frame, t);
    return solveForVector(frame, n, matrix, [options], b);
  });
}

/** One of the systems that are solved in turn. */
export type TriangularStep = Omit<TriangularMatrix, "t">;

/**
 * Solves systems in turn, in place.
 *
 * @param matrix address of their n x n triangles
 * @param b overwritten
 * @returns b
 */
function solveForVector(
  frame: Frame,
  n: number,
  matrix: number,
  steps: readonly TriangularStep[],
  b: Float64Array,
): Float64Array {
  const x = frame.copy(b);
  for (const { triangle, transpose = false, unitDiagonal = false } of steps)
    level2().trsv(n, matrix, 8 * n, Number(triangle === "lower"), Number(transpose), Number(unitDiagonal), x);
  copyVectorOut(frame, x, b);
  return b;
}

/**
 * Solves  op(T) X = B  or, on the right,  X op(T) = B  in place. A zero on the diagonal gives infinity or NaN. DTRSM of
 * BLAS.
 *
 * @param options.b overwritten by X; not T where that is resident
 * @returns b
 * @throws BlasArgumentError when the shapes do not fit or an argument is unknown
 */
export function trsm<B extends AnyMatrix>(
  options: TriangularMatrix & { readonly b: B; readonly side?: "left" | "right" },
): B {
  checkOptions(options, [...TRIANGULAR_OPTIONS, "side"]);
  const { t, triangle, b, side = "left" } = options;
  checkEither("triangle", triangle, TRIANGLES);
  checkEither("side", side, ["left", "right"]);
  const n = checkSquareOperand("t", t);
  checkOperand("b", b);
  const left = side === "left";
  checkOperandShape("b", b, left ? n : b.rows, left ? b.columns : n);
  const count = left ? b.columns : b.rows;
  return withFrame(`${count} triangular systems of order ${n}`, (frame) => {
    const matrix = addressForReading(frame, t);
    return solveForMatrix(frame, n, matrix, [options], b, left);
  });
}

/** As `solveForVector`, for the columns of B or, on the right, its rows. */
function solveForMatrix<B extends AnyMatrix>(
  frame: Frame,
  n: number,
  matrix: number,
  steps: readonly TriangularStep[],
  b: B,
  left: boolean,
): B {
  const { trsm: solve, trsmWorkspace } = dense();
  const count = left ? b.columns : b.rows;
  const x = addressForWriting(frame, b, true);
  // only a resident is overwritten while it is read
  if (x === matrix) throw new BlasArgumentError("b must not be the resident matrix that is solved with");
  const work = frame.bytes(trsmWorkspace(n, count));
  const [across, along] = left ? [8 * b.columns, 8] : [8, 8 * b.columns];
  for (const { triangle, transpose = false, unitDiagonal = false } of steps) {
    // X T = B is T^T X^T = B^T: both are turned
    const turned = transpose === left;
    const [row, column] = turned ? [8, 8 * n] : [8 * n, 8];
    const lower = (triangle === "lower") !== turned;
    solve(n, count, matrix, row, column, Number(lower), Number(unitDiagonal), x, across, along, work);
  }
  store(frame, x, b);
  return b;
}

/**
 * Solves systems with triangles of one matrix in turn, in place. The matrix is copied once for all.
 *
 * @param b one right-hand side, or a matrix with one in each column; overwritten
 * @returns b
 * @throws BlasArgumentError when the shapes do not fit
 */
export function solveInTurn<B extends AnyMatrix | Float64Array>(
  name: string,
  t: AnyMatrix,
  steps: readonly TriangularStep[],
  b: B,
): B {
  const n = checkSquareOperand(name, t);
  if (b instanceof Float64Array) checkVector("b", b, n);
  else checkOperandShape("b", b, n, b.columns);
  return withFrame(`triangular systems of order ${n}`, (frame) => {
    const matrix = addressForReading(frame, t);
    if (b instanceof Float64Array) solveForVector(frame, n, matrix, steps, b);
    else solveForMatrix(frame, n, matrix, steps, b, true);
    return b;
  });
}

/**
 * Overwrites a lower triangle with its inverse; what stands above is neither read nor written. DTRTRI of LAPACK.
 *
 * @returns l
 * @throws BlasArgumentError unless it is square
 */
export function invertLower<L extends AnyMatrix>(options: {
  readonly l: L;
  readonly unitDiagonal?: boolean;
}): L {
  checkOptions(options, ["l", "unitDiagonal"]);
  const { l, unitDiagonal = false } = options;
  const n = checkSquareOperand("l", l);
  return withFrame(`the inverse of a triangle of order ${n}`, (frame) => {
    const { invertLower: invert, trsmWorkspace } = dense();
    const matrix = addressForWriting(frame, l, true);
    invert(n, matrix, 8 * n, Number(unitDiagonal), frame.bytes(trsmWorkspace(n, n)));
    storeTriangle(frame, matrix, l);
    return l;
  });
}
