import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkNonNegativeInteger, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import type { Iterate, Method } from "../../iterate/iterate.ts";
import { type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import {
  checkConsistent,
  checkFinite,
  checkRange,
  type LinearSystemOptions,
  linearSystemOptions,
  residualAt,
  residualThreshold,
  startFor,
} from "../../linalg/krylov/linear-system.ts";
import type { LinearSystemSolution } from "../../linalg/krylov/linear-system-solution.ts";
import { type OperatorOrMatrix, symmetricOperatorOf } from "../../linalg/operator/matrix-operator.ts";
import { written } from "../../linalg/operator/written.ts";
import { axpy, dot, norm2 } from "../../linalg/vector.ts";
import { randomStream } from "../../random/stream.ts";
import type { DirectionSource } from "./direction.ts";
import { conjugate, type DirectionHistory, keep } from "./history.ts";

export interface ConjugateDirectionsOptions extends LinearSystemOptions<ConjugateDirectionsState> {
  /** Directions that each new one is made conjugate to; 2 by default. */
  readonly stored?: number | "all";
  /** How often it is: 2 where many are stored, since a nonlinear source leaves much to take out. 1 by default. */
  readonly passes?: 1 | 2;
  /** Gram-Schmidt with the coefficients of the direction as it came, or of what is left of it. */
  readonly orthogonalization?: "classical" | "modified";
  /** b - A x anew in each step, with a second product (`true`), or by its recurrence. */
  readonly residual?: "true" | "recursive";
}

/**
 * Why conjugate directions end. `stagnated`: the residual as the direction makes no progress either, or the true residual
 * is rounding and the tolerance below it.
 */
export type ConjugateDirectionsOutcome = "converged" | "stagnated";

/** Plain data from which the method continues. */
export interface ConjugateDirectionsState extends DirectionHistory {
  x: Float64Array;
  residual: Float64Array;
  residualNorm: number;
  /** An estimate of ||A|| from below. */
  norm: number;
  /** What the last step lowered ||x - x*||_A^2 by. */
  energyDrop: number | undefined;
  /** The same of the last steps along the present kind of direction, at most 20. */
  drops: number[];
  /** ||r|| before each of these steps. */
  norms: number[];
  fallbacks: number;
  /** Whether the source made no progress, so that the residual is the direction from there on. */
  abandoned: boolean;
  outcome: ConjugateDirectionsOutcome | undefined;
}

/** What an iterate of conjugate directions shows. */
export interface ConjugateDirectionsView {
  /** ||b - A x||. */
  readonly residualNorm: number;
  /** What the last step lowered ||x - x*||_A^2 by; undefined at the start. */
  readonly energyDrop: number | undefined;
  /** Steps whose direction was the residual instead of what the source gave. */
  readonly fallbacks: number;
  /** Whether the source is no longer asked, since it made no progress. */
  readonly abandoned: boolean;
  /** Why the method ends here; undefined while it continues. */
  readonly outcome: ConjugateDirectionsOutcome | undefined;
  readonly done: boolean;
  /** Whether ||b - A x|| is within the tolerance. */
  readonly converged: boolean;
}

/** An iterate of conjugate directions: what it shows, and x, copied when it is read. */
export type ConjugateDirectionsIterate = Iterate<ConjugateDirectionsState> &
  ConjugateDirectionsView &
  LinearSystemSolution;

const WINDOW = 20;
/** Of what one step of steepest descent lowers the energy by at least: conjugate gradients never do less in a window. */
const SHARE = 0.1;
/** Of ||A|| times the squared length of a direction, before and after it is made conjugate: less curvature is rounding. */
const NO_CURVATURE = 1e-13;

/** Of ||A|| ||x|| + ||b|| and the square root of n: a residual that no longer falls from there on is rounding. */
const ROUNDING = Number.EPSILON;

const copyOf = (state: ConjugateDirectionsState): ConjugateDirectionsState => ({
  ...state,
  x: state.x.slice(),
  residual: state.residual.slice(),
  directions: state.directions.map((d) => d.slice()),
  products: state.products.map((q) => q.slice()),
  curvatures: state.curvatures.slice(),
  drops: state.drops.slice(),
  norms: state.norms.slice(),
});

/**
 * Conjugate directions from any source f, for A x = b with A symmetric positive (semi)definite:
 *
 *     d = f(r / ||r||) - sum over stored p:  p (f^T A p) / (p^T A p),   alpha = d^T r / d^T A d,   x += alpha d
 *
 * with r = b - A x. The error never grows in the norm of A, whatever the source returns; with the identity or a
 * preconditioner as the source these are the iterates of conjugate gradients. Where a direction has no curvature, as one
 * in the null space, the residual takes its place. It does so for good after 20 steps that together lowered the energy of
 * the error by less than a tenth of what one step of steepest descent lowers it by at least, ||r||^2 / ||A||: the method
 * goes on as conjugate gradients. It ends where 20 steps no longer lower a residual that is rounding. A product and an
 * evaluation of the source a step, a second product with the true residual.
 * Source: Kaneda, Akar, Chen, Kala, Hyde & Teran 2023, "A deep conjugate direction method for iteratively solving linear
 * systems".
 *
 * @param matrix A, symmetric, n x n: a matrix, or an operator that says so
 * @param b n numbers
 * @param source a preconditioner, a network (`networkDirection`), any function of the residual
 * @throws ArgumentError, DataError when something does not fit, is not symmetric or not finite, b is outside the range
 *   of A, or an option or its value is unknown
 * @throws ConvergenceError when a product or a direction is not finite, or A has negative curvature
 */
export function conjugateDirections(
  matrix: OperatorOrMatrix,
  b: Float64Array,
  source: DirectionSource,
  options: ConjugateDirectionsOptions = {},
): Method<ConjugateDirectionsIterate> {
  const A = symmetricOperatorOf("A", matrix);
  const n = A.rows;
  checkOptions("conjugateDirections", options, [
    ...linearSystemOptions,
    "stored",
    "passes",
    "orthogonalization",
    "residual",
  ]);
  const threshold = residualThreshold(A, b, options);
  const { stored = 2, passes = 1, orthogonalization = "classical", residual = "true" } = options;
  const { resume, signal } = options;
  const x0 = startFor(b, options.x0);
  if (stored !== "all") checkNonNegativeInteger({ stored });
  checkPositiveInteger({ passes });
  checkOneOf([1, 2], { passes });
  checkOneOf(["classical", "modified"], { orthogonalization });
  checkOneOf(["true", "recursive"], { residual });
  if (typeof source?.apply !== "function")
    throw new ArgumentError("source must have a function apply(residual, out)");
  if (!resume) checkRange(A, b);
  const most = stored === "all" ? Number.POSITIVE_INFINITY : stored;
  const modified = orthogonalization === "modified";
  const d = new Float64Array(n);
  const q = new Float64Array(n);
  const unit = new Float64Array(n);
  const size = norm2(b);

  /** Whether the last steps did not lower the residual, and no step can. */
  function isRounding({ x, residualNorm, norm, norms }: ConjugateDirectionsState): boolean {
    const floor = ROUNDING * Math.sqrt(n) * (norm * norm2(x) + size);
    return residualNorm <= floor && residualNorm >= Math.min(...norms);
  }

  async function product(x: Float64Array, out: Float64Array): Promise<void> {
    const pending = A.apply(x, out);
    if (pending) await pending;
  }

  /** d^T A d of the direction in d, made conjugate to the stored ones; 0 where it is rounding. */
  async function curvatureOf(work: ConjugateDirectionsState, iteration: number): Promise<number> {
    const before = dot(d, d);
    for (let pass = 0; pass < passes; pass++) conjugate(d, work, modified);
    await product(d, q);
    const curvature = checkFinite("d^T A d", dot(d, q), iteration);
    const length = dot(d, d);
    const rounding = NO_CURVATURE * work.norm * Math.max(before, length);
    if (curvature < -rounding)
      throw new ConvergenceError(
        `A is not positive semidefinite: d^T A d = ${curvature} along the direction d of iteration ${iteration}`,
      );
    if (!(curvature > rounding)) {
      checkConsistent({ d, product: q }, b, work.norm, threshold, iteration);
      return 0;
    }
    work.norm = Math.max(work.norm, curvature / length);
    return curvature;
  }

  async function advance(work: ConjugateDirectionsState, iteration: number): Promise<void> {
    const { x, residual: r, residualNorm } = work;
    if (work.abandoned) {
      work.fallbacks += 1;
      d.set(r);
    } else {
      for (let i = 0; i < n; i++) unit[i] = r[i] / residualNorm;
      const pending = written("source.apply", source.apply(unit, d), d);
      if (pending) await pending;
    }
    const bad = d.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0)
      throw new ConvergenceError(
        `the direction of iteration ${iteration} is not finite: ${d[bad]} at index ${bad}`,
      );
    let curvature = await curvatureOf(work, iteration);
    if (curvature === 0 && !work.abandoned) {
      work.fallbacks += 1;
      d.set(r);
      curvature = await curvatureOf(work, iteration);
    }
    if (curvature === 0) {
      work.outcome = "stagnated";
      return;
    }
    const slope = dot(d, r);
    const alpha = slope / curvature;
    axpy(alpha, d, x);
    if (residual === "true") {
      keep(work, most, d, q, curvature);
      await product(x, q);
      for (let i = 0; i < n; i++) r[i] = b[i] - q[i];
    } else {
      axpy(-alpha, q, r);
      keep(work, most, d, q, curvature);
    }
    work.residualNorm = checkFinite("the residual", norm2(r), iteration);
    if (work.drops.length === WINDOW) {
      work.drops.shift();
      work.norms.shift();
    }
    work.energyDrop = slope * alpha;
    work.drops.push(work.energyDrop);
    work.norms.push(residualNorm);
    if (work.drops.length < WINDOW) return;
    if (isRounding(work)) {
      work.outcome = "stagnated";
      return;
    }
    const drop = work.drops.reduce((sum, value) => sum + value, 0);
    if (drop >= (SHARE * work.norms[0] ** 2) / work.norm) return;
    if (work.abandoned) work.outcome = "stagnated";
    work.abandoned = true;
    work.drops.length = 0;
    work.norms.length = 0;
  }

  /** ||A^2 w|| / ||A w|| for random signs w. */
  async function estimatedNorm(): Promise<number> {
    const stream = randomStream(0);
    for (let i = 0; i < n; i++) unit[i] = stream.uniform() < 0.5 ? -1 : 1;
    await product(unit, d);
    const length = norm2(d);
    if (length === 0) return 0;
    await product(d, q);
    return norm2(q) / length;
  }

  const stepper: InPlaceStepper<ConjugateDirectionsState, ConjugateDirectionsView, LinearSystemSolution> = {
    async start() {
      const r = await residualAt(A, b, x0);
      const residualNorm = checkFinite("the residual", norm2(r), 0);
      return {
        x: x0 ? Float64Array.from(x0) : new Float64Array(n),
        residual: r,
        residualNorm,
        directions: [],
        products: [],
        curvatures: [],
        norm: checkFinite("||A w||", await estimatedNorm(), 0),
        energyDrop: undefined,
        drops: [],
        norms: [],
        fallbacks: 0,
        abandoned: false,
        outcome: undefined,
      };
    },
    advance,
    view({ residualNorm, energyDrop, fallbacks, abandoned, outcome }) {
      const reason = residualNorm <= threshold ? "converged" : outcome;
      return {
        residualNorm,
        energyDrop,
        fallbacks,
        abandoned,
        outcome: reason,
        done: reason !== undefined,
        converged: residualNorm <= threshold,
      };
    },
    lazy: { x: (work) => work.x.slice() },
    copy: copyOf,
  };
  return iteratesInPlace({ ...stepper, fields: { x: n, residual: n } }, { resume, signal });
}
