import { BlasArgumentError } from "../errors.ts";
import { type Matrix, zeros } from "../matrix.ts";
import { withFrame } from "../memory.ts";
import {
  type AnyMatrix,
  addressForReading,
  addressForWriting,
  checkOperand,
  checkOperandShape,
  store,
} from "../operand.ts";
import { multiplyStored, stored } from "./product.ts";

/** Arguments of `gemm`. */
export interface GemmArguments<C extends AnyMatrix = Matrix> {
  readonly a: AnyMatrix;
  readonly b: AnyMatrix;
  /** Whether A^T stands in A's place. */
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly alpha?: number;
  /** Factor of what `c` holds; at 0 it is overwritten, whatever it is. */
  readonly beta?: number;
  /** The result, overwritten; a new matrix unless given. Not one of the factors. */
  readonly c?: C;
}

/**
 * The matrix product  C = alpha op(A) op(B) + beta C,  op(X) = X or X^T, in blocks that stay in cache. NaN and infinity
 * propagate. DGEMM of BLAS.
 *
 * @returns C
 * @throws BlasArgumentError when the shapes do not fit
 * @throws OutOfMemoryError
 */
export function gemm<C extends AnyMatrix = Matrix>(options: GemmArguments<C>): C;
export function gemm(options: GemmArguments<AnyMatrix>): AnyMatrix {
  const { a, b, transposeA = false, transposeB = false, alpha = 1, beta = 0 } = options;
  checkOperand("a", a);
  checkOperand("b", b);
  const [m, inner] = transposeA ? [a.columns, a.rows] : [a.rows, a.columns];
  const [depth, n] = transposeB ? [b.columns, b.rows] : [b.rows, b.columns];
  if (inner !== depth)
    throw new BlasArgumentError(
      `a and b must agree in their inner dimension, got ${m} x ${inner} and ${depth} x ${n}`,
    );
  const c = options.c ?? zeros(m, n);
  checkOperandShape("c", c, m, n);
  if (c === a || c === b) throw new BlasArgumentError("c must not be one of the factors");
  return withFrame(`a product of ${m} x ${inner} by ${inner} x ${n}`, (frame) => {
    const addressA = addressForReading(frame, a);
    const addressB = a === b ? addressA : addressForReading(frame, b);
    const addressC = addressForWriting(frame, c, beta !== 0);
    multiplyStored(frame, {
      ...{ m, n, k: inner, alpha, beta },
      a: stored(addressA, a.columns, transposeA),
      b: stored(addressB, b.columns, transposeB),
      c: addressC,
    });
    store(frame, addressC, c);
    return c;
  });
}
