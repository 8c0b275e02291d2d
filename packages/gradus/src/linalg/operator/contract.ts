import { ArgumentError } from "../../check/errors.ts";
import type { ConjugateGradientStepper } from "../krylov/conjugate-gradient-state.ts";
import type { DenseMatrix } from "../matrix.ts";
import { written } from "./written.ts";

/** x, r, d and q = A d of conjugate gradients where products are computed: an iteration is two passes over them. */
export interface CompiledVectors {
  load(from: CompiledStart): void;
  /** Copies out what there is an array for. */
  read(to: Partial<CompiledStart>): void;
  /** q = A d; returns d^T q. */
  product(): number;
  /** d = r + beta d, q = A d. */
  turn(beta: number): { readonly squaredLength: number; readonly product: number };
  /** x = x + alpha d, r = r - alpha q; returns r^T r. */
  step(alpha: number): number;
  /** r^T M^-1 r after the last step, where there is a preconditioner M; d = M^-1 r + beta d then. */
  readonly preconditioned?: number;
  /** Gives the memory back at once. */
  release?(): void;
}

/** The system of conjugate gradients for an operator that has compiled ones. */
export interface CompiledSystem {
  /** The matrix, with its shift. */
  readonly A: LinearOperator;
  readonly b: Float64Array;
  readonly x0: Float64Array | undefined;
  /** ||b - A x|| at which they end. */
  readonly threshold: number;
  /** A is what the operator represents plus this multiple of the identity; 0 by default. */
  readonly shift?: number;
  /** The diagonal of M^-1. */
  readonly preconditioner?: Float64Array;
}

/** What conjugate gradients stand at. */
export interface CompiledStart {
  readonly x: Float64Array;
  readonly residual: Float64Array;
  readonly direction: Float64Array;
}

/**
 * A linear map R^columns -> R^rows, given by its products alone. Products of arrays are synchronous and return
 * nothing; products of a compiled graph return a promise. One product at a time: an operator may own scratch memory.
 */
export interface LinearOperator {
  readonly rows: number;
  readonly columns: number;
  /** True when A = A^T; a promise of the maker, on which methods for symmetric operators rely. */
  readonly symmetric?: boolean;
  /** out = A x, every entry of `out` overwritten; `out` is not x. */
  apply(x: Float64Array, out: Float64Array): void | Promise<void>;
  /** Conjugate gradients with their vectors beside A in WebAssembly memory, where A has such passes. */
  compiledConjugateGradients?(system: CompiledSystem): ConjugateGradientStepper | undefined;
  /** Of a diagonal matrix, all that is not 0. */
  readonly diagonalEntries?: Float64Array;
  /**
   * Of a singular symmetric A: the part of b that has a solution, in a new array. Methods refuse a right-hand side that
   * differs from it.
   */
  project?(b: Float64Array): Float64Array;
  /** out = A^T v. Symmetric operators need none. */
  applyAdjoint?(v: Float64Array, out: Float64Array): void | Promise<void>;
}

/** Continues after a product: at once where it was synchronous, whatever an arrow function then returns. */
export function after(pending: void | Promise<void>, next: () => void | Promise<void>): void | Promise<void> {
  return pending instanceof Promise ? pending.then(next) : next();
}

/** out = A x, or A^T x. */
export type Product = (x: Float64Array, out: Float64Array) => void | Promise<void>;

/** The product with A, which is seen to be in `out`. */
export function forwardProduct(A: LinearOperator, name = "A"): Product {
  return (x, out) => written(`${name}.apply`, A.apply(x, out), out);
}

function backwardProduct(A: LinearOperator, name: string): Product {
  return (v, out) => written(`${name}.applyAdjoint`, A.applyAdjoint?.(v, out), out);
}

/**
 * The product with A^T, which is seen to be in `out`.
 *
 * @throws ArgumentError when A is not symmetric and has no `applyAdjoint`
 */
export function adjointProduct(A: LinearOperator): Product {
  if (A.symmetric) return forwardProduct(A);
  if (A.applyAdjoint === undefined)
    throw new ArgumentError(
      `A must have applyAdjoint or be symmetric, got a ${A.rows} x ${A.columns} operator that has neither`,
    );
  return backwardProduct(A, "A");
}

/** An operator whose products are seen to be in `out`. */
export function writingOperator(name: string, A: LinearOperator): LinearOperator {
  return {
    rows: A.rows,
    columns: A.columns,
    symmetric: A.symmetric,
    diagonalEntries: A.diagonalEntries,
    apply: forwardProduct(A, name),
    applyAdjoint: A.applyAdjoint && backwardProduct(A, name),
    project: A.project?.bind(A),
    compiledConjugateGradients: A.compiledConjugateGradients?.bind(A),
  };
}

/** The operator's entries, column by column: as many products as it has columns. */
export async function operatorEntries(A: LinearOperator): Promise<DenseMatrix> {
  const entries = new Float64Array(A.rows * A.columns);
  const unit = new Float64Array(A.columns);
  const column = new Float64Array(A.rows);
  const product = forwardProduct(A);
  for (let j = 0; j < A.columns; j++) {
    unit[j] = 1;
    const pending = product(unit, column);
    if (pending) await pending;
    unit[j] = 0;
    for (let i = 0; i < A.rows; i++) entries[i * A.columns + j] = column[i];
  }
  return { rows: A.rows, columns: A.columns, values: entries };
}
