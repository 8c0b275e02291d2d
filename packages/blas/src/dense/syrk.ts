import { BlasArgumentError } from "../errors.ts";
import { type Matrix, zeros } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
import {
  type AnyMatrix,
  addressForReading,
  checkOperand,
  checkOperandShape,
  storeTriangle,
  type Triangle,
  triangleForWriting,
} from "../operand.ts";
import { multiplyStored, stored } from "./product.ts";

/** Arguments of `syrk`. */
export interface SyrkArguments<C extends AnyMatrix = Matrix> {
  readonly a: AnyMatrix;
  /** Whether A^T A is computed rather than A A^T. */
  readonly transpose?: boolean;
  readonly alpha?: number;
  /** Factor of what `c` holds; at 0 it is overwritten, whatever it is. */
  readonly beta?: number;
  /** The triangle of C that is read and written. */
  readonly triangle?: Triangle;
  /** The result, overwritten; a new matrix unless given. Not A. */
  readonly c?: C;
}

/**
 * One triangle of the symmetric product  C = alpha A A^T + beta C  or  alpha A^T A + beta C. What stands in the other is
 * not touched. DSYRK of BLAS.
 *
 * @returns C
 * @throws BlasArgumentError when the shapes do not fit
 * @throws OutOfMemoryError
 */
export function syrk<C extends AnyMatrix = Matrix>(options: SyrkArguments<C>): C;
export function syrk(options: SyrkArguments<AnyMatrix>): AnyMatrix {
  const { a, transpose = false } = options;
  checkOperand("a", a);
  const [n, k] = transpose ? [a.columns, a.rows] : [a.rows, a.columns];
  const c = options.c ?? zeros(n, n);
  checkOperandShape("c", c, n, n);
  if (c === a) throw new BlasArgumentError("c must not be a");
  return withFrame(`a product of ${n} x ${k} by its transpose`, (frame) => {
    triangleProduct(frame, options, n, k, c);
    return c;
  });
}

function triangleProduct(
  frame: Frame,
  { a, transpose = false, alpha = 1, beta = 0, triangle = "lower" }: SyrkArguments<AnyMatrix>,
  n: number,
  k: number,
  c: AnyMatrix,
): void {
  const address = addressForReading(frame, a);
  const addressC = triangleForWriting(frame, c, triangle);
  multiplyStored(frame, {
    ...{ m: n, n, k, alpha, beta },
    a: stored(address, a.columns, transpose),
    b: stored(address, a.columns, !transpose),
    c: addressC,
    part: triangle,
  });
  storeTriangle(frame, addressC, c, triangle);
}
