import { checkLength } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin } from "../../check/numbers.ts";
import { tridiagonalEigen } from "../factorize/tridiagonal-eigen.ts";
import { axpy } from "../vector.ts";
import type { LanczosFactors } from "./lanczos.ts";

/** Approximate eigenvalues of A from m Lanczos steps. */
export interface RitzValues {
  /** theta_j, descending. */
  readonly values: Float64Array;
  /**
   * gamma_j = s_{1j}^2, which sum to 1: with the values, the Gauss quadrature rule of the start vector q,
   * q^T f(A) q = sum_j gamma_j f(theta_j), exact for polynomials of degree 2m - 1 and less.
   */
  readonly weights: Float64Array;
  /** ||A y_j - theta_j y_j|| = beta_{m+1} |s_{mj}|; some eigenvalue of A is that close to theta_j. */
  readonly residuals: Float64Array;
}

/** Approximate eigenpairs. */
export interface RitzPairs extends RitzValues {
  /** Unit vectors y_j = Q s_j of n numbers, in the order of the values. */
  readonly vectors: readonly Float64Array[];
}

function checkSteps({ alpha, beta }: Pick<LanczosFactors, "alpha" | "beta">): number {
  const m = alpha.length;
  if (m === 0) throw new ArgumentError("Ritz values need at least one Lanczos step, got none");
  checkLength("beta", beta, m);
  return m;
}

/**
 * The eigenvalues of the Lanczos matrix, with their quadrature weights and residuals; O(m^2).
 * Source: Golub & Meurant 2010, "Matrices, moments and quadrature with applications".
 *
 * @throws ArgumentError when there was no step yet
 */
export function ritzValues(factors: Pick<LanczosFactors, "alpha" | "beta">): RitzValues {
  const m = checkSteps(factors);
  const { values, first, last } = tridiagonalEigen(factors.alpha, factors.beta);
  const next = factors.beta[m - 1];
  return {
    values,
    weights: first.map((s) => s * s),
    residuals: last.map((s) => Math.abs(next * s)),
  };
}

/**
 * Ritz values and vectors; O(m^3) and 2 m n flops per vector.
 *
 * @param select which pairs, 0 for the largest value; all in descending order by default
 * @throws ArgumentError when there was no step yet or a selected pair is not there
 */
export function ritzPairs(factors: LanczosFactors, select?: readonly number[]): RitzPairs {
  const m = checkSteps(factors);
  const {
    values,
    first,
    last,
    vectors = [],
  } = tridiagonalEigen(factors.alpha, factors.beta, {
    vectors: true,
  });
  const next = factors.beta[m - 1];
  const chosen = select ?? Array.from(values.keys());
  for (const [at, j] of chosen.entries()) checkIntegerWithin(0, m - 1, { [`select[${at}]`]: j });
  return {
    values: Float64Array.from(chosen, (j) => values[j]),
    weights: Float64Array.from(chosen, (j) => first[j] ** 2),
    residuals: Float64Array.from(chosen, (j) => Math.abs(next * last[j])),
    vectors: chosen.map((j) => {
      const y = new Float64Array(factors.basis[0].length);
      for (let i = 0; i < m; i++) axpy(vectors[j][i], factors.basis[i], y);
      return y;
    }),
  };
}
