import { checkLimit, checkNonNegative } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { Iterate, Method } from "../../iterate/iterate.ts";
import { copyState, type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { adjointProduct, after } from "../operator/contract.ts";
import { type OperatorOrMatrix, operatorOf } from "../operator/matrix-operator.ts";
import { norm2 } from "../vector.ts";
import {
  checkFinite,
  type LinearSystemOptions,
  linearSystemOptions,
  residualAt,
  residualThreshold,
} from "./linear-system.ts";
import type { LinearSystemSolution } from "./linear-system-solution.ts";
import { inUnits, systemScale } from "./system-scale.ts";

export interface LsmrOptions extends LinearSystemOptions<LsmrState> {
  /** lambda: adds lambda^2 ||x - x0||^2 to the objective. */
  readonly damping?: number;
  /** The method also ends when ||A^T r|| <= stationarityTolerance ||A|| ||r||: a least-squares solution. */
  readonly stationarityTolerance?: number;
}

/** Why LSMR ends. `converged`: A x = b is solved; `least-squares`: A^T r is 0 to the tolerance or to rounding. */
export type LsmrOutcome = "converged" | "least-squares";

/** Plain data from which the method continues; names follow Fong and Saunders, bars and tildes spelled out. */
export interface LsmrState {
  x: Float64Array;
  u: Float64Array;
  v: Float64Array;
  h: Float64Array;
  hBar: Float64Array;
  alpha: number;
  alphaBar: number;
  zeta: number;
  zetaBar: number;
  rho: number;
  rhoBar: number;
  cosineBar: number;
  sineBar: number;
  /** ||b - A x0||. */
  firstResidualNorm: number;
  /** What the residual's length is followed by (section 5.1). */
  betaDoubleDot: number;
  betaDot: number;
  rhoDot: number;
  tauTilde: number;
  thetaTilde: number;
  dampedSquares: number;
  residualNorm: number;
  /** Frobenius norm of the bidiagonal matrix, a lower bound of ||A||_F. */
  operatorNorm: number;
  largestRhoBar: number;
  smallestRhoBar: number;
  condition: number;
}

/** What an iterate of LSMR shows. */
export interface LsmrView {
  /** ||(b - A x, lambda (x - x0))|| by the recurrence. */
  readonly residualNorm: number;
  /** ||A^T r - lambda^2 (x - x0)||, which never increases; the figure that gradientTolerance of `solve` limits. */
  readonly gradientNorm: number;
  /** An estimate of the condition number of A (with damping, of (A, lambda I)). */
  readonly condition: number;
  /** Why the method ends here; undefined while it continues. */
  readonly outcome: LsmrOutcome | undefined;
  readonly done: boolean;
}

/** An iterate of LSMR: what it shows, and its solution, computed when it is read. */
export type LsmrIterate = Iterate<LsmrState> & LsmrView & LinearSystemSolution;

/** x / ||x|| in place, where x is not 0. */
function normalize(x: Float64Array): number {
  const length = norm2(x);
  if (length > 0) for (let i = 0; i < x.length; i++) x[i] /= length;
  return length;
}

/**
 * LSMR for least squares  min_x ||b - A x||^2 + lambda^2 ||x - x0||^2,  A of any shape: MINRES applied to the normal
 * equations by Golub-Kahan bidiagonalization, without forming them. Where solutions are many it finds the one nearest
 * to x0, of minimal norm by default. With b = 0 the relative tolerance is that of ||A x0||. A product with A and one
 * with A^T per step.
 * Source: Fong & Saunders 2011, "LSMR: an iterative algorithm for sparse least-squares problems".
 *
 * @param matrix A, rows x columns: a matrix, or an operator with `applyAdjoint` or symmetric
 * @param b rows numbers
 * @throws ArgumentError, DataError when something does not fit or is not finite, or an option is unknown
 * @throws ConvergenceError when a product is not finite
 */
export function lsmr(
  matrix: OperatorOrMatrix,
  b: Float64Array,
  options: LsmrOptions = {},
): Method<LsmrIterate> {
  const A = operatorOf("A", matrix);
  checkOptions("lsmr", options, [...linearSystemOptions, "damping", "stationarityTolerance"]);
  const { rows, columns } = A;
  const scale = systemScale(b, options.x0);
  const right = inUnits(b, scale);
  const x0 = options.x0 && inUnits(options.x0, scale);
  const threshold = residualThreshold(A, b, options) / scale;
  const { damping = 0, relativeTolerance = 1e-8, stationarityTolerance = 1e-8, resume, signal } = options;
  checkLimit({ stationarityTolerance });
  checkNonNegative({ damping });
  const stationary = Math.max(stationarityTolerance, Number.EPSILON);
  const adjoint = adjointProduct(A);
  // beside b = 0 no residual but 0 is small
  const ofFirstResidual = b.some((entry) => entry !== 0) ? 0 : relativeTolerance;
  const [forward, backward] = [new Float64Array(rows), new Float64Array(columns)];

  /** target <- (product - factor target), normalized; returns the length. */
  function renew(target: Float64Array, product: Float64Array, factor: number): number {
    for (let i = 0; i < target.length; i++) target[i] = product[i] - factor * target[i];
    return normalize(target);
  }

  function move(work: LsmrState, beta: number, iteration: number): void {
    const { x, v, h, hBar, rho: previousRho, rhoBar: previousRhoBar, zeta: previousZeta } = work;
    work.operatorNorm = Math.hypot(work.operatorNorm, work.alpha, beta);
    work.alpha = checkFinite("alpha", beta > 0 ? renew(v, backward, beta) : 0, iteration);
    const alphaHat = Math.hypot(work.alphaBar, damping);
    const [cosineHat, sineHat] = [work.alphaBar / alphaHat, damping / alphaHat];
    const rho = Math.hypot(alphaHat, beta);
    const [cosine, sine] = [alphaHat / rho, beta / rho];
    const theta = sine * work.alpha;
    work.alphaBar = cosine * work.alpha;
    const thetaBar = work.sineBar * rho;
    const rhoTemp = work.cosineBar * rho;
    const rhoBar = Math.hypot(rhoTemp, theta);
    work.cosineBar = rhoTemp / rhoBar;
    work.sineBar = theta / rhoBar;
    work.zeta = work.cosineBar * work.zetaBar;
    work.zetaBar *= -work.sineBar;

    // products of two lengths of A's size may overflow or underflow
    const back = (thetaBar / previousRhoBar) * (rho / previousRho);
    const forth = work.zeta / rho / rhoBar;
    const turn = theta / rho;
    for (let i = 0; i < columns; i++) {
      hBar[i] = h[i] - back * hBar[i];
      x[i] += forth * hBar[i];
      h[i] = v[i] - turn * h[i];
    }
    work.rho = rho;
    work.rhoBar = rhoBar;

    // section 5.1
    const betaAcute = cosineHat * work.betaDoubleDot;
    work.dampedSquares += (sineHat * work.betaDoubleDot) ** 2;
    const betaHat = cosine * betaAcute;
    work.betaDoubleDot = -sine * betaAcute;
    const rhoTilde = Math.hypot(work.rhoDot, thetaBar);
    const [cosineTilde, sineTilde] = [work.rhoDot / rhoTilde, thetaBar / rhoTilde];
    work.tauTilde = (previousZeta - work.thetaTilde * work.tauTilde) / rhoTilde;
    work.thetaTilde = sineTilde * rhoBar;
    work.rhoDot = cosineTilde * rhoBar;
    work.betaDot = cosineTilde * betaHat - sineTilde * work.betaDot;
    const tauDot = (work.zeta - work.thetaTilde * work.tauTilde) / work.rhoDot;
    const squared = work.dampedSquares + (work.betaDot - tauDot) ** 2 + work.betaDoubleDot ** 2;
    work.residualNorm = checkFinite("the residual", Math.sqrt(squared), iteration);

    // section 3.4
    if (iteration > 0) {
      work.largestRhoBar = Math.max(work.largestRhoBar, previousRhoBar);
      work.smallestRhoBar = Math.min(work.smallestRhoBar, previousRhoBar);
    }
    work.condition = Math.max(work.largestRhoBar, rhoTemp) / Math.min(work.smallestRhoBar, rhoTemp);
  }

  function outcomeOf(work: LsmrState): LsmrOutcome | undefined {
    const gradientNorm = Math.abs(work.zetaBar);
    if (work.residualNorm <= Math.max(threshold, ofFirstResidual * work.firstResidualNorm))
      return "converged";
    return gradientNorm <= stationary * work.operatorNorm * work.residualNorm ? "least-squares" : undefined;
  }

  const stepper: InPlaceStepper<LsmrState, LsmrView, LinearSystemSolution> = {
    fields: { x: columns, u: rows, v: columns, h: columns, hBar: columns },
    async start() {
      const u = await residualAt(A, right, x0);
      const beta = checkFinite("the residual", normalize(u), 0);
      const v = new Float64Array(columns);
      const pending = adjoint(u, v);
      if (pending) await pending;
      const alpha = checkFinite("alpha", normalize(v), 0);
      return {
        x: x0 ? Float64Array.from(x0) : new Float64Array(columns),
        u,
        v,
        h: v.slice(),
        hBar: new Float64Array(columns),
        alpha,
        alphaBar: alpha,
        zeta: 0,
        zetaBar: alpha * beta,
        rho: 1,
        rhoBar: 1,
        cosineBar: 1,
        sineBar: 0,
        firstResidualNorm: beta,
        betaDoubleDot: beta,
        betaDot: 0,
        rhoDot: 1,
        tauTilde: 0,
        thetaTilde: 0,
        dampedSquares: 0,
        residualNorm: beta,
        operatorNorm: 0,
        largestRhoBar: 0,
        smallestRhoBar: Number.POSITIVE_INFINITY,
        condition: 1,
      };
    },
    advance: (work, iteration) =>
      after(A.apply(work.v, forward), () => {
        const beta = checkFinite("beta", renew(work.u, forward, work.alpha), iteration);
        return after(beta > 0 ? adjoint(work.u, backward) : undefined, () => move(work, beta, iteration));
      }),
    view(work) {
      const { residualNorm, zetaBar, condition } = work;
      const outcome = outcomeOf(work);
      return {
        residualNorm: residualNorm * scale,
        gradientNorm: Math.abs(zetaBar) * scale,
        condition,
        outcome,
        done: outcome !== undefined,
      };
    },
    lazy: { x: (work) => work.x.map((value) => value * scale) },
    copy: copyState,
  };
  return iteratesInPlace(stepper, { resume, signal });
}
