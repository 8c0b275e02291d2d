import { ArgumentError } from "../../check/errors.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import type { Method } from "../../iterate/iterate.ts";
import { copyState, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { after } from "../operator/contract.ts";
import { type OperatorOrMatrix, symmetricOperatorOf } from "../operator/matrix-operator.ts";
import { axpy, dot, norm2 } from "../vector.ts";
import type {
  ConjugateGradientIterate,
  ConjugateGradientState,
  ConjugateGradientStepper,
} from "./conjugate-gradient-state.ts";
import {
  checkConsistent,
  checkedRho,
  checkFinite,
  checkRange,
  type LinearSystemOptions,
  linearSystemOptions,
  preconditionerOf,
  residualAt,
  residualThreshold,
} from "./linear-system.ts";

export interface ConjugateGradientOptions extends LinearSystemOptions<ConjugateGradientState> {
  /** M^-1, symmetric positive definite: the method then is preconditioned conjugate gradients. */
  readonly preconditioner?: OperatorOrMatrix;
  /** Trust radius: the method ends where the path of x leaves ||x|| <= radius. Not with a preconditioner. */
  readonly radius?: number;
  /**
   * What happens where a direction d without curvature proves that A x = b has no solution (A d = 0, d^T b not 0):
   * `throw`, by default, or `end` as with any direction of nonpositive curvature. With a radius it is always `end`.
   */
  readonly inconsistent?: "throw" | "end";
}

/**
 * The tau >= 0 with ||x + tau d|| = radius, for x inside: where a step reaches the edge of a trust region.
 *
 * @throws ArgumentError unless ||x|| <= radius, d is not 0 and the lengths are equal
 */
export function stepToBoundary(x: Float64Array, direction: Float64Array, radius: number): number {
  const dd = dot(direction, direction);
  const xd = dot(x, direction);
  const inside = radius * radius - dot(x, x);
  if (!(dd > 0) || !(inside >= 0))
    throw new ArgumentError(
      `x must lie within radius = ${radius} and d not be 0, got ||x|| = ${norm2(x)}, ||d|| = ${norm2(direction)}`,
    );
  const root = Math.sqrt(xd * xd + dd * inside);
  // the form of the quadratic's root that does not cancel
  return xd > 0 ? inside / (xd + root) : (root - xd) / dd;
}

const SQUARES_ARE_SAFE = 1e-280;
// engines drop the bounds checks of a loop whose arrays were compared in length before it: a third of its time
const UNEQUAL = "the vectors must have the same length";

/** x <- x + alpha d, r <- r - alpha q, in one pass over memory; returns ||r||. */
function step(alpha: number, d: Float64Array, x: Float64Array, q: Float64Array, r: Float64Array): number {
  const n = x.length;
  if (d.length !== n || q.length !== n || r.length !== n) throw new ArgumentError(UNEQUAL);
  let squares = 0;
  for (let i = 0; i < n; i++) {
    x[i] += alpha * d[i];
    const value = r[i] - alpha * q[i];
    r[i] = value;
    squares += value * value;
  }
  return squares > SQUARES_ARE_SAFE && squares < 1 / SQUARES_ARE_SAFE ? Math.sqrt(squares) : norm2(r);
}

/** d <- z + beta d, in one pass over memory; returns d^T d. */
function turnTo(z: Float64Array, beta: number, d: Float64Array): number {
  const n = d.length;
  if (z.length !== n) throw new ArgumentError(UNEQUAL);
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const value = z[i] + beta * d[i];
    d[i] = value;
    squares += value * value;
  }
  return squares;
}

/**
 * Conjugate gradients for A x = b, A symmetric positive definite, with r = b - A x and z = M^-1 r:
 *
 *     alpha = r^T z / d^T A d,  x += alpha d,  r -= alpha A d,  beta = r_new^T z_new / r^T z,  d = z_new + beta d
 *
 * x minimizes x^T A x / 2 - b^T x over a growing subspace. Where A turns out not to be positive definite the method
 * ends with the direction that shows it, x unchanged (moved along it to the boundary where there is a radius), which
 * is what Newton methods need. One product per step. Singular A is fine where b is in its range and x0 is too; another b
 * is refused: at once where A can tell (`project`), else when a direction proves it. Operators of grids and Hessians of large linear models have passes in
 * WebAssembly, which are used where there is no radius and, for the Hessians, no preconditioner but a diagonal one.
 * Source: Hestenes & Stiefel 1952; with a radius Steihaug 1983, "The conjugate gradient method and trust regions in
 * large scale optimization".
 *
 * @param matrix A, symmetric, n x n: a matrix, or an operator that says so
 * @param b n numbers
 * @throws ArgumentError, DataError when something does not fit, is not symmetric or not finite, b is outside the range
 *   of A, or an option or its value is unknown
 * @throws ConvergenceError when a product is not finite or the preconditioner is not positive definite
 */
export function conjugateGradient(
  matrix: OperatorOrMatrix,
  b: Float64Array,
  options: ConjugateGradientOptions = {},
): Method<ConjugateGradientIterate> {
  const A = symmetricOperatorOf("A", matrix);
  const n = A.rows;
  checkOptions("conjugateGradient", options, [
    ...linearSystemOptions,
    "preconditioner",
    "radius",
    "inconsistent",
  ]);
  const threshold = residualThreshold(A, b, options);
  const { x0, radius = Number.POSITIVE_INFINITY, inconsistent = "throw", resume, signal } = options;
  checkOneOf(["throw", "end"], { inconsistent });
  const preconditioner = preconditionerOf(options.preconditioner, n, symmetricOperatorOf);
  if (!(radius > 0)) throw new ArgumentError(`radius must be a number > 0, got ${radius}`);
  const bounded = radius < Number.POSITIVE_INFINITY;
  if (bounded && preconditioner) throw new ArgumentError("radius cannot be combined with a preconditioner");
  if (bounded && x0 && norm2(x0) > radius)
    throw new ArgumentError(`x0 must lie within radius = ${radius}, got ||x0|| = ${norm2(x0)}`);
  if (!resume) checkRange(A, b);
  const product = new Float64Array(n);

  /** A stepper that ends with an error where its last direction proves that A x = b has no solution. */
  function refusing(stepper: ConjugateGradientStepper): ConjugateGradientStepper {
    if (bounded || inconsistent === "end") return stepper;
    return {
      ...stepper,
      advance: (work, iteration) =>
        after(stepper.advance(work, iteration), () => {
          if (work.outcome !== "nonpositive-curvature") return;
          const { direction: d, largestCurvature } = work;
          return after(A.apply(d, product), () => {
            const image = new Float64Array(n);
            return after(A.apply(product, image), () => {
              // all directions may be nearly in the null space, and their curvatures say little about ||A||
              const length = norm2(product);
              const norm = Math.max(largestCurvature, length > 0 ? norm2(image) / length : 0);
              checkConsistent({ d, product }, b, norm, threshold, iteration);
            });
          });
        }),
    };
  }

  const diagonal = preconditioner?.diagonalEntries;
  if (!bounded && (!preconditioner || diagonal)) {
    const compiled = A.compiledConjugateGradients?.({ A, b, x0, threshold, preconditioner: diagonal });
    if (compiled) return iteratesInPlace(refusing(compiled), { resume, signal });
  }
  const preconditioned = new Float64Array(preconditioner ? n : 0);

  /** Turns to the next direction. */
  function turn(work: ConjugateGradientState): void | Promise<void> {
    const to = (z: Float64Array, rho: number) => {
      const beta = work.rho === 0 ? 0 : rho / work.rho;
      work.rho = rho;
      work.squaredLength = turnTo(z, beta, work.direction);
    };
    const { residual, residualNorm } = work;
    if (!preconditioner) return to(residual, residualNorm ** 2);
    return after(preconditioner.apply(residual, preconditioned), () =>
      to(preconditioned, checkedRho(dot(residual, preconditioned))),
    );
  }

  function move(work: ConjugateGradientState, iteration: number): void | Promise<void> {
    const { x, residual, direction, squaredLength } = work;
    const curvature = checkFinite("d^T A d", dot(direction, product), iteration) / squaredLength;
    const previous = work.largestCurvature;
    work.curvature = curvature;
    work.largestCurvature = Math.max(previous, Math.abs(curvature));
    const convex = curvature > Number.EPSILON * previous;
    const alpha = convex ? work.rho / (curvature * squaredLength) : Number.POSITIVE_INFINITY;
    const farthest = bounded ? stepToBoundary(x, direction, radius) : Number.POSITIVE_INFINITY;
    if (alpha >= farthest || !convex) {
      work.outcome = convex ? "boundary" : "nonpositive-curvature";
      if (!bounded) return;
      axpy(farthest, direction, x);
      axpy(-farthest, product, residual);
      work.residualNorm = norm2(residual);
      return;
    }
    work.residualNorm = checkFinite("the residual", step(alpha, direction, x, product, residual), iteration);
    return turn(work);
  }

  const stepper: ConjugateGradientStepper = {
    async start() {
      const residual = await residualAt(A, b, x0);
      const work: ConjugateGradientState = {
        x: x0 ? x0.slice() : new Float64Array(n),
        residual,
        direction: new Float64Array(n),
        rho: 0,
        squaredLength: 0,
        residualNorm: checkFinite("the residual", norm2(residual), 0),
        curvature: undefined,
        largestCurvature: 0,
        outcome: undefined,
      };
      await turn(work);
      return work;
    },
    advance: (work, iteration) => after(A.apply(work.direction, product), () => move(work, iteration)),
    view({ residualNorm, curvature, outcome }) {
      const reason = outcome ?? (residualNorm <= threshold ? "converged" : undefined);
      return { residualNorm, curvature, outcome: reason, done: reason !== undefined };
    },
    lazy: { x: (work) => work.x.slice(), direction: (work) => work.direction.slice() },
    copy: copyState,
  };
  return iteratesInPlace(refusing(stepper), { resume, signal });
}
