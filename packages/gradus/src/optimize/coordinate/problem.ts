import { checkLength } from "../../check/arrays.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { checkNonNegative } from "../../check/numbers.ts";
import type { CsrMatrix } from "../../linalg/sparse/csr.ts";

/** The part of the objective that is not smooth: lambda sum_i x_i over x >= 0, or lambda sum_i |x_i|. */
export interface BlockPenalty {
  readonly kind: "nonnegative-l1" | "l1";
  readonly lambda: number;
}

/**
 * A function R^dimension -> R as block coordinate methods use it. Along x they carry a vector from which derivatives
 * come cheaply (a residual, margins, scores, the gradient itself), and which `move` updates by the columns of a block.
 * A block is a list of coordinates without repeats.
 */
export interface BlockProblem {
  readonly dimension: number;
  /** L_i: bounds of the second derivatives along single coordinates; 0 for a coordinate that f ignores. */
  readonly lipschitz: Float64Array;
  /** True where the bound H is the Hessian, so that a full step along a block is exact. */
  readonly quadratic: boolean;
  /** The vector carried along x, made anew. */
  carry(x: Float64Array): Float64Array;
  /** f(x). */
  value(x: Float64Array, carried: Float64Array): number;
  /** All partial derivatives. */
  gradient(x: Float64Array, carried: Float64Array, out: Float64Array): void;
  /** The partial derivatives of a block. */
  partials(x: Float64Array, carried: Float64Array, block: Int32Array, out: Float64Array): void;
  /** H_b, a bound of the block's Hessian at every x: |b| x |b|, row-major. */
  bound(block: Int32Array, out: Float64Array): void;
  /** The block's Hessian at x: |b| x |b|, row-major. */
  hessian(x: Float64Array, carried: Float64Array, block: Int32Array, out: Float64Array): void;
  /** x_b <- x_b + step, and the carried vector with it. */
  move(x: Float64Array, carried: Float64Array, block: Int32Array, step: Float64Array): void;
  /** out = H v for a v that is zero outside the block; needed by `iht`. */
  boundProduct?(block: Int32Array, values: Float64Array, out: Float64Array): void;
  /** sum_j |H_ij| of every row; needed by `gsl` with variable blocks. */
  boundRowSums?(): Float64Array;
  /** Multiplications and additions of one full gradient. */
  readonly gradientFlops: number;
  /** Multiplications and additions of one move along a block, or of its partial derivatives. */
  blockFlops(block: Int32Array): number;
  /** The symmetric sparse H of a quadratic; the carried vector is then the gradient. */
  readonly graph?: CsrMatrix;
  readonly penalty?: BlockPenalty;
  /**
   * Compiled sweeps of proximal coordinate descent over a block, what is carried along x kept up to date; at most `most`, whose
   * number is returned. They end when the squared steps sum_i L_i d_i^2 of a sweep are at most `share` of the first one's.
   *
   * @param y x_b, changed; x itself is the caller's to change
   */
  sweep?(
    penalty: BlockPenalty,
    block: Int32Array,
    limits: SweepLimits,
    y: Float64Array,
    carried: Float64Array,
  ): number;
  /** The duality gap of the problem with a penalty at x, over `scale`, where a dual point comes with the gradient. */
  readonly duality?: BlockDuality;
  /** Gives the memory of copies back now; without it, garbage collection does at some time. */
  [Symbol.dispose]?(): void;
}

/** When sweeps stop. */
export interface SweepLimits {
  readonly most: number;
  readonly share: number;
}

/** How far from optimal a point can be at most, by weak duality. */
export interface BlockDuality {
  /** What a relative gap is relative to. */
  readonly scale: number;
  /** f(x) + lambda ||x||_1 less the dual's value at a feasible point made from the gradient; >= f - f* up to rounding. */
  gap(penalty: BlockPenalty, x: Float64Array, carried: Float64Array, gradient: Float64Array): number;
}

function penalized(problem: BlockProblem, kind: BlockPenalty["kind"], lambda: number): BlockProblem {
  checkNonNegative({ lambda });
  if (problem.penalty) throw new ArgumentError(`the problem already has the penalty ${problem.penalty.kind}`);
  return { ...problem, penalty: { kind, lambda } };
}

/**
 * min f(x) + lambda sum_i x_i  subject to x >= 0; lambda = 0 leaves the constraint alone.
 *
 * @throws ArgumentError unless lambda is finite and >= 0, or when the problem has a penalty already
 */
export function nonnegativeL1(problem: BlockProblem, lambda = 0): BlockProblem {
  return penalized(problem, "nonnegative-l1", lambda);
}

/**
 * min f(x) + lambda sum_i |x_i|.
 *
 * @throws ArgumentError unless lambda is finite and >= 0, or when the problem has a penalty already
 */
export function l1(problem: BlockProblem, lambda: number): BlockProblem {
  return penalized(problem, "l1", lambda);
}

/** f(x) and the penalty together. */
export function objectiveValue(problem: BlockProblem, x: Float64Array, carried: Float64Array): number {
  const value = problem.value(x, carried);
  if (!problem.penalty) return value;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.abs(x[i]);
  return value + problem.penalty.lambda * sum;
}

/**
 * argmin_y psi(y) + L (y - x)^2 / 2 + g (y - x)  for one coordinate: where a proximal gradient step of length 1/L ends.
 */
export function proximalPoint(penalty: BlockPenalty | undefined, x: number, g: number, L: number): number {
  const moved = x - g / L;
  if (!penalty) return moved;
  const threshold = penalty.lambda / L;
  if (moved > threshold) return moved - threshold;
  return penalty.kind === "l1" && moved < -threshold ? moved + threshold : 0;
}

/** The coordinates that are not 0, ascending. */
export function supportOf(x: Float64Array): Int32Array {
  const places = new Int32Array(x.length);
  let count = 0;
  for (let i = 0; i < x.length; i++) if (x[i] !== 0) places[count++] = i;
  return places.slice(0, count);
}

/** The numbers at some places. */
export function numbersAt(places: Int32Array, x: Float64Array): Float64Array<ArrayBuffer> {
  const numbers = new Float64Array(places.length);
  for (let p = 0; p < places.length; p++) numbers[p] = x[places[p]];
  return numbers;
}

/** By how much the condition of a coordinate that is 0 holds: lambda - |g_i|, or g_i + lambda over x >= 0. */
export function slackAtZero({ kind, lambda }: BlockPenalty, g: number): number {
  return lambda + (kind === "l1" ? -Math.abs(g) : g);
}

/** max_i |x_i - prox(x_i - g_i)|: |g_i| without a penalty, |min(x_i, g_i + lambda)| with x >= 0; 0 at an optimum. */
export function kktResidual({ penalty, lipschitz }: BlockProblem, x: Float64Array, g: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < x.length; i++) {
    if (lipschitz[i] === 0) continue;
    largest = Math.max(largest, Math.abs(x[i] - proximalPoint(penalty, x[i], g[i], 1)));
  }
  return largest;
}

/** max_i |x_i - prox(x_i - g_i / L_i)|: how far the longest step of a single coordinate would go. */
export function longestStep({ penalty, lipschitz }: BlockProblem, x: Float64Array, g: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < x.length; i++)
    if (lipschitz[i] > 0)
      largest = Math.max(largest, Math.abs(x[i] - proximalPoint(penalty, x[i], g[i], lipschitz[i])));
  return largest;
}

/**
 * Checks a starting point and copies it; zeros where none is given.
 *
 * @throws ArgumentError when its length is not the dimension
 * @throws DataError naming the place of a number that is not finite, or negative where x >= 0 is required
 */
export function startingPoint(
  problem: BlockProblem,
  x0: ArrayLike<number> | undefined,
): Float64Array<ArrayBuffer> {
  const { dimension, penalty } = problem;
  if (x0 === undefined) return new Float64Array(dimension);
  checkLength("x0", x0, dimension);
  const x = Float64Array.from(x0);
  for (let i = 0; i < dimension; i++) {
    if (!Number.isFinite(x[i])) throw new DataError(`x0[${i}] must be finite, got ${x[i]}`);
    if (penalty?.kind === "nonnegative-l1" && x[i] < 0)
      throw new DataError(`x0[${i}] must be >= 0 with nonnegativity, got ${x[i]}`);
  }
  return x;
}
