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

/**
 * Products with the matrix.
 *
 * @throws ArgumentError when the model is not n x n
 */
export function hessianOperator(model: HessianModel, n: number): LinearOperator {
  const operator = operatorOf(model, n);
  if (operator.rows !== n || operator.columns !== n)
    throw new ArgumentError(`the Hessian must be ${n} x ${n}, got ${operator.rows} x ${operator.columns}`);
  return operator;
}

function operatorOf(model: HessianModel, n: number): LinearOperator {
  switch (model.kind) {
    case "dense":
      return symmetricOperatorOf("the Hessian", model.matrix);
    case "diagonal":
      return diagonalOperator(model.values);
    case "low-rank":
      return model.coefficients.length === 0
        ? diagonalOperator(new Float64Array(n))
        : lowRankOperator(model.vectors, model.coefficients);
    case "operator":
      return model.operator;
  }
}
