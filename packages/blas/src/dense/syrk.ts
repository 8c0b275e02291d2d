import { BlasArgumentError } from "../errors.ts";
import type { Matrix, Triangle } from "../matrix.ts";
import { withFrame } from "../memory.ts";
import { type AnyMatrix, addressForWriting, storeTriangle } from "../operand.ts";
import { checkEither, checkNumber, checkOptions, TRIANGLES } from "../options.ts";
import { GEMM_ARGUMENTS, type GemmArguments, productSizes, resultOf } from "./gemm.ts";
import { multiply } from "./product.ts";

/** Arguments of `gemmtr`. */
export interface GemmtrArguments<C extends AnyMatrix = Matrix> extends GemmArguments<C> {
  /** The triangle of C that is read and written. */
  readonly triangle?: Triangle;
}

/**
 * One triangle of a square product  C = alpha op(A) op(B) + beta C. What stands in the other is not touched. DGEMMTR of
 * BLAS.
 *
 * @returns C
 * @throws BlasArgumentError when the shapes do not fit or an argument is unknown
 * @throws OutOfMemoryError
 */
export function gemmtr<C extends AnyMatrix = Matrix>(options: GemmtrArguments<C>): C;
export function gemmtr(options: GemmtrArguments<AnyMatrix>): AnyMatrix {
  checkOptions(options, [...GEMM_ARGUMENTS, "triangle"]);
  const { a, b, transposeA = false, transposeB = false, alpha = 1, beta = 0, triangle = "lower" } = options;
  checkNumber("alpha", alpha);
  checkNumber("beta", beta);
  checkEither("triangle", triangle, TRIANGLES);
  const sizes = productSizes(options);
  const { m, n, k } = sizes;
  if (m !== n) throw new BlasArgumentError(`the product must be square, got ${m} x ${n}`);
  const c = resultOf(options, sizes);
  return withFrame(`a product of ${n} x ${k} by ${k} x ${n}`, (frame) => {
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
      part: triangle,
    });
    storeTriangle(frame, address, c, triangle);
    return c;
  });
}

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
 * @throws BlasArgumentError when the shapes do not fit or an argument is unknown
 * @throws OutOfMemoryError
 */
export function syrk<C extends AnyMatrix = Matrix>(options: SyrkArguments<C>): C {
  checkOptions(options, ["a", "transpose", "alpha", "beta", "triangle", "c"]);
  const { a, transpose = false, ...rest } = options;
  return gemmtr({ ...rest, a, b: a, transposeA: transpose, transposeB: !transpose });
}
