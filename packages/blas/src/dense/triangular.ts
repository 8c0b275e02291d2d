import { checkVector, copyVectorOut, type Triangle } from "../matrix.ts";
import { withFrame } from "../memory.ts";
import {
  type AnyMatrix,
  addressForWriting,
  checkOperand,
  checkOperandShape,
  checkSquareOperand,
  store,
  storeTriangle,
  triangleForWriting,
} from "../operand.ts";
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

/**
 * Solves  op(T) x = b  in place, op(T) = T or T^T. A zero on the diagonal gives infinity or NaN. DTRSV of BLAS.
 *
 * @param options.b overwritten by x
 * @returns b
 * @throws BlasArgumentError when the sizes do not fit
 */
export function trsv(options: TriangularMatrix & { readonly b: Float64Array }): Float64Array {
  const { t, triangle, transpose = false, unitDiagonal = false, b } = options;
  const n = checkSquareOperand("t", t);
  checkVector("b", b, n);
  return withFrame(`a triangular system of order ${n}`, (frame) => {
    const matrix = triangleForWriting(frame, t, triangle);
    const x = frame.copy(b);
    level2().trsv(n, matrix, 8 * n, Number(triangle === "lower"), Number(transpose), Number(unitDiagonal), x);
    copyVectorOut(frame, x, b);
    return b;
  });
}

/**
 * Solves  op(T) X = B  or, on the right,  X op(T) = B  in place. A zero on the diagonal gives infinity or NaN. DTRSM of
 * BLAS.
 *
 * @param options.b overwritten by X
 * @returns b
 * @throws BlasArgumentError when the shapes do not fit
 */
export function trsm<B extends AnyMatrix>(
  options: TriangularMatrix & { readonly b: B; readonly side?: "left" | "right" },
): B {
  const { t, triangle, transpose = false, unitDiagonal = false, b, side = "left" } = options;
  const n = checkSquareOperand("t", t);
  checkOperand("b", b);
  const left = side === "left";
  checkOperandShape("b", b, left ? n : b.rows, left ? b.columns : n);
  const count = left ? b.columns : b.rows;
  return withFrame(`${count} triangular systems of order ${n}`, (frame) => {
    const { trsm: solve, trsmWorkspace } = dense();
    const matrix = triangleForWriting(frame, t, triangle);
    const x = addressForWriting(frame, b, true);
    const work = frame.bytes(trsmWorkspace(n, count));
    // X T = B is T^T X^T = B^T: both are turned
    const turned = transpose === left;
    const [row, column] = turned ? [8, 8 * n] : [8 * n, 8];
    const lower = (triangle === "lower") !== turned;
    const [across, along] = left ? [8 * b.columns, 8] : [8, 8 * b.columns];
    solve(n, count, matrix, row, column, Number(lower), Number(unitDiagonal), x, across, along, work);
    store(frame, x, b);
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
  const { l, unitDiagonal = false } = options;
  const n = checkSquareOperand("l", l);
  return withFrame(`the inverse of a triangle of order ${n}`, (frame) => {
    const { invertLower: invert, trsmWorkspace } = dense();
    const matrix = triangleForWriting(frame, l);
    invert(n, matrix, 8 * n, Number(unitDiagonal), frame.bytes(trsmWorkspace(n, n)));
    storeTriangle(frame, matrix, l);
    return l;
  });
}
