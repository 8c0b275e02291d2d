import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { Iterate, Method } from "../../iterate/iterate.ts";
import { copyState, type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { releasing } from "../../iterate/releasing.ts";
import { GrowingBasis } from "../growing-basis.ts";
import { after } from "../operator/contract.ts";
import { type OperatorOrMatrix, operatorOf } from "../operator/matrix-operator.ts";
import { checkSquare } from "../square.ts";
import { axpy, norm2 } from "../vector.ts";
import {
  checkFinite,
  type LinearSystemOptions,
  linearSystemOptions,
  preconditionerOf,
  residualAt,
  startFor,
} from "./linear-system.ts";
import type { LinearSystemSolution } from "./linear-system-solution.ts";
import { checkInRange, inUnits, systemInUnits } from "./system-scale.ts";

export interface GmresOptions extends LinearSystemOptions<GmresState> {
  /** Steps a cycle: as many vectors are kept, and the basis starts anew from the residual afterwards. */
  readonly restart?: number;
  /** M^-1, applied from the right, so that residuals stay those of A x = b; it may change from step to step. */
  readonly preconditioner?: OperatorOrMatrix;
}

/** Why GMRES ends. `stagnated`: a whole cycle did not reduce the residual; a longer one may. */
export type GmresOutcome = "converged" | "stagnated";

/** Plain data from which the method continues. Vectors once in the basis are never overwritten. */
export interface GmresState {
  /** Where the cycle began. */
  x: Float64Array;
  /** Orthonormal, one more than the cycle's steps. */
  basis: Float64Array[];
  /** M^-1 times the basis, where there is a preconditioner; else empty. */
  directions: Float64Array[];
  /** Columns of the triangular factor of the Hessenberg matrix. */
  triangle: Float64Array[];
  cosines: number[];
  sines: number[];
  /** The rotated right-hand side ||r|| e_1; its last entry's size is the residual norm. */
  rotated: number[];
  cycleNorm: number;
  residualNorm: number;
  outcome: GmresOutcome | undefined;
}

/** What an iterate of GMRES shows. */
export interface GmresView {
  /** ||b - A x||, by the recurrence within a cycle and computed anew at its end. */
  readonly residualNorm: number;
  /** Why the method ends here; undefined while it continues. */
  readonly outcome: GmresOutcome | undefined;
  readonly done: boolean;
  /** Whether ||b - A x|| is within the tolerance. */
  readonly converged: boolean;
}

/** An iterate of GMRES: what it shows, and its solution, computed when it is read. */
export type GmresIterate = Iterate<GmresState> & GmresView & LinearSystemSolution;

/** A cycle that leaves more than this share of the residual has stagnated. */
const STAGNATION = 1 - 1e-10;

/** The step from the cycle's start that minimizes the residual, by back substitution in the triangle. */
function correction(
  { basis, directions, triangle, rotated }: GmresState,
  n: number,
): Float64Array<ArrayBuffer> {
  const steps = triangle.length;
  const y = rotated.slice(0, steps);
  for (let j = steps - 1; j >= 0; j--) {
    const pivot = triangle[j][j];
    y[j] = pivot === 0 ? 0 : y[j] / pivot; // a direction that A maps to what is already reached
    for (let i = 0; i < j; i++) y[i] -= y[j] * triangle[j][i];
  }
  const sum = new Float64Array(n);
  const vectors = directions.length > 0 ? directions : basis;
  for (let j = 0; j < steps; j++) axpy(y[j], vectors[j], sum);
  return sum;
}

/**
 * The generalized minimal residual method for A x = b, A square of any kind: x minimizes ||b - A x|| over a Krylov
 * space with an orthonormal basis (Arnoldi, orthogonalized twice), which starts anew every `restart` steps. One
 * product per step and one more at the end of a cycle, which measures the residual anew. Reading x costs a combination
 * of the cycle's vectors. b = 0 is solved by 0 without a step, whatever x0 is.
 * Source: Saad & Schultz 1986, "GMRES: a generalized minimal residual algorithm for solving nonsymmetric linear
 * systems"; with a preconditioner Saad 1993, "A flexible inner-outer preconditioned GMRES algorithm".
 *
 * @param matrix A, n x n: a matrix or an operator
 * @param b n numbers
 * @throws ArgumentError, DataError when something does not fit or is not finite, or an option is unknown
 * @throws ConvergenceError when a product or x is not finite
 */
export function gmres(
  matrix: OperatorOrMatrix,
  b: Float64Array,
  options: GmresOptions = {},
): Method<GmresIterate> {
  const A = operatorOf("A", matrix);
  const n = checkSquare(A);
  checkOptions("gmres", options, [...linearSystemOptions, "restart", "preconditioner"]);
  const { scale, right, threshold, ...units } = systemInUnits(A, b, options);
  const { restart = 30, resume, signal } = options;
  const x0 = startFor(b, units.x0);
  checkPositiveInteger({ restart });
  const preconditioner = preconditionerOf(options.preconditioner, n, operatorOf);
  const growing = new GrowingBasis(n);

  function beginCycle(work: GmresState, residual: Float64Array, iteration: number): void {
    const length = checkFinite("the residual", norm2(residual), iteration);
    if (length > 0) for (let i = 0; i < n; i++) residual[i] /= length;
    work.basis = [residual];
    work.directions = [];
    work.triangle = [];
    work.cosines = [];
    work.sines = [];
    work.rotated = [length];
    work.cycleNorm = length;
    work.residualNorm = length;
  }

  /** Takes the product w into the basis and its coefficients into the triangle. */
  function extend(work: GmresState, w: Float64Array, iteration: number): void | Promise<void> {
    const { basis, triangle, cosines, sines, rotated } = work;
    const j = triangle.length;
    const size = checkFinite("the product", norm2(w), iteration);
    const column = new Float64Array(j + 1);
    growing.orthogonalize(w, basis, column);
    const remainder = norm2(w);
    const rounding = 100 * Number.EPSILON * size;
    const next = remainder > rounding ? remainder : 0; // 0: the space is invariant
    for (let i = 0; i < j; i++) {
      const [upper, lower] = [column[i], column[i + 1]];
      column[i] = cosines[i] * upper + sines[i] * lower;
      column[i + 1] = cosines[i] * lower - sines[i] * upper;
    }
    if (next === 0 && Math.abs(column[j]) <= rounding) column[j] = 0;
    const length = Math.hypot(column[j], next);
    const [cosine, sine] = length === 0 ? [1, 0] : [column[j] / length, next / length];
    column[j] = length;
    triangle.push(column);
    cosines.push(cosine);
    sines.push(sine);
    rotated.push(-sine * rotated[j]);
    rotated[j] *= cosine;
    work.residualNorm = Math.abs(rotated[j + 1]);
    if (next > 0) {
      for (let i = 0; i < n; i++) w[i] /= next;
      basis.push(w);
    }
    if (next === 0 || j + 1 === restart || work.residualNorm <= threshold) return endCycle(work, iteration);
  }

  async function endCycle(work: GmresState, iteration: number): Promise<void> {
    work.x = axpy(1, correction(work, n), work.x);
    checkInRange(work.x, scale, iteration);
    const { cycleNorm } = work;
    beginCycle(work, await residualAt(A, right, work.x), iteration);
    if (work.residualNorm > threshold && !(work.residualNorm < STAGNATION * cycleNorm))
      work.outcome = "stagnated";
  }

  const stepper: InPlaceStepper<GmresState, GmresView, LinearSystemSolution> = {
    fields: { x: n, basis: undefined, triangle: undefined, rotated: undefined },
    async start() {
      const work: GmresState = {
        x: x0 ? Float64Array.from(x0) : new Float64Array(n),
        basis: [],
        directions: [],
        triangle: [],
        cosines: [],
        sines: [],
        rotated: [],
        cycleNorm: 0,
        residualNorm: 0,
        outcome: undefined,
      };
      beginCycle(work, await residualAt(A, right, x0), 0);
      return work;
    },
    advance(work, iteration) {
      const w = new Float64Array(n); // kept: it becomes a vector of the basis
      const last = work.basis[work.triangle.length];
      if (!preconditioner) return after(A.apply(last, w), () => extend(work, w, iteration));
      const direction = new Float64Array(n);
      work.directions.push(direction);
      return after(preconditioner.apply(last, direction), () =>
        after(A.apply(direction, w), () => extend(work, w, iteration)),
      );
    },
    view({ residualNorm, outcome }) {
      const converged = residualNorm <= threshold;
      const reason = outcome ?? (converged ? "converged" : undefined);
      return { residualNorm: residualNorm * scale, outcome: reason, done: reason !== undefined, converged };
    },
    lazy: { x: (work) => inUnits(axpy(1, correction(work, n), work.x.slice()), 1 / scale) },
    copy: copyState,
  };
  return releasing(iteratesInPlace(stepper, { resume, signal }), () => growing.release());
}
