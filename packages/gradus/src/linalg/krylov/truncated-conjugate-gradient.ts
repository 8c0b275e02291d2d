import { ArgumentError } from "../../check/errors.ts";
import type { Method } from "../../iterate/iterate.ts";
import { copyState, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { after, type LinearOperator } from "../operator/contract.ts";
import { axpy, dot, norm2 } from "../vector.ts";
import type {
  ConjugateGradientIterate,
  ConjugateGradientState,
  ConjugateGradientStepper,
} from "./conjugate-gradient-state.ts";
import {
  checkedRho,
  checkFinite,
  type LinearSystemOptions,
  residualAt,
  toleratedResidual,
} from "./linear-system.ts";

/** The options of the steps alone, which are not checked. */
export interface TruncatedOptions extends LinearSystemOptions<ConjugateGradientState> {
  /** M^-1, symmetric positive definite. */
  readonly preconditioner?: LinearOperator;
  /** Not with a preconditioner; x0 lies within it. */
  readonly radius?: number;
}

/** A linear system and where its solver ends. */
export interface SystemWithThreshold {
  readonly A: LinearOperator;
  readonly b: Float64Array;
  /** The residual norm at which the method ends. */
  readonly threshold: number;
}

/** The tau >= 0 with ||x + tau d|| = radius, for x inside and d not 0: where a step reaches the edge of a trust region. */
export function stepToBoundary(x: Float64Array, direction: Float64Array, radius: number): number {
  // in units of the radius, whose square may overflow or underflow
  const length = norm2(direction);
  const along = dot(x, direction) / length / radius;
  const size = norm2(x);
  // rounding may leave an x on the edge outside
  const inside = Math.max(0, ((radius - size) / radius) * (1 + size / radius));
  const root = Math.sqrt(along * along + inside);
  // the form of the quadratic's root that does not cancel
  return ((along > 0 ? inside / (along + root) : root - along) * radius) / length;
}

/** Of ||b||: a residual of the recurrence below it is rounding, and squares of smaller ones underflow. */
const VANISHED = 1e-40;
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
 * `conjugateGradient` for Newton methods: a direction of nonpositive curvature ends it, even one that proves that
 * A x = b has no solution. Neither A, which is symmetric, nor b nor the options are checked.
 *
 * @param guarded what becomes of the method's steps
 */
export function truncatedConjugateGradient(
  A: LinearOperator,
  b: Float64Array,
  options: TruncatedOptions,
  guarded = (stepper: ConjugateGradientStepper, _: SystemWithThreshold): ConjugateGradientStepper => stepper,
): Method<ConjugateGradientIterate> {
  const n = A.rows;
  const threshold = Math.max(toleratedResidual(b, options), VANISHED * norm2(b));
  const { x0, radius = Number.POSITIVE_INFINITY, preconditioner, resume, signal } = options;
  const bounded = radius < Number.POSITIVE_INFINITY;
  const fields = { x: n, residual: n, direction: n };
  const run = (stepper: ConjugateGradientStepper) =>
    iteratesInPlace(guarded({ ...stepper, fields }, { A, b, threshold }), { resume, signal });
  const diagonal = preconditioner?.diagonalEntries;
  if (!bounded && (!preconditioner || diagonal)) {
    const compiled = A.compiledConjugateGradients?.({ A, b, x0, threshold, preconditioner: diagonal });
    if (compiled) return run(compiled);
  }
  const product = new Float64Array(n);
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
      to(preconditioned, checkedRho(dot(residual, preconditioned), residualNorm > threshold)),
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

  return run({
    async start() {
      const residual = await residualAt(A, b, x0);
      const work: ConjugateGradientState = {
        x: x0 ? Float64Array.from(x0) : new Float64Array(n),
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
      const converged = residualNorm <= threshold;
      const reason = outcome ?? (converged ? "converged" : undefined);
      return { residualNorm, curvature, outcome: reason, done: reason !== undefined, converged };
    },
    lazy: { x: (work) => work.x.slice(), direction: (work) => work.direction.slice() },
    copy: copyState,
  });
}
