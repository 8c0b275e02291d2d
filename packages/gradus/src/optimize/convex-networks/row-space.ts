import { matrixProduct, transposed } from "../../linalg/dense-product.ts";
import { qrFactorize, qrOrthonormal, qrUpper } from "../../linalg/factorize/qr.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { ReluNetwork } from "./network.ts";
import { type CheckedProblem, withOnes } from "./problem.ts";

const transpose = ({ rows, columns, values }: DenseMatrix): DenseMatrix => ({
  rows: columns,
  columns: rows,
  values: transposed(values, rows, columns),
});

/** A problem in fewer columns, and its networks in the columns that were given. */
export interface ReducedProblem {
  readonly problem: CheckedProblem;
  lift(network: ReluNetwork): ReluNetwork;
}

/**
 * A problem of n rows with more than n columns in coordinates of the space that the rows span: n columns.
 *
 *     X^T = Q R,   X u = R^T (Q^T u),   |Q v| = |v|
 *
 * A part of u_j across the rows changes no output and costs penalty, so both problems have the same optimum, and u_j = Q v_j.
 * Perturbed inputs leave that space: robust training is not reduced.
 */
export function inRowSpace(problem: CheckedProblem): ReducedProblem {
  const { x, intercept } = problem;
  if (x.columns <= x.rows) return { problem, lift: (network) => network };
  const factorization = qrFactorize(transpose(x));
  const basis = qrOrthonormal(factorization);
  const reduced = transpose(qrUpper(factorization));
  return {
    problem: { ...problem, x: reduced, design: intercept ? withOnes(reduced) : reduced },
    lift({ hidden, ...rest }) {
      const values = matrixProduct(basis.values, hidden.values, basis.columns);
      return { ...rest, hidden: { rows: x.columns, columns: hidden.columns, values } };
    },
  };
}
