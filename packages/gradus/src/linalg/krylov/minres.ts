import { ConvergenceError } from "../../check/errors.ts";
import { checkLimit } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { Iterate, Method } from "../../iterate/iterate.ts";
import { copyState, type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { after } from "../operator/contract.ts";
import { type OperatorOrMatrix, symmetricOperatorOf } from "../operator/matrix-operator.ts";
import { axpy, dot, norm2 } from "../vector.ts";
import {
  checkFinite,
  type LinearSystemOptions,
  linearSystemOptions,
  preconditionerOf,
  residualAt,
  startFor,
} from "./linear-system.ts";
import type { LinearSystemSolution } from "./linear-system-solution.ts";
import { checkRepresentable, systemInUnits } from "./system-scale.ts";

export interface MinresOptions extends LinearSystemOptions<MinresState> {
  /** M^-1, symmetric positive definite. */
  readonly preconditioner?: OperatorOrMatrix;
  /**
   * Where A x = b has no solution, the method ends when ||A r|| <= stationarityTolerance ||A|| ||r||, or before a step
   * along a d with ||A d|| <= stationarityTolerance ||A|| ||d|| where rounding keeps ||A r|| above; with a preconditioner
   * for M^-1/2 A M^-1/2, M^-1/2 r and M^1/2 d. 1e-10 by default, below the 1e-8 of `lsmr`, where it is an accuracy: here it
   * tells a singular A from one whose condition number is up to 1e10.
   */
  readonly stationarityTolerance?: number;
}

/**
 * Why MINRES ends. `least-squares`: A x = b has no solution, and x minimizes ||b - A x||, or its M^-1 norm. `stagnated`:
 * by the recurrence it is one of these, but rounding keeps ||b - A x|| above.
 */
export type MinresOutcome = "converged" | "least-squares" | "stagnated";

/** Plain data from which the method continues; names follow Paige and Saunders. */
export interface MinresState {
  x: Float64Array;
  v: Float64Array;
  previousV: Float64Array;
  d: Float64Array;
  previousD: Float64Array;
  /** M d; empty without a preconditioner. */
  weighedD: Float64Array;
  previousWeighedD: Float64Array;
  beta: number;
  delta: number;
  epsilon: number;
  cosine: number;
  sine: number;
  /** ||r||, with a preconditioner ||r||_(M^-1), by the recurrence. */
  phi: number;
  /** M^-1 v and r = b - A x; empty without a preconditioner, where phi is the length of r. */
  z: Float64Array;
  residual: Float64Array;
  /** Largest column of the Lanczos matrix: a lower bound of ||A||. */
  operatorNorm: number;
  /** ||b - A x|| where the Lanczos vectors began. */
  firstResidualNorm: number;
  outcome: MinresOutcome | undefined;
}

/** What an iterate of MINRES shows. */
export interface MinresView {
  /**
   * ||b - A x|| by the recurrence, and measured at the end. The recurrence never increases, with a preconditioner in the
   * M^-1 norm alone, until it begins anew.
   */
  readonly residualNorm: number;
  /** Why the method ends here; undefined while it continues. */
  readonly outcome: MinresOutcome | undefined;
  readonly done: boolean;
  /** Whether ||b - A x|| is within the tolerance or least. */
  readonly converged: boolean;
}

/** An iterate of MINRES: what it shows, and its solution, computed when it is read. */
export type MinresIterate = Iterate<MinresState> & MinresView & LinearSystemSolution;

/** ||A r|| of less than this, relative to ||A|| ||r||, may be all that rounding leaves. */
const NEARLY_STATIONARY = 1e-6;

/** A measured residual of more than this, relative to that of the recurrence, has another length. */
const ANOTHER = 1.01;

/** The vectors begin anew from a residual of less than this, relative to the one from which they began. */
const WORTHWHILE = 0.5;

/**
 * The minimal residual method for A x = b, A symmetric, definite or not: x minimizes ||b - A x|| over the Krylov
 * space, by Lanczos vectors and a QR factorization of the Lanczos matrix that grows by one rotation a step. One
 * product per step, and one more at the end, which measures the residual: where rounding, of up to eps cond(A)^2 ||b||,
 * keeps it above that of the recurrence, the vectors begin anew from it while that pays. b = 0 is solved by 0 without a
 * step, whatever x0 is. Where A is singular and b not in its range, x becomes a least-squares solution. With a
 * preconditioner M^-1 the same for  M^-1/2 A M^-1/2: x minimizes  ||r||_(M^-1) = sqrt(r^T M^-1 r),  over the Krylov
 * space of M^-1 A, and the method is still stopped by ||r||.
 * Source: Paige & Saunders 1975, "Solution of sparse indefinite systems of linear equations"; with a preconditioner
 * Elman, Silvester & Wathen 2005, "Finite elements and fast iterative solvers", section 6.1.
 *
 * @param matrix A, symmetric, n x n: a matrix, or an operator that says so
 * @param b n numbers
 * @throws ArgumentError, DataError when something does not fit, is not symmetric or not finite, or an option is unknown
 * @throws ConvergenceError when a product or x is not finite or the preconditioner is not positive definite
 */
export function minres(
  matrix: OperatorOrMatrix,
  b: Float64Array,
  options: MinresOptions = {},
): Method<MinresIterate> {
  const A = symmetricOperatorOf("A", matrix);
  const n = A.rows;
  checkOptions("minres", options, [...linearSystemOptions, "preconditioner", "stationarityTolerance"]);
  const { scale, right, threshold, ...inUnits } = systemInUnits(A, b, options);
  const { stationarityTolerance = 1e-10, resume, signal } = options;
  const x0 = startFor(right, inUnits.x0);
  checkLimit({ stationarityTolerance });
  const preconditioner = preconditionerOf(options.preconditioner, n, symmetricOperatorOf);
  let next: Float64Array = new Float64Array(n);
  let nextZ: Float64Array = new Float64Array(preconditioner ? n : 0);

  /** Goes on with sqrt(u^T M^-1 u), and M^-1 u in z. */
  function weigh(u: Float64Array, z: Float64Array, then: (length: number) => void): void | Promise<void> {
    if (!preconditioner) return then(norm2(u));
    return after(preconditioner.apply(u, z), () => {
      const square = dot(u, z);
      if (!(square >= 0))
        throw new ConvergenceError(`the preconditioner is not positive definite: v^T M^-1 v = ${square}`);
      then(Math.sqrt(square));
    });
  }

  function move(work: MinresState, iteration: number): void | Promise<void> {
    const { v, previousV, z, beta } = work;
    const alpha = checkFinite("v^T A v", dot(preconditioner ? z : v, next), iteration);
    for (let i = 0; i < n; i++) next[i] -= alpha * v[i] + beta * previousV[i];
    return weigh(next, nextZ, (length) =>
      turn(work, alpha, checkFinite("the Lanczos coefficient", length, iteration)),
    );
  }

  function turn(work: MinresState, alpha: number, nextBeta: number): void {
    const { v, previousV, cosine, sine, beta, delta, epsilon } = work;
    const z = preconditioner ? work.z : v;
    work.operatorNorm = Math.max(work.operatorNorm, Math.hypot(beta, alpha, nextBeta));
    const delta2 = cosine * delta + sine * alpha;
    const gamma = sine * delta - cosine * alpha;
    const nextDelta = -cosine * nextBeta;
    // ||A r|| = ||r|| times this
    const stationarity = Math.hypot(gamma, nextDelta);
    if (stationarity <= stationarityTolerance * work.operatorNorm) {
      work.outcome = "least-squares";
      return;
    }
    const pivot = Math.hypot(gamma, nextBeta);
    const { d, previousD, weighedD, previousWeighedD } = work;
    for (let i = 0; i < n; i++) previousD[i] = (z[i] - delta2 * d[i] - epsilon * previousD[i]) / pivot;
    work.d = previousD;
    work.previousD = d;
    for (let i = 0; i < weighedD.length; i++)
      previousWeighedD[i] = (v[i] - delta2 * weighedD[i] - epsilon * previousWeighedD[i]) / pivot;
    work.weighedD = previousWeighedD;
    work.previousWeighedD = weighedD;
    // ||A d|| = 1: a longer d is a null vector, of which rounding would add ever larger multiples to x
    if (stationarity <= NEARLY_STATIONARY * work.operatorNorm) {
      const square = dot(work.d, preconditioner ? work.weighedD : work.d);
      if (1 <= stationarityTolerance * work.operatorNorm * Math.sqrt(square)) {
        work.outcome = "least-squares";
        return;
      }
    }
    axpy((gamma / pivot) * work.phi, work.d, work.x);
    work.phi *= nextBeta / pivot;
    work.epsilon = sine * nextBeta;
    work.delta = nextDelta;
    work.cosine = gamma / pivot;
    work.sine = nextBeta / pivot;
    work.beta = nextBeta;
    if (nextBeta > 0) {
      for (let i = 0; i < n; i++) next[i] /= nextBeta;
      for (let i = 0; i < nextZ.length; i++) nextZ[i] /= nextBeta;
    }
    work.previousV = v;
    work.v = next;
    next = previousV;
    if (preconditioner) {
      work.z = nextZ;
      nextZ = z;
      followResidual(work);
    }
  }

  /** Begins the Lanczos vectors with the residual, which is overwritten. */
  function begin(work: MinresState, v: Float64Array, iteration: number): void | Promise<void> {
    Object.assign(work, { v, beta: 0, delta: 0, epsilon: 0, cosine: -1, sine: 0, outcome: undefined });
    for (const name of ["previousV", "d", "previousD", "weighedD", "previousWeighedD"] as const)
      work[name].fill(0);
    if (preconditioner) work.residual.set(v);
    work.firstResidualNorm = norm2(v);
    return weigh(v, work.z, (length) => {
      if (length === 0 && work.firstResidualNorm > threshold)
        throw new ConvergenceError("the preconditioner is not positive definite: v^T M^-1 v = 0");
      work.phi = checkFinite("the residual", length, iteration);
      if (length > 0) for (const u of [v, work.z]) for (let i = 0; i < n; i++) u[i] /= length;
    });
  }

  const residualNormOf = ({ phi, residual }: MinresState) => (preconditioner ? norm2(residual) : phi);

  /** Measures the residual where the recurrence ends. */
  function settle(work: MinresState, iteration: number): void | Promise<void> {
    const followed = residualNormOf(work);
    if (work.outcome === undefined && followed > threshold) return;
    const residual = new Float64Array(n);
    return after(A.apply(work.x, residual), () => {
      for (let i = 0; i < n; i++) residual[i] = right[i] - residual[i];
      const measured = checkFinite("the residual", norm2(residual), iteration);
      if (measured <= threshold) work.outcome = "converged";
      else if (work.outcome === undefined || measured > ANOTHER * followed) {
        if (measured < WORTHWHILE * work.firstResidualNorm) return begin(work, residual, iteration);
        work.outcome = "stagnated";
      }
      work.phi = measured;
      if (preconditioner) work.residual = residual;
    });
  }

  /** r <- s^2 r - phi c v: the residual is phi times the last column of V Q^T, Q the product of the rotations. */
  function followResidual({ residual, v, phi, cosine, sine }: MinresState): void {
    const kept = sine * sine;
    for (let i = 0; i < n; i++) residual[i] = kept * residual[i] - phi * cosine * v[i];
  }

  const stepper: InPlaceStepper<MinresState, MinresView, LinearSystemSolution> = {
    fields: { x: n, v: n, previousV: n, d: n, previousD: n, z: nextZ.length },
    async start() {
      const v = await residualAt(A, right, x0);
      const zeros = (count: number) => new Float64Array(count);
      const work: MinresState = {
        x: x0 ? Float64Array.from(x0) : zeros(n),
        v,
        previousV: zeros(n),
        d: zeros(n),
        previousD: zeros(n),
        weighedD: zeros(nextZ.length),
        previousWeighedD: zeros(nextZ.length),
        beta: 0,
        delta: 0,
        epsilon: 0,
        cosine: -1,
        sine: 0,
        phi: 0,
        z: zeros(nextZ.length),
        residual: zeros(nextZ.length),
        operatorNorm: 0,
        firstResidualNorm: 0,
        outcome: undefined,
      };
      await begin(work, v, 0);
      return work;
    },
    advance: (work, iteration) =>
      after(A.apply(preconditioner ? work.z : work.v, next), () =>
        after(move(work, iteration), () => {
          checkRepresentable(work.x, scale, iteration);
          return settle(work, iteration);
        }),
      ),
    view(work) {
      const residualNorm = residualNormOf(work);
      const outcome = work.outcome ?? (residualNorm <= threshold ? "converged" : undefined);
      const done = outcome !== undefined;
      const converged = done && outcome !== "stagnated";
      return { residualNorm: residualNorm * scale, outcome, done, converged };
    },
    lazy: { x: (work) => work.x.map((value) => value * scale) },
    copy: copyState,
  };
  return iteratesInPlace(stepper, { resume, signal });
}
