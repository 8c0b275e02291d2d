import { checkLimit, checkNonNegative } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { Iterate, Method } from "../../iterate/iterate.ts";
import { copyState, type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { adjointProduct, after } from "../operator/contract.ts";
import { type OperatorOrMatrix, operatorOf } from "../operator/matrix-operator.ts";
import { norm2 } from "../vector.ts";
import { checkFinite, type LinearSystemOptions, linearSystemOptions, residualAt } from "./linear-system.ts";
import type { LinearSystemSolution } from "./linear-system-solution.ts";
import { checkRepresentable, systemInUnits } from "./system-scale.ts";

export interface LsmrOptions extends LinearSystemOptions<LsmrState> {
  /** lambda: adds lambda^2 ||x - x0||^2 to the objective. */
  readonly damping?: number;
  /** The method also ends when ||A^T r|| <= stationarityTolerance ||A|| ||r||: a least-squares solution. */
  readonly stationarityTolerance?: number;
}

/**
 * Why LSMR ends. `converged`: A x = b is solved; `least-squares`: A^T r is 0 to the tolerance or to rounding; `stagnated`:
 * by the recurrences it is one of these, but rounding keeps the residual and A^T r above.
 */
export type LsmrOutcome = "converged" | "least-squares" | "stagnated";

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
  /** ||A^T r|| where the bidiagonalization began. */
  firstGradientNorm: number;
  outcome: LsmrOutcome | undefined;
}

/** What an iterate of LSMR shows. */
export interface LsmrView {
  /** ||(b - A x, lambda (x - x0))|| by the recurrence; at the end as measured, where rounding may matter. */
  readonly residualNorm: number;
  /**
   * ||A^T r - lambda^2 (x - x0)||, likewise; the figure that gradientTolerance of `solve` limits. The recurrence never
   * increases until it begins anew.
   */
  readonly gradientNorm: number;
  /** An estimate of the condition number of A (with damping, of (A, lambda I)). */
  readonly condition: number;
  /** Why the method ends here; undefined while it continues. */
  readonly outcome: LsmrOutcome | undefined;
  readonly done: boolean;
  /** Whether the residual or A^T r is within its tolerance, or rounding. */
  readonly converged: boolean;
}

/** An iterate of LSMR: what it shows, and its solution, computed when it is read. */
export type LsmrIterate = Iterate<LsmrState> & LsmrView & LinearSystemSolution;

/** Roundings of A x of at most this many eps ||A|| ||x|| do not count: below a tolerance they are not measured. */
const ROUNDING = 100;
/** A^T r of at most this many eps (||A|| ||x|| + ||r||) ||A|| is all that rounding leaves. */
const STATIONARY_ROUNDING = 10;
/** The bidiagonalization begins anew where A^T r is less than this, relative to the one from which it began. */
const WORTHWHILE = 0.5;

/** The recurrences where the bidiagonalization begins: beta u = b - A x, alpha v = A^T u. */
function begun(beta: number, alpha: number) {
  return {
    alpha,
    alphaBar: alpha,
    zeta: 0,
    zetaBar: alpha * beta,
    rho: 1,
    rhoBar: 1,
    cosineBar: 1,
    sineBar: 0,
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
    firstGradientNorm: alpha * beta,
    outcome: undefined,
  };
}

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
 * with A^T per step, and one more of each at the end where rounding may matter, which measure the residual and A^T r:
 * where they are above their tolerances, the method without damping begins anew from x while that pays.
 * Source: Fong & Saunders 2011, "LSMR: an iterative algorithm for sparse least-squares problems".
 *
 * @param matrix A, rows x columns: a matrix, or an operator with `applyAdjoint` or symmetric
 * @param b rows numbers
 * @throws ArgumentError, DataError when something does not fit or is not finite, or an option is unknown
 * @throws ConvergenceError when a product or x is not finite
 */
export function lsmr(
  matrix: OperatorOrMatrix,
  b: Float64Array,
  options: LsmrOptions = {},
): Method<LsmrIterate> {
  const A = operatorOf("A", matrix);
  checkOptions("lsmr", options, [...linearSystemOptions, "damping", "stationarityTolerance"]);
  const { rows, columns } = A;
  const { scale, right, x0, threshold } = systemInUnits(A, b, options);
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
    const isFirst = work.operatorNorm === 0;
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
    if (!isFirst) {
      work.largestRhoBar = Math.max(work.largestRhoBar, previousRhoBar);
      work.smallestRhoBar = Math.min(work.smallestRhoBar, previousRhoBar);
    }
    work.condition = Math.max(work.largestRhoBar, rhoTemp) / Math.min(work.smallestRhoBar, rhoTemp);
  }

  /** The residual norm at which the method ends. */
  const limitOf = (work: LsmrState) => Math.max(threshold, ofFirstResidual * work.firstResidualNorm);

  /** What the method has reached, by the recurrences. */
  function reachedBy(work: LsmrState): LsmrOutcome | undefined {
    if (work.residualNorm <= limitOf(work)) return "converged";
    const stationaryBelow = stationary * work.operatorNorm * work.residualNorm;
    return Math.abs(work.zetaBar) <= stationaryBelow ? "least-squares" : undefined;
  }

  /** Measures residual and gradient where the recurrences end, unless rounding cannot matter there. */
  function settle(work: LsmrState, iteration: number): void | Promise<void> {
    const reached = reachedBy(work);
    if (reached === undefined) return;
    const { x, operatorNorm, residualNorm } = work;
    const product = operatorNorm * norm2(x);
    const tolerated = reached === "converged" ? limitOf(work) : stationary * residualNorm;
    const rounding = ROUNDING * Number.EPSILON * (product + (reached === "converged" ? 0 : residualNorm));
    if (rounding < tolerated) {
      work.outcome = reached;
      return;
    }
    return residualAt(A, right, x).then(async (residual) => {
      const shift = x0 ? x.map((value, j) => value - x0[j]) : x;
      const length = Math.hypot(norm2(residual), damping * norm2(shift));
      work.residualNorm = checkFinite("the residual", length, iteration);
      if (length <= limitOf(work)) {
        work.outcome = "converged";
        return;
      }
      const gradient = new Float64Array(columns);
      await adjoint(residual, gradient);
      if (damping > 0) for (let j = 0; j < columns; j++) gradient[j] -= damping ** 2 * shift[j];
      const gradientNorm = checkFinite("A^T r", norm2(gradient), iteration);
      work.zetaBar = gradientNorm;
      if (gradientNorm <= stationary * operatorNorm * length) work.outcome = "least-squares";
      else if (damping === 0 && gradientNorm < WORTHWHILE * work.firstGradientNorm) {
        const beta = normalize(residual);
        Object.assign(work, begun(beta, normalize(gradient) / beta));
        Object.assign(work, {
          u: residual,
          v: gradient,
          h: gradient.slice(),
          hBar: new Float64Array(columns),
        });
      } else {
        const least = STATIONARY_ROUNDING * Number.EPSILON * operatorNorm * (product + length);
        work.outcome = reached === "least-squares" && gradientNorm <= least ? reached : "stagnated";
      }
    });
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
      const work: LsmrState = {
        x: x0 ? Float64Array.from(x0) : new Float64Array(columns),
        u,
        v,
        h: v.slice(),
        hBar: new Float64Array(columns),
        firstResidualNorm: beta,
        ...begun(beta, alpha),
      };
      work.outcome = reachedBy(work);
      return work;
    },
    advance: (work, iteration) =>
      after(A.apply(work.v, forward), () => {
        const beta = checkFinite("beta", renew(work.u, forward, work.alpha), iteration);
        return after(beta > 0 ? adjoint(work.u, backward) : undefined, () => {
          move(work, beta, iteration);
          checkRepresentable(work.x, scale, iteration);
          return settle(work, iteration);
        });
      }),
    view(work) {
      const { residualNorm, zetaBar, condition, outcome } = work;
      return {
        residualNorm: residualNorm * scale,
        gradientNorm: Math.abs(zetaBar) * scale,
        condition,
        outcome,
        done: outcome !== undefined,
        converged: outcome !== undefined && outcome !== "stagnated",
      };
    },
    lazy: { x: (work) => work.x.map((value) => value * scale) },
    copy: copyState,
  };
  return iteratesInPlace(stepper, { resume, signal });
}
