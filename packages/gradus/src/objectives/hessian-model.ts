import { ArgumentError } from "../check/errors.ts";
import { type DenseMatrix, denseMatrix } from "../linalg/matrix.ts";
import type { LinearOperator } from "../linalg/operator/contract.ts";
import { symmetricOperatorOf } from "../linalg/operator/matrix-operator.ts";
import { diagonalOperator, lowRankOperator } from "../linalg/operator/structured.ts";

/** A symmetric n x n matrix that stands for a Hessian, in the form that costs least to solve with. */
export type HessianModel =
  /** n x n. */
  | { readonly kind: "dense"; readonly matrix: DenseMatrix }
  /** n numbers. */
  | { readonly kind: "diagonal"; readonly values: Float64Array }
  /** U diag(c) U^T: U is n x k, c is k numbers; k = 0 is the zero matrix, and U may then be empty. */
  | { readonly kind: "low-rank"; readonly vectors: DenseMatrix; readonly coefficients: Float64Array }
  /** Products alone, and an estimate of the diagonal, n numbers, by which conjugate gradients are preconditioned. */
  | { readonly kind: "operator"; readonly operator: LinearOperator; readonly diagonal?: Float64Array };

/** The zero matrix. */
export const zeroHessian: HessianModel = {
  kind: "low-rank",
  vectors: denseMatrix([], 0, 0),
  coefficients: new Float64Array(),
};

/** A model that is not a matrix of n x n numbers. */
type StructuredHessian = Exclude<HessianModel, { readonly kind: "dense" }>;

/**
 * @returns the matrix or operator
 * @throws ArgumentError unless it is n x n
 */
export function ofOrder<M extends Pick<LinearOperator, "rows" | "columns">>(n: number, H: M): M {
  if (H.rows !== n || H.columns !== n)
    throw new ArgumentError(`the Hessian must be ${n} x ${n}, got ${H.rows} x ${H.columns}`);
  return H;
}

/**
 * Products with a matrix that is not dense: a bundle of methods that solve with dense ones otherwise goes without their
 * products.
 *
 * @throws ArgumentError when the model is not n x n
 */
export function structuredHessianOperator(model: StructuredHessian, n: number): LinearOperator {
  switch (model.kind) {
    case "diagonal":
      return ofOrder(n, diagonalOperator(model.values));
    case "low-rank": {
      const { vectors, coefficients } = model;
      const isZero = coefficients.length === 0;
      return isZero
        ? diagonalOperator(new Float64Array(n))
        : ofOrder(n, lowRankOperator(vectors, coefficients));
    }
    case "operator":
      return ofOrder(n, model.operator);
  }
}

/**
 * Products with the matrix.
 *
 * @throws ArgumentError when the model is not n x n
 */
export function hessianOperator(model: HessianModel, n: number): LinearOperator {
  return model.kind === "dense"
    ? ofOrder(n, symmetricOperatorOf("the Hessian", model.matrix))
    : structuredHessianOperator(model, n);
}
