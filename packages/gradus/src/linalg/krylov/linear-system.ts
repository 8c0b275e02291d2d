import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { ArgumentError, ConvergenceError, DataError } from "../../check/errors.ts";
import { checkLimit } from "../../check/numbers.ts";
import type { MethodOptions } from "../../iterate/iterate.ts";
import type { LinearOperator } from "../operator/contract.ts";
import type { OperatorOrMatrix } from "../operator/matrix-operator.ts";
import { checkSquare } from "../square.ts";
import { dot, norm2 } from "../vector.ts";

/** What every iterative solver of A x = b accepts. */
export interface LinearSystemOptions<State> extends MethodOptions<State> {
  /** Starting point; zeros by default. */
  readonly x0?: Float64Array;
  /** The method ends when ||b - A x|| <= max(relativeTolerance ||b||, absoluteTolerance). */
  readonly relativeTolerance?: number;
  readonly absoluteTolerance?: number;
}

/** The options that every iterative solver of A x = b has. */
export const linearSystemOptions = [
  "x0",
  "relativeTolerance",
  "absoluteTolerance",
  "resume",
  "signal",
] as const;

/**
 * The preconditioner of a system of order n, a matrix as an operator.
 *
 * @throws ArgumentError when its order differs
 */
export function preconditionerOf(
  preconditioner: OperatorOrMatrix | undefined,
  n: number,
  operator: (name: string, A: OperatorOrMatrix) => LinearOperator,
): LinearOperator | undefined {
  if (preconditioner === undefined) return undefined;
  const inverse = operator("preconditioner", preconditioner);
  if (checkSquare(inverse, "preconditioner") !== n)
    throw new ArgumentError(`preconditioner must be of order ${n}, got ${inverse.rows}`);
  return inverse;
}

/**
 * Checks that an argument is a vector of n finite numbers.
 *
 * @throws ArgumentError when the length differs
 * @throws DataError naming the place of a number that is not finite
 */
export function checkVector(name: string, vector: Float64Array, n: number): void {
  checkLength(name, vector, n);
  checkFiniteVector(name, vector);
}

/** The residual norm at which a method ends. */
export function toleratedResidual<State>(
  b: Float64Array,
  { relativeTolerance = 1e-8, absoluteTolerance = 0 }: LinearSystemOptions<State>,
): number {
  return Math.max(relativeTolerance * norm2(b), absoluteTolerance);
}

/**
 * Checks a system and its options.
 *
 * @returns the residual norm at which a method ends
 * @throws ArgumentError, DataError naming what does not fit
 */
export function residualThreshold<State>(
  A: LinearOperator,
  b: Float64Array,
  options: LinearSystemOptions<State>,
): number {
  const { x0, relativeTolerance = 1e-8, absoluteTolerance = 0 } = options;
  checkVector("b", b, A.rows);
  if (x0) checkVector("x0", x0, A.columns);
  checkLimit({ relativeTolerance, absoluteTolerance });
  return toleratedResidual(b, options);
}

/** x0, but zeros for b = 0, which they solve: no residual but 0 is small beside b = 0, and squares underflow before it. */
export const startFor = (b: Float64Array, x0: Float64Array | undefined): Float64Array | undefined =>
  b.some((entry) => entry !== 0) ? x0 : undefined;

/** Of b, relative to its length: more than this outside the range of A is no rounding. */
const OUTSIDE_RANGE = 1e-10;

/**
 * Checks that a singular A which knows its range has a solution for b.
 *
 * @throws DataError saying how much of b has none
 */
export function checkRange(A: LinearOperator, b: Float64Array): void {
  const inside = A.project?.(b);
  if (!inside) return;
  const outside = norm2(b.map((value, i) => value - inside[i]));
  if (outside > OUTSIDE_RANGE * norm2(b))
    throw new DataError(
      `b has no solution: ${outside} of ||b|| = ${norm2(b)} lie in the null space of A; solve for A.project(b)`,
    );
}

/** ||A d|| of less than this, relative to ||A|| ||d||: d is in the null space, to the rounding of d^T A d. */
const NULL_DIRECTION = 1e-6;
/** |d^T b| of less than this, relative to ||b|| ||d||, may come from the part of d that is not in the null space. */
const OUTSIDE_BY_DIRECTION = 1e-7;

/** Of ||A||: a curvature below minus this is negative, whatever rounding is. */
const NEGATIVE = 1e-12;

/**
 * Checks that a direction without curvature does not prove that A x = b has no solution: with A d = 0,
 * ||b - A x|| >= |d^T b| / ||d|| for every x. A direction of negative curvature proves nothing.
 *
 * @param direction d and its product A d
 * @param norm an estimate of ||A|| from below
 * @param threshold the residual norm at which the method ends
 * @throws DataError when that bound is above the threshold, and no rounding
 */
export function checkConsistent(
  { d, product }: { readonly d: Float64Array; readonly product: Float64Array },
  b: Float64Array,
  norm: number,
  threshold: number,
  iteration: number,
): void {
  const length = norm2(d);
  if (length === 0 || norm2(product) > NULL_DIRECTION * norm * length) return;
  if (dot(d, product) / length < -NEGATIVE * norm * length) return; // A is indefinite, and may be regular
  const least = Math.abs(dot(d, b)) / length;
  const size = norm2(b);
  if (least > Math.max(threshold, OUTSIDE_BY_DIRECTION * size))
    throw new DataError(
      `A x = b has no solution: A is singular, with A d = 0 for the direction d of iteration ${iteration}, and ||b - A x|| >= |d^T b| / ||d|| = ${least} for every x, with ||b|| = ${size}; subtract from b its part in the null space of A, or use minres for a least-squares solution`,
    );
}

/** b - A x, in a new array. */
export async function residualAt(
  A: LinearOperator,
  b: Float64Array,
  x: Float64Array | undefined,
): Promise<Float64Array> {
  if (x === undefined) return Float64Array.from(b);
  const residual = new Float64Array(A.rows);
  const pending = A.apply(x, residual);
  if (pending) await pending;
  for (let i = 0; i < residual.length; i++) residual[i] = b[i] - residual[i];
  return residual;
}

/**
 * Passes a finite number on.
 *
 * @throws ConvergenceError naming what is not finite, and where
 */
export function checkFinite(name: string, value: number, iteration: number): number {
  if (!Number.isFinite(value))
    throw new ConvergenceError(`${name} is ${value} at iteration ${iteration}: a product of A is not finite`);
  return value;
}

/**
 * Passes r^T M^-1 r on.
 *
 * @param remains whether r has not converged
 * @throws ConvergenceError when it is negative, not a number, or 0 for an r that remains
 */
export function checkedRho(rho: number, remains: boolean): number {
  if (!(rho >= 0) || (remains && rho === 0))
    throw new ConvergenceError(`the preconditioner is not positive definite: r^T M^-1 r = ${rho}`);
  return rho;
}
