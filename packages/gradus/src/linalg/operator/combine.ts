import { checkLength } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";
import { projectOut } from "../orthogonalize.ts";
import { checkSquare } from "../square.ts";
import { axpy } from "../vector.ts";
import { adjointProduct, after, forwardProduct, type LinearOperator, type Product } from "./contract.ts";

const hasAdjoint = (A: LinearOperator): boolean => A.symmetric === true || A.applyAdjoint !== undefined;

/**
 * A^T, whose adjoint is A.
 *
 * @throws ArgumentError when A is not symmetric and has no `applyAdjoint`
 */
export function transposeOperator(A: LinearOperator): LinearOperator {
  return {
    rows: A.columns,
    columns: A.rows,
    symmetric: A.symmetric,
    apply: adjointProduct(A),
    applyAdjoint: forwardProduct(A),
  };
}

/**
 * The product A B: B first, then A. Symmetric only where the caller says so (B^T B, say).
 *
 * @throws ArgumentError when A has not as many columns as B has rows
 */
export function composeOperators(
  A: LinearOperator,
  B: LinearOperator,
  options: { symmetric?: boolean } = {},
): LinearOperator {
  checkOptions("composeOperators", options, ["symmetric"]);
  const { symmetric = false } = options;
  if (A.columns !== B.rows)
    throw new ArgumentError(
      `A B needs as many columns in A as rows in B, got ${A.rows} x ${A.columns} and ${B.rows} x ${B.columns}`,
    );
  const middle = new Float64Array(A.columns);
  const inTurn =
    (first: Product, second: Product): Product =>
    (x, out) =>
      after(first(x, middle), () => second(middle, out));
  const composed: LinearOperator = {
    rows: A.rows,
    columns: B.columns,
    symmetric,
    apply: inTurn(forwardProduct(B), forwardProduct(A)),
  };
  if (!hasAdjoint(A) || !hasAdjoint(B)) return composed;
  return { ...composed, applyAdjoint: inTurn(adjointProduct(A), adjointProduct(B)) };
}

/**
 * a A + b B.
 *
 * @throws ArgumentError when the sizes differ
 */
export function sumOperators(A: LinearOperator, B: LinearOperator, a = 1, b = 1): LinearOperator {
  if (A.rows !== B.rows || A.columns !== B.columns)
    throw new ArgumentError(
      `a sum needs operators of the same size, got ${A.rows} x ${A.columns} and ${B.rows} x ${B.columns}`,
    );
  const combine = (first: Product, second: Product, length: number): Product => {
    const term = new Float64Array(length);
    return (x, out) =>
      after(first(x, out), () =>
        after(second(x, term), () => {
          for (let i = 0; i < length; i++) out[i] = a * out[i] + b * term[i];
        }),
      );
  };
  const sum: LinearOperator = {
    rows: A.rows,
    columns: A.columns,
    symmetric: A.symmetric && B.symmetric,
    apply: combine(forwardProduct(A), forwardProduct(B), A.rows),
  };
  if (sum.symmetric || !hasAdjoint(A) || !hasAdjoint(B)) return sum;
  return { ...sum, applyAdjoint: combine(adjointProduct(A), adjointProduct(B), A.columns) };
}

/** s A. */
export function scaleOperator(A: LinearOperator, s: number): LinearOperator {
  const times =
    (product: Product): Product =>
    (x, out) =>
      after(product(x, out), () => {
        for (let i = 0; i < out.length; i++) out[i] *= s;
      });
  const scaled: LinearOperator = {
    rows: A.rows,
    columns: A.columns,
    symmetric: A.symmetric,
    apply: times(forwardProduct(A)),
  };
  if (A.symmetric || A.applyAdjoint === undefined) return scaled;
  return { ...scaled, applyAdjoint: times(adjointProduct(A)) };
}

/**
 * A + sigma I.
 *
 * @throws ArgumentError unless A is square
 */
export function shiftOperator(A: LinearOperator, sigma: number): LinearOperator {
  checkSquare(A);
  const plus =
    (product: Product): Product =>
    (x, out) =>
      after(product(x, out), () => {
        axpy(sigma, x, out);
      });
  const shifted: LinearOperator = {
    rows: A.rows,
    columns: A.columns,
    symmetric: A.symmetric,
    apply: plus(forwardProduct(A)),
  };
  if (A.symmetric || A.applyAdjoint === undefined) return shifted;
  return { ...shifted, applyAdjoint: plus(adjointProduct(A)) };
}

/**
 * (I - Q Q^T) A (I - Q Q^T): A with the span of orthonormal vectors taken out. Where these are eigenvectors of a
 * symmetric A, the others keep their eigenvalues and these get 0.
 *
 * @param basis orthonormal vectors Q; not copied
 * @throws ArgumentError unless A is square and symmetric and the vectors have its order
 */
export function deflateOperator(A: LinearOperator, basis: readonly Float64Array[]): LinearOperator {
  const n = checkSquare(A);
  if (!A.symmetric) throw new ArgumentError("deflateOperator needs a symmetric operator");
  for (const [j, q] of basis.entries()) checkLength(`basis[${j}]`, q, n);
  const projected = new Float64Array(n);
  const product = forwardProduct(A);
  return {
    rows: n,
    columns: n,
    symmetric: true,
    apply(x, out) {
      projected.set(x);
      projectOut(projected, basis);
      return after(product(projected, out), () => projectOut(out, basis));
    },
  };
}
