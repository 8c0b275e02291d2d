import type { Iterate, Method } from "gradus/iterate";
import {
  conjugateGradient,
  factoredPreconditioner,
  incompleteCholesky,
  jacobiPreconditioner,
  type LinearOperator,
} from "gradus/linalg";
import { type GridOperator, multigridPreconditioner } from "gradus/linalg/grids";
import { conjugateDirections, type DirectionSource } from "gradus/operators";

/** The tolerance and the limit of the authors' test script. */
export const TOLERANCE = 1e-4;
export const MOST = 100;

export const NETWORK = "network";
/** What the network is compared with. */
export const classical = ["CG", "Jacobi", "IC(0)", "multigrid"] as const;
export type Classical = (typeof classical)[number];
export type Solver = typeof NETWORK | Classical;
export const solvers: readonly Solver[] = [NETWORK, ...classical];

function preconditionerOf(solver: Classical, A: GridOperator): LinearOperator | undefined {
  switch (solver) {
    case "CG":
      return undefined;
    case "Jacobi":
      return jacobiPreconditioner(A.toCsr());
    case "IC(0)":
      return factoredPreconditioner(incompleteCholesky(A.toCsr()));
    case "multigrid":
      return multigridPreconditioner(A);
  }
}

type Step = Iterate & { readonly residualNorm: number; readonly x: Float64Array; readonly done: boolean };

/** A solver for A x = b, to a relative tolerance. */
export function solverFor(
  solver: Classical,
  A: GridOperator,
  b: Float64Array,
  relativeTolerance = TOLERANCE,
): Method<Step> {
  return conjugateGradient(A, b, { relativeTolerance, preconditioner: preconditionerOf(solver, A) });
}

export interface LearnedOptions {
  readonly relativeTolerance?: number;
  readonly stored?: number;
}

/** Conjugate directions of a source. */
export function learnedFor(
  source: DirectionSource,
  A: GridOperator,
  b: Float64Array,
  { relativeTolerance = TOLERANCE, stored = 2 }: LearnedOptions = {},
): Method<Step> {
  return conjugateDirections(A, b, source, { relativeTolerance, stored });
}

/** ||r_k|| / ||r_0|| of every iteration, to a solver's end or to a number of iterations. */
export async function pathOf(method: Method<Step>, most: number, signal?: AbortSignal): Promise<number[]> {
  const norms: number[] = [];
  for await (const { residualNorm, iteration } of method) {
    norms.push(residualNorm);
    if (iteration >= most) break;
    signal?.throwIfAborted();
  }
  return norms.map((norm) => norm / norms[0]);
}

/** Iterations of a path to a tolerance; null where it is not reached. */
export function iterationsOf(residuals: readonly number[], tolerance = TOLERANCE): number | null {
  const reached = residuals.findIndex((value) => value <= tolerance);
  return reached < 0 ? null : reached;
}

/** So many iterations of conjugate gradients are always enough here. */
export const MOST_CLASSICAL = 2000;

export const orInfinite = (iterations: number | null): number => iterations ?? Number.POSITIVE_INFINITY;
/** A count as tables have it. */
export const countText = (iterations: number | null, most = MOST): number | string =>
  iterations ?? `more than ${most}`;
