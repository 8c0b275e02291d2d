import { ArgumentError } from "../check/errors.ts";
import { denseMatrix } from "../linalg/matrix.ts";
import type { LinearOperator } from "../linalg/operator/contract.ts";
import { matrixOperator } from "../linalg/operator/matrix-operator.ts";
import { diagonalOperator, lowRankOperator } from "../linalg/operator/structured.ts";

/** A symmetric n x n matrix that stands for a Hessian, in the form that costs least to solve with. */
export type HessianModel =
  /** n x n, row-major. */
  | { readonly kind: "dense"; readonly values: Float64Array }
  /** n numbers. */
  | { readonly kind: "diagonal"; readonly values: Float64Array }
  /** U diag(c) U^T: U is n x k, row-major, c is k numbers; k = 0 is the zero matrix. */
  | { readonly kind: "low-rank"; readonly vectors: Float64Array; readonly coefficients: Float64Array }
  /** Products alone. */
  | { readonly kind: "operator"; readonly operator: LinearOperator };

/** The zero matrix. */
export const zeroHessian: HessianModel = {
  kind: "low-rank",
  vectors: new Float64Array(),
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
      return matrixOperator(denseMatrix(model.values, n, n), { symmetric: true });
    case "diagonal":
      return diagonalOperator(model.values);
    case "low-rank":
      return model.coefficients.length === 0
        ? diagonalOperator(new Float64Array(n))
        : lowRankOperator(denseMatrix(model.vectors, n, model.coefficients.length), model.coefficients);
    case "operator":
      return model.operator;
  }
}
