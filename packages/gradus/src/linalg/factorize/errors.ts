import { GradusError } from "../../check/errors.ts";

/** A Cholesky factorization met a pivot that is not positive. */
export class NotPositiveDefiniteError extends GradusError {
  override name = "NotPositiveDefiniteError";
  /** Number of the row, from 0: the leading block of this many rows is positive definite, one more is not. */
  readonly pivot: number;
  constructor(pivot: number) {
    super(`A must be positive definite; the pivot of row ${pivot} is not positive`);
    this.pivot = pivot;
  }
}

/** A linear system has no unique solution. */
export class SingularMatrixError extends GradusError {
  override name = "SingularMatrixError";
}
