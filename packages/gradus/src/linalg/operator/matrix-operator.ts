import { blasAvailable } from "@gradus/blas";
import { ArgumentError } from "../../check/errors.ts";
import { checkBoolean, checkOptions } from "../../check/options.ts";
import { denseMultiply, denseMultiplyTransposed } from "../dense.ts";
import { checkMatrix, isSparse, type Matrix } from "../matrix.ts";
import { csrMultiply, csrMultiplyTransposed } from "../sparse/csr.ts";
import { checkSquare } from "../square.ts";
import { checkSymmetric } from "../symmetric.ts";
import { compiledProducts } from "./compiled-products.ts";
import { type LinearOperator, writingOperator } from "./contract.ts";

export interface MatrixOperatorOptions {
  /** Says that A = A^T, which is checked; false by default. */
  readonly symmetric?: boolean;
  /**
   * Copies the matrix into WebAssembly memory with the first product, in the time of about two products; later products
   * take a sixth to two thirds of the time, and differ by rounding from `multiply`. The matrix must not change from
   * then on. False by default.
   */
  readonly resident?: boolean;
}

/**
 * A matrix as an operator; the entries are not copied, unless it is `resident`.
 *
 * @param A dense or sparse
 * @throws ArgumentError when A is not a matrix, or `symmetric` and not square
 * @throws DataError when A is `symmetric` by its options but not by its entries, naming two that differ by more than
 *   1e-8 of the largest
 * @throws OutOfMemoryError of @gradus/blas, from the first product, where there is no room for the copy
 */
export function matrixOperator(A: Matrix, options: MatrixOperatorOptions = {}): LinearOperator {
  checkOptions("matrixOperator", options, ["symmetric", "resident"]);
  const { symmetric = false, resident = false } = options;
  checkBoolean({ symmetric, resident });
  const operator = namedOperator("A", A, symmetric);
  return resident && blasAvailable() ? { ...operator, ...compiledProducts(A) } : operator;
}

function namedOperator(name: string, A: Matrix, symmetric: boolean): LinearOperator {
  checkMatrix(name, A);
  if (symmetric) checkSymmetric(name, A);
  const { rows, columns } = A;
  if (isSparse(A))
    return {
      rows,
      columns,
      symmetric,
      apply(x, out) {
        csrMultiply(A, x, out);
      },
      applyAdjoint(v, out) {
        csrMultiplyTransposed(A, v, out);
      },
    };
  const { values } = A;
  return {
    rows,
    columns,
    symmetric,
    apply(x, out) {
      denseMultiply(values, rows, columns, x, out);
    },
    applyAdjoint(v, out) {
      denseMultiplyTransposed(values, rows, columns, v, out);
    },
  };
}

/** What the iterative methods take: an operator, or a matrix in its place. */
export type OperatorOrMatrix = LinearOperator | Matrix;

const isOperator = (A: OperatorOrMatrix): A is LinearOperator =>
  typeof A === "object" && A !== null && "apply" in A;

/**
 * The operator of what a method was given.
 *
 * @throws ArgumentError when it is neither an operator nor a matrix
 */
export function operatorOf(name: string, A: OperatorOrMatrix): LinearOperator {
  return isOperator(A) ? writingOperator(name, A) : namedOperator(name, A, false);
}

/**
 * The symmetric operator of what a method was given. The entries of a matrix are compared with their mirrors. An
 * operator has to say `symmetric: true`: a test by random vectors would cost products that methods count, and products
 * in float32 agree with none that is sharp.
 *
 * @throws ArgumentError when it is not square, or an operator that does not say that it is symmetric
 * @throws DataError naming two entries of a matrix that differ, or one that is not finite
 */
export function symmetricOperatorOf(name: string, A: OperatorOrMatrix): LinearOperator {
  if (!isOperator(A)) return namedOperator(name, A, true);
  checkSquare(A, name);
  if (A.symmetric !== true)
    throw new ArgumentError(`${name} must be symmetric: an operator declares it with symmetric: true`);
  return writingOperator(name, A);
}
