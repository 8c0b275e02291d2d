import type { Iterate, Method } from "../../iterate.ts";
import { copyState, type InPlaceStepper, iteratesInPlace } from "../../iterate-in-place.ts";
import { after, checkSquare, type LinearOperator } from "../operator/contract.ts";
import { axpy, dot, norm } from "../vector.ts";
import {
  checkFinite,
  checkTolerance,
  type LinearSystemOptions,
  type LinearSystemSolution,
  residualAt,
  residualThreshold,
} from "./linear-system.ts";

export interface MinresOptions extends LinearSystemOptions<MinresState> {
  /** Where A x = b has no solution, the method ends when ||A r|| <= stationarityTolerance ||A|| ||r||. */
  readonly stationarityTolerance?: number;
}

/** Why MINRES ends. `least-squares`: A x = b has no solution, and x minimizes ||b - A x||. */
export type MinresOutcome = "converged" | "least-squares";

/** Plain data from which the method continues; names follow Paige and Saunders. */
export interface MinresState {
  x: Float64Array;
  v: Float64Array;
  previousV: Float64Array;
  d: Float64Array;
  previousD: Float64Array;
  beta: number;
  delta: number;
  epsilon: number;
  cosine: number;
  sine: number;
  residualNorm: number;
  /** Largest column of the Lanczos matrix: a lower bound of ||A||. */
  operatorNorm: number;
  outcome: MinresOutcome | undefined;
}

export interface MinresView {
  /** ||b - A x|| by the recurrence; never increases. */
  readonly residualNorm: number;
  /** Why the method ends here; undefined while it goes on. */
  readonly outcome: MinresOutcome | undefined;
  readonly done: boolean;
}

export type MinresIterate = Iterate<MinresState> & MinresView & LinearSystemSolution;

/**
 * The minimal residual method for A x = b, A symmetric, definite or not: x minimizes ||b - A x|| over the Krylov
 * space, by Lanczos vectors and a QR factorization of the Lanczos matrix that grows by one rotation a step. One
 * product a step. Where A is singular and b not in its range, x becomes a least-squares solution.
 * Source: Paige & Saunders 1975, "Solution of sparse indefinite systems of linear equations".
 *
 * @param A symmetric, n x n
 * @param b n numbers
 * @throws ArgumentError, DataError when something does not fit or is not finite
 * @throws ConvergenceError when a product is not finite
 */
export function minres(
  A: LinearOperator,
  b: Float64Array,
  options: MinresOptions = {},
): Method<MinresIterate> {
  const n = checkSquare(A);
  const threshold = residualThreshold(A, b, options);
  const { x0, stationarityTolerance = 1e-10, resume, signal } = options;
  checkTolerance("stationarityTolerance", stationarityTolerance);
  let next: Float64Array = new Float64Array(n);

  function move(work: MinresState, iteration: number): void {
    const { v, previousV, cosine, sine, beta, delta, epsilon } = work;
    const alpha = checkFinite("v^T A v", dot(v, next), iteration);
    for (let i = 0; i < n; i++) next[i] -= alpha * v[i] + beta * previousV[i];
    const nextBeta = checkFinite("the Lanczos coefficient", norm(next), iteration);
    work.operatorNorm = Math.max(work.operatorNorm, Math.hypot(beta, alpha, nextBeta));
    const delta2 = cosine * delta + sine * alpha;
    const gamma = sine * delta - cosine * alpha;
    const nextDelta = -cosine * nextBeta;
    // ||A r|| = ||r|| times this
    if (Math.hypot(gamma, nextDelta) <= stationarityTolerance * work.operatorNorm) {
      work.outcome = "least-squares";
      return;
    }
    const pivot = Math.hypot(gamma, nextBeta);
    const { d, previousD } = work;
    for (let i = 0; i < n; i++) previousD[i] = (v[i] - delta2 * d[i] - epsilon * previousD[i]) / pivot;
    work.d = previousD;
    work.previousD = d;
    axpy((gamma / pivot) * work.residualNorm, work.d, work.x);
    work.residualNorm *= nextBeta / pivot;
    work.epsilon = sine * nextBeta;
    work.delta = nextDelta;
    work.cosine = gamma / pivot;
    work.sine = nextBeta / pivot;
    work.beta = nextBeta;
    if (nextBeta > 0) for (let i = 0; i < n; i++) next[i] /= nextBeta;
    work.previousV = v;
    work.v = next;
    next = previousV;
  }

  const stepper: InPlaceStepper<MinresState, MinresView, LinearSystemSolution> = {
    async start() {
      const v = await residualAt(A, b, x0);
      const residualNorm = checkFinite("the residual", norm(v), 0);
      if (residualNorm > 0) for (let i = 0; i < n; i++) v[i] /= residualNorm;
      return {
        x: x0 ? x0.slice() : new Float64Array(n),
        v,
        previousV: new Float64Array(n),
        d: new Float64Array(n),
        previousD: new Float64Array(n),
        beta: 0,
        delta: 0,
        epsilon: 0,
        cosine: -1,
        sine: 0,
        residualNorm,
        operatorNorm: 0,
        outcome: undefined,
      };
    },
    advance: (work, iteration) => after(A.apply(work.v, next), () => move(work, iteration)),
    view({ residualNorm, outcome }) {
      const reason = outcome ?? (residualNorm <= threshold ? "converged" : undefined);
      return { residualNorm, outcome: reason, done: reason !== undefined };
    },
    late: { x: (work) => work.x.slice() },
    copy: copyState,
  };
  return iteratesInPlace(stepper, { resume, signal });
}
