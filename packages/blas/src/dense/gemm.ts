import { BlasArgumentError } from "../errors.ts";
import { type Matrix, zeros } from "../matrix.ts";
import { withFrame } from "../memory.ts";
import { type AnyMatrix, addressForWriting, checkOperand, checkOperandShape, store } from "../operand.ts";
import { checkNumber, checkOptions } from "../options.ts";
import { multiply } from "./product.ts";

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

/** Names of `GemmArguments`. */
export const GEMM_ARGUMENTS: readonly string[] = ["a", "b", "transposeA", "transposeB", "alpha", "beta", "c"];

/** m x k by k x n. */
interface Sizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** @throws BlasArgumentError unless the factors agree in their inner dimension */
export function productSizes({ a, b, transposeA, transposeB }: GemmArguments<AnyMatrix>): Sizes {
  checkOperand("a", a);
  checkOperand("b", b);
  const m = transposeA ? a.columns : a.rows;
  const k = transposeA ? a.rows : a.columns;
  const depth = transposeB ? b.columns : b.rows;
  const n = transposeB ? b.rows : b.columns;
  if (k !== depth)
    throw new BlasArgumentError(
      `a and b must agree in their inner dimension, got ${m} x ${k} and ${depth} x ${n}`,
    );
  return { m, n, k };
}

/** The result of a product, checked: new unless given. */
export function resultOf({ a, b, c }: GemmArguments<AnyMatrix>, { m, n }: Sizes): AnyMatrix {
  const result = c ?? zeros(m, n);
  checkOperandShape("c", result, m, n);
  if (result === a || result === b) throw new BlasArgumentError("c must not be a or b");
  return result;
}

/**
 * The matrix product  C = alpha op(A) op(B) + beta C,  op(X) = X or X^T, in blocks that stay in cache. NaN and infinity
 * propagate. DGEMM of BLAS.
 *
 * @returns C
 * @throws BlasArgumentError when the shapes do not fit or an argument is unknown
 * @throws OutOfMemoryError
 */
export function gemm<C extends AnyMatrix = Matrix>(options: GemmArguments<C>): C;
export function gemm(options: GemmArguments<AnyMatrix>): AnyMatrix {
  checkOptions(options, GEMM_ARGUMENTS);
  const { a, b, transposeA = false, transposeB = false, alpha = 1, beta = 0 } = options;
  checkNumber("alpha", alpha);
  checkNumber("beta", beta);
  const sizes = productSizes(options);
  const c = resultOf(options, sizes);
  const { m, n, k } = sizes;
  return withFrame(`a product of ${m} x ${k} by ${k} x ${n}`, (frame) => {
    const address = addressForWriting(frame, c, beta !== 0);
    multiply(frame, {
      m,
      n,
      k,
      alpha,
      a: { matrix: a, transposed: transposeA },
      b: { matrix: b, transposed: transposeB },
      beta,
      c: address,
      part: "all",
    });
    store(frame, address, c);
    return c;
  });
}
