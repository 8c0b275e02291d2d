import { ConvergenceError } from "../../check/errors.ts";
import type { CheckedProblem } from "./problem.ts";

/** Plain data from which the splitting method continues bit for bit. Matrices are 2P x d (u, v, lambda) and 2P x n (s, nu). */
export interface SplittingState {
  u: Float64Array;
  v: Float64Array;
  /** The scaled dual of u = v. */
  lambda: Float64Array;
  /** G u, kept nonnegative. */
  s: Float64Array;
  /** The scaled dual of G u = s. */
  nu: Float64Array;
  /** A copy of the outputs F u and its scaled dual; empty where the update of u minimizes the loss itself. */
  outputs: Float64Array;
  outputDual: Float64Array;
  rho: number;
  /** |u - v| + |G u - s| (+ |F u - outputs|). */
  primalResidual: number;
  /** rho (|v - its last value| + |s - its last value|). */
  dualResidual: number;
  /** The residuals' unit + |u| + |s|, to which they are relative. */
  scale: number;
  /** Multiplications and additions of the products and triangular solves so far. */
  flops: number;
}

/**
 * The size below which u and s count as 0: 1, or less where targets of the squared loss, in whose units they are, are all
 * small.
 */
export const residualUnit = ({ loss, y }: CheckedProblem) =>
  loss.name === "squared" ? Math.min(1, lengthOf(y)) || 1 : 1;

export function startingState(
  blocks: number,
  d: number,
  n: number,
  rho: number,
  copies: boolean,
): SplittingState {
  const [weights, inputs, outputs] = [blocks * d, blocks * n, copies ? n : 0];
  return {
    u: new Float64Array(weights),
    v: new Float64Array(weights),
    lambda: new Float64Array(weights),
    s: new Float64Array(inputs),
    nu: new Float64Array(inputs),
    outputs: new Float64Array(outputs),
    outputDual: new Float64Array(outputs),
    rho,
    primalResidual: Number.POSITIVE_INFINITY,
    dualResidual: Number.POSITIVE_INFINITY,
    scale: 1,
    flops: 0,
  };
}

/** Squared distances between a copy and its original, and between the copy and its last value. */
interface Moves {
  gap: number;
  move: number;
}

/**
 * v_i = max(1 - threshold / |u_i + lambda_i|, 0) (u_i + lambda_i)  for each block, and the step of lambda.
 *
 * @param relaxation u is replaced by  relaxation u + (1 - relaxation) v
 */
export function shrinkBlocks(
  { u, v, lambda }: Pick<SplittingState, "u" | "v" | "lambda">,
  d: number,
  threshold: number,
  relaxation: number,
  dualStep: number,
): Moves {
  let [gap, move] = [0, 0];
  for (let start = 0; start < u.length; start += d) {
    let square = 0;
    for (let at = start; at < start + d; at++) {
      const mixed = relaxation * u[at] + (1 - relaxation) * v[at] + lambda[at];
      square += mixed * mixed;
    }
    const factor = Math.max(0, 1 - threshold / Math.sqrt(square));
    for (let at = start; at < start + d; at++) {
      const mixed = relaxation * u[at] + (1 - relaxation) * v[at];
      const next = factor * (mixed + lambda[at]);
      lambda[at] += dualStep * (mixed - next);
      gap += (u[at] - next) ** 2;
      move += (v[at] - next) ** 2;
      v[at] = next;
    }
  }
  return { gap, move };
}

/** s = max(signed + nu, 0), and the step of nu. */
export function clipInputs(
  { s, nu }: Pick<SplittingState, "s" | "nu">,
  signed: Float64Array,
  relaxation: number,
  dualStep: number,
): Moves {
  let [gap, move] = [0, 0];
  for (let at = 0; at < s.length; at++) {
    const mixed = relaxation * signed[at] + (1 - relaxation) * s[at];
    const moved = mixed + nu[at];
    // max(moved, 0) without a branch, which random signs would mispredict
    const next = (moved + Math.abs(moved)) / 2;
    nu[at] += dualStep * (mixed - next);
    gap += (signed[at] - next) ** 2;
    move += (s[at] - next) ** 2;
    s[at] = next;
  }
  return { gap, move };
}

/** The residual ratio from which balancing changes rho, and by how much. */
const IMBALANCE = 10;
const FACTOR = 2;
/** Iterations between two balancings of rho, and the last with one: then rho is fixed, as convergence requires. */
const BALANCE_EVERY = 10;
const BALANCE_UNTIL = 1000;

/** Residual balancing: rho times or over 2 where one residual is above ten times the other; scaled duals follow. */
export function balance(
  state: Pick<SplittingState, "rho" | "primalResidual" | "dualResidual">,
  iteration: number,
  duals: readonly Float64Array[],
): void {
  if (iteration > BALANCE_UNTIL || iteration % BALANCE_EVERY !== 0) return;
  const { primalResidual, dualResidual } = state;
  const factor =
    primalResidual > IMBALANCE * dualResidual
      ? FACTOR
      : dualResidual > IMBALANCE * primalResidual
        ? 1 / FACTOR
        : 1;
  if (factor === 1) return;
  state.rho *= factor;
  for (const dual of duals) for (let at = 0; at < dual.length; at++) dual[at] /= factor;
}

/** @throws ConvergenceError when the iteration left the range of numbers */
export function checkResiduals({ primalResidual, dualResidual }: SplittingState, iteration: number): void {
  if (!Number.isFinite(primalResidual + dualResidual))
    throw new ConvergenceError(
      `the residuals must be finite, got ${primalResidual} and ${dualResidual} in iteration ${iteration}; a smaller dualStep or another rho may help`,
    );
}

/** |x|. */
export function lengthOf(x: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < x.length; at++) sum += x[at] * x[at];
  return Math.sqrt(sum);
}
