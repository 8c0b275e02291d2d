import { ArgumentError } from "../../check/errors.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import type { Method } from "../../iterate/iterate.ts";
import { after } from "../operator/contract.ts";
import { type OperatorOrMatrix, symmetricOperatorOf } from "../operator/matrix-operator.ts";
import { norm2 } from "../vector.ts";
import type {
  ConjugateGradientIterate,
  ConjugateGradientState,
  ConjugateGradientStepper,
} from "./conjugate-gradient-state.ts";
import {
  checkConsistent,
  checkFinite,
  checkRange,
  type LinearSystemOptions,
  linearSystemOptions,
  preconditionerOf,
  residualAt,
  residualThreshold,
  startFor,
} from "./linear-system.ts";
import { checkRepresentable, inUnits, systemScale } from "./system-scale.ts";
import { type SystemWithThreshold, truncatedConjugateGradient } from "./truncated-conjugate-gradient.ts";

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
 * Checks a trust radius.
 *
 * @throws ArgumentError when it is not positive, beside a preconditioner, or x0 is outside
 */
function checkRadius(radius: number, { x0, preconditioner }: ConjugateGradientOptions): void {
  if (!(radius > 0)) throw new ArgumentError(`radius must be a number > 0, got ${radius}`);
  if (radius === Number.POSITIVE_INFINITY) return;
  if (preconditioner) throw new ArgumentError("radius cannot be combined with a preconditioner");
  if (x0 && norm2(x0) > radius)
    throw new ArgumentError(`x0 must lie within radius = ${radius}, got ||x0|| = ${norm2(x0)}`);
}

/** A stepper for b / scale as one for b. */
function scaledBack(stepper: ConjugateGradientStepper, scale: number): ConjugateGradientStepper {
  if (scale === 1) return stepper;
  const { x, direction } = stepper.lazy;
  return {
    ...stepper,
    advance: (work, iteration) =>
      after(stepper.advance(work, iteration), () => checkRepresentable(work.x, scale, iteration)),
    view(work, iteration) {
      const view = stepper.view(work, iteration);
      return { ...view, residualNorm: view.residualNorm * scale };
    },
    lazy: {
      x: (work) => x(work).map((value) => value * scale),
      direction: (work) => direction(work).map((value) => value * scale),
    },
  };
}

/**
 * Of eps ||A|| ||x||: below this the recurrence's residual is taken for b - A x. They differ by some eps ||A|| times the
 * longest iterate and the number of steps (Greenbaum 1997, "Estimating the attainable accuracy of recursively computed
 * residual methods"), in practice by a few eps ||A|| ||x||.
 */
const ROUNDING = 100;

/** A stepper that measures the residual where the recurrence ends, unless rounding cannot matter there. */
function measuring(
  stepper: ConjugateGradientStepper,
  { A, b, threshold }: SystemWithThreshold,
  preconditioned: boolean,
): ConjugateGradientStepper {
  return {
    ...stepper,
    advance: (work, iteration) =>
      after(stepper.advance(work, iteration), () => {
        if (work.outcome !== undefined || work.residualNorm > threshold) return;
        // preconditioned directions say little about ||A||
        const rounding = ROUNDING * Number.EPSILON * work.largestCurvature * norm2(work.x);
        if (!preconditioned && rounding < threshold) return;
        return residualAt(A, b, work.x).then((residual) => {
          work.residualNorm = checkFinite("the residual", norm2(residual), iteration);
          if (work.residualNorm > threshold) work.outcome = "stagnated";
        });
      }),
  };
}

/** A stepper that ends with an error where its last direction proves that A x = b has no solution. */
function refusing(
  stepper: ConjugateGradientStepper,
  { A, b, threshold }: SystemWithThreshold,
): ConjugateGradientStepper {
  return {
    ...stepper,
    advance: (work, iteration) =>
      after(stepper.advance(work, iteration), () => {
        if (work.outcome !== "nonpositive-curvature") return;
        const { direction: d, largestCurvature } = work;
        const [product, image] = [new Float64Array(A.rows), new Float64Array(A.rows)];
        return after(A.apply(d, product), () =>
          after(A.apply(product, image), () => {
            // all directions may be nearly in the null space, and their curvatures say little about ||A||
            const length = norm2(product);
            const norm = Math.max(largestCurvature, length > 0 ? norm2(image) / length : 0);
            checkConsistent({ d, product }, b, norm, threshold, iteration);
          }),
        );
      }),
  };
}

/**
 * Conjugate gradients for A x = b, A symmetric positive definite, with r = b - A x and z = M^-1 r:
 *
 *     alpha = r^T z / d^T A d,  x += alpha d,  r -= alpha A d,  beta = r_new^T z_new / r^T z,  d = z_new + beta d
 *
 * x minimizes x^T A x / 2 - b^T x over a growing subspace. Where A turns out not to be positive definite the method
 * ends with the direction that shows it, x unchanged (moved along it to the boundary where there is a radius), which
 * is what Newton methods need. b = 0 is solved by 0 without a step, whatever x0 is. A residual of 1e-40 ||b|| has
 * converged under a tolerance of 0. One product per step, and one more at the end where there is a preconditioner or
 * rounding may matter, which measures the residual. Singular A is fine where b is in its range and x0 is too; another b
 * is refused: at once where A can tell (`project`), else when a direction proves it. Operators of grids and Hessians of
 * large linear models have passes in WebAssembly, which are used where there is no radius and, for the Hessians, no
 * preconditioner but a diagonal one.
 * Source: Hestenes & Stiefel 1952; with a radius Steihaug 1983, "The conjugate gradient method and trust regions in
 * large scale optimization".
 *
 * @param matrix A, symmetric, n x n: a matrix, or an operator that says so
 * @param b n numbers
 * @throws ArgumentError, DataError when something does not fit, is not symmetric or not finite, b is outside the range
 *   of A, or an option or its value is unknown
 * @throws ConvergenceError when a product or x is not finite or the preconditioner is not positive definite
 */
export function conjugateGradient(
  matrix: OperatorOrMatrix,
  b: Float64Array,
  options: ConjugateGradientOptions = {},
): Method<ConjugateGradientIterate> {
  const A = symmetricOperatorOf("A", matrix);
  checkOptions("conjugateGradient", options, [
    ...linearSystemOptions,
    "preconditioner",
    "radius",
    "inconsistent",
  ]);
  const { inconsistent = "throw", radius = Number.POSITIVE_INFINITY, ...rest } = options;
  checkOneOf(["throw", "end"], { inconsistent });
  const ends = inconsistent === "end" || radius < Number.POSITIVE_INFINITY;
  const { absoluteTolerance } = rest;
  const x0 = startFor(b, rest.x0);
  const threshold = residualThreshold(A, b, options);
  checkRadius(radius, options);
  const scale = systemScale(b, x0);
  const right = inUnits(b, scale);
  if (!options.resume) checkRange(A, right);
  const scaled = {
    ...rest,
    preconditioner: preconditionerOf(rest.preconditioner, A.rows, symmetricOperatorOf),
    radius: radius / scale,
    x0: x0 && inUnits(x0, scale),
    absoluteTolerance: absoluteTolerance && absoluteTolerance / scale,
  };
  return truncatedConjugateGradient(A, right, scaled, (stepper, system) => {
    const steps = threshold > 0 ? measuring(stepper, system, scaled.preconditioner !== undefined) : stepper;
    return scaledBack(ends ? steps : refusing(steps, { A, b, threshold }), scale);
  });
}
