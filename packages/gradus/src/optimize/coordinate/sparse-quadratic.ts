import {
  addMember,
  type GrowingCholesky,
  growingCholesky,
  removeMember,
  solveMembers,
} from "./growing-cholesky.ts";
import type { BlockPenalty } from "./problem.ts";

/** Unknowns enter together whose conditions fail by at least this share of the largest failure. */
const ENTERING_SHARE = 0.25;

/** Memory of `minimizeSparseQuadratic` for blocks up to a size. */
export interface SparseQuadraticWork {
  readonly factor: GrowingCholesky;
  readonly gradient: Float64Array;
  readonly tolerance: Float64Array;
  readonly target: Float64Array;
  readonly column: Float64Array;
  /** By how much the conditions fail, over sqrt(H_ii). */
  readonly scaled: Float64Array;
  /** Sign of each unknown while it is in the set, 0 outside. */
  readonly sign: Int8Array;
}

/** Memory for blocks of at most `capacity` unknowns. */
export function sparseQuadraticWork(capacity: number): SparseQuadraticWork {
  const numbers = () => new Float64Array(capacity);
  return {
    factor: growingCholesky(capacity),
    gradient: numbers(),
    tolerance: numbers(),
    target: numbers(),
    column: numbers(),
    scaled: numbers(),
    sign: new Int8Array(capacity),
  };
}

/** Moves y by t times a direction given on the members, and the members that reach 0 out of the set. */
function moveMembers(work: SparseQuadraticWork, y: Float64Array, t: number, direction: Float64Array): void {
  const { factor, sign } = work;
  for (let p = factor.size - 1; p >= 0; p--) {
    const i = factor.members[p];
    const next = y[i] + t * direction[p];
    const waits = t === 0 && y[i] === 0 && direction[p] * sign[i] > 0; // entered, and not yet moved
    const stays = waits || (next * sign[i] > 0 && Math.abs(next) > 4 * Number.EPSILON * Math.abs(y[i]));
    y[i] = stays ? next : 0;
    if (stays) continue;
    removeMember(factor, p);
    sign[i] = 0;
  }
}

/** How far y can go along a direction on the members before one reaches 0; infinity where none does. */
function stepToZero({ factor, sign }: SparseQuadraticWork, y: Float64Array, direction: Float64Array): number {
  let t = Number.POSITIVE_INFINITY;
  for (let p = 0; p < factor.size; p++) {
    const i = factor.members[p];
    if (direction[p] * sign[i] < 0) t = Math.min(t, -y[i] / direction[p]);
  }
  return t;
}

/** gradient = H y + q, and what rounding leaves of it. */
function evaluate(
  work: SparseQuadraticWork,
  H: Float64Array,
  n: number,
  q: Float64Array,
  y: Float64Array,
): void {
  const { gradient, tolerance } = work;
  for (let i = 0; i < n; i++) {
    gradient[i] = q[i];
    tolerance[i] = Math.abs(q[i]);
  }
  for (let j = 0; j < n; j++) {
    if (y[j] === 0) continue;
    const row = j * n;
    for (let i = 0; i < n; i++) {
      const term = H[row + i] * y[j];
      gradient[i] += term;
      tolerance[i] += Math.abs(term);
    }
  }
  for (let i = 0; i < n; i++) tolerance[i] *= 8 * (n + 8) * Number.EPSILON;
}

/** What a problem is made of: H (n x n), q and lambda. */
interface SparseQuadratic {
  readonly H: Float64Array;
  readonly n: number;
  readonly q: Float64Array;
  readonly lambda: number;
}

/**
 * Takes unknown j into the set. Where its column depends on the members', y first moves along the null direction,
 * downhill, until a member (or j) is 0 and leaves.
 */
function enter(work: SparseQuadraticWork, problem: SparseQuadratic, j: number, y: Float64Array): void {
  const { factor, sign, column, gradient } = work;
  const { H, n, q, lambda } = problem;
  while (!addMember(factor, H, n, j, column)) {
    // the direction v_j = sign_j, v_F = -sign_j H_FF^-1 H_Fj has no curvature
    evaluate(work, H, n, q, y);
    let slope = sign[j] * gradient[j] + lambda;
    for (let p = 0; p < factor.size; p++) {
      const i = factor.members[p];
      slope -= sign[j] * column[p] * (gradient[i] + lambda * sign[i]);
    }
    let forward = slope <= 0 ? sign[j] : -sign[j];
    for (let p = 0; p < factor.size; p++) column[p] *= -forward;
    let t = stepToZero(work, y, column);
    if (forward === sign[j] && t === Number.POSITIVE_INFINITY) {
      // a slope that is 0 but for rounding: the other way ends
      forward = -forward;
      for (let p = 0; p < factor.size; p++) column[p] = -column[p];
      t = stepToZero(work, y, column);
    }
    if (forward !== sign[j]) t = Math.min(t, Math.abs(y[j]));
    const before = factor.size;
    y[j] += t * forward;
    moveMembers(work, y, t, column);
    if (y[j] * sign[j] > 0 && factor.size < before) continue;
    y[j] = 0;
    sign[j] = 0;
    return;
  }
}

/** target = the minimizer over the members with their signs. */
function solveForTarget({ factor, sign, target }: SparseQuadraticWork, { q, lambda }: SparseQuadratic): void {
  for (let p = 0; p < factor.size; p++) target[p] = -q[factor.members[p]] - lambda * sign[factor.members[p]];
  solveMembers(factor, target);
}

/**
 * min q^T y + y^T H y / 2 + lambda sum_i y_i over y >= 0, or + lambda ||y||_1, exactly, by an active set: unknowns
 * enter where the optimality conditions fail most, several at once, and leave where they would change sign. Every step
 * goes downhill; a singular H is no obstacle.
 * Source: Lawson & Hanson 1974, chapter 23 (nonnegativity); Lee, Battle, Raina & Ng 2007, "Efficient sparse coding
 * algorithms" (feature-sign search).
 *
 * @param H n x n, row-major, positive semidefinite
 * @param y the starting point, overwritten by the minimizer; zeros are exact
 */
export function minimizeSparseQuadratic(
  H: Float64Array,
  n: number,
  q: Float64Array,
  { kind, lambda }: BlockPenalty,
  y: Float64Array,
  work: SparseQuadraticWork,
): void {
  const { factor, gradient, tolerance, target, scaled, sign } = work;
  const problem = { H, n, q, lambda };
  factor.size = 0;
  sign.fill(0);
  for (let i = 0; i < n; i++) {
    if (y[i] === 0 || H[i * n + i] === 0) continue;
    sign[i] = Math.sign(y[i]);
    enter(work, problem, i, y);
  }
  let refused = -1;
  let progress = true;
  for (let round = 0; round < 20 * n + 100; round++) {
    while (factor.size > 0) {
      const before = factor.size;
      solveForTarget(work, problem);
      let waiting = 0;
      for (let p = 0; p < before; p++) {
        if (y[factor.members[p]] === 0) waiting += 1;
        target[p] -= y[factor.members[p]];
      }
      const t = Math.min(1, stepToZero(work, y, target));
      moveMembers(work, y, t, target);
      progress ||= t > 0 && waiting > 0;
      if (t === 1 && factor.size === before) break;
    }
    evaluate(work, H, n, q, y);
    let first = -1;
    let most = 0;
    for (let i = 0; i < n; i++) {
      const excess = (kind === "l1" ? Math.abs(gradient[i]) : -gradient[i]) - lambda;
      const open = sign[i] === 0 && H[i * n + i] > 0 && i !== refused;
      scaled[i] =
        open && excess > tolerance[i] + 4 * Number.EPSILON * lambda ? excess / Math.sqrt(H[i * n + i]) : 0;
      if (scaled[i] > most) {
        most = scaled[i];
        first = i;
      }
    }
    if (first < 0) return;
    refused = -1;
    if (progress) {
      progress = false;
      const least = ENTERING_SHARE * most;
      for (let i = 0; i < n; i++) {
        if (!(scaled[i] >= least)) continue;
        sign[i] = gradient[i] < 0 ? 1 : -1;
        enter(work, problem, i, y);
      }
      continue;
    }
    // several at once can hold each other back; one alone moves the right way but for rounding, and then waits
    sign[first] = gradient[first] < 0 ? 1 : -1;
    enter(work, problem, first, y);
    if (sign[first] !== 0) solveForTarget(work, problem);
    const turnsBack = sign[first] !== 0 && y[first] === 0 && !(target[factor.size - 1] * sign[first] > 0);
    if (turnsBack) {
      removeMember(factor, factor.size - 1);
      sign[first] = 0;
    }
    if (sign[first] === 0) refused = first;
  }
}
