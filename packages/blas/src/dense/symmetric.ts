import { checkVector, copyVectorOut, type Triangle } from "../matrix.ts";
import { withFrame } from "../memory.ts";
import {
  type AnyMatrix,
  addressForReading,
  addressForWriting,
  checkOperand,
  checkSquareOperand,
  store,
} from "../operand.ts";
import { checkEither, checkNumber, checkOptions, TRIANGLES } from "../options.ts";
import { scaleResult } from "./gemv.ts";
import { level2 } from "./vector-family.ts";

/**
 * The product  y = alpha A x + beta y  with a symmetric matrix, of which one triangle is read; none at
 * alpha = 0. DSYMV of BLAS.
 *
 * @returns y, new unless given
 * @throws BlasArgumentError when the sizes do not fit or an argument is unknown
 */
export function symv(options: {
  readonly a: AnyMatrix;
  readonly triangle?: Triangle;
  readonly x: Float64Array;
  readonly alpha?: number;
  readonly beta?: number;
  readonly y?: Float64Array;
}): Float64Array {
  checkOptions(options, ["a", "triangle", "x", "alpha", "beta", "y"]);
  const { a, triangle = "lower", x, alpha = 1, beta = 0 } = options;
  checkNumber("alpha", alpha);
  checkNumber("beta", beta);
  checkEither("triangle", triangle, TRIANGLES);
  const n = checkSquareOperand("a", a);
  checkVector("x", x, n);
  const y = options.y ?? new Float64Array(n);
  checkVector("y", y, n);
  if (alpha === 0) return scaleResult(beta, y);
  return withFrame(`a product of a symmetric matrix of order ${n} by a vector`, (frame) => {
    const matrix = addressForReading(frame, a);
    const from = frame.copy(x);
    const to = beta === 0 ? frame.numbers(n) : frame.copy(y);
    level2().symv(n, alpha, matrix, 8 * n, Number(triangle === "lower"), from, beta, to);
    copyVectorOut(frame, to, y);
    return y;
  });
}

/**
 * The rank-one update  A = A + alpha x y^T, in place; nothing at alpha = 0. DGER of BLAS.
 *
 * @returns A
 * @throws BlasArgumentError when the sizes do not fit or an argument is unknown
 */
export function ger<A extends AnyMatrix>(options: {
  readonly a: A;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly alpha?: number;
}): A {
  checkOptions(options, ["a", "x", "y", "alpha"]);
  const { a, x, y, alpha = 1 } = options;
  checkNumber("alpha", alpha);
  checkOperand("a", a);
  checkVector("x", x, a.rows);
  checkVector("y", y, a.columns);
  if (alpha === 0) return a;
  return withFrame(`an update of ${a.rows} x ${a.columns}`, (frame) => {
    const address = addressForWriting(frame, a, true);
    level2().ger(a.rows, a.columns, alpha, frame.copy(x), frame.copy(y), address, 8 * a.columns);
    store(frame, address, a);
    return a;
  });
}
