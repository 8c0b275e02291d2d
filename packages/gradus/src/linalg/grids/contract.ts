import type { LinearOperator } from "../operator/contract.ts";
import type { CsrMatrix } from "../sparse/csr.ts";
import type { GridDomain } from "./domain.ts";

/**
 * What is beyond the sides of the box and of obstacles. `neumann`: nothing flows through them, so that a face there has no
 * term; `dirichlet`: the value is 0 there.
 */
export type GridBoundary = "neumann" | "dirichlet";

/**
 * A symmetric positive semidefinite matrix of couplings between the cells beside each other, by its products:
 * (A x)_k = diagonal_k x_k - the sum over the cells j beside k of their coupling times x_j. Rows and columns of solid
 * cells are 0.
 */
export interface GridOperator extends LinearOperator, GridDomain {
  readonly boundary: GridBoundary;
  readonly diagonal: Float64Array;
  /** For each axis and cell its coupling with the next cell along the axis, >= 0; 0 where there is none. */
  readonly couplings: readonly Float64Array[];
  readonly symmetric: true;
  apply(x: Float64Array, out: Float64Array): void;
  /** The part of b that has a solution: 0 in solid cells, without its mean on each connected part of a singular A. */
  project(b: Float64Array): Float64Array;
  toCsr(): CsrMatrix;
}
