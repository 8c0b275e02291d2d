import { type Iterate, type Method, solve } from "gradus/iterate";
import {
  conjugateGradient,
  deflation,
  factoredPreconditioner,
  incompleteCholesky,
  jacobiPreconditioner,
  type LinearOperator,
  lanczos,
  ritzPairs,
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

/** Conjugate gradients deflated by Ritz vectors: their preparation takes a product each, so only times compare them. */
export const DEFLATED = "deflated CG";

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

export type Step = Iterate & {
  readonly residualNorm: number;
  readonly x: Float64Array;
  readonly done: boolean;
};

/** A solver for A x = b, to a relative tolerance. */
export function solverFor(
  solver: Classical,
  A: GridOperator,
  b: Float64Array,
  relativeTolerance = TOLERANCE,
): Method<Step> {
  return conjugateGradient(A, b, { relativeTolerance, preconditioner: preconditionerOf(solver, A) });
}

/** As many Ritz vectors as in the authors' test script; how they find them was not read: this many steps are ours. */
const DEFLATION = { vectors: 16, steps: 64 } as const;
/** Ritz values of less than this, relative to the largest, belong to the null space. */
const NULL_SPACE = 1e-8;

/** Conjugate gradients deflated by the smoothest Ritz vectors of the Krylov space of b, with Jacobi's preconditioner. */
export async function deflatedFor(
  A: GridOperator,
  b: Float64Array,
  relativeTolerance = TOLERANCE,
): Promise<Method<Step>> {
  const { iterate } = await solve(lanczos(A, { start: b, steps: DEFLATION.steps }));
  const pairs = ritzPairs(iterate);
  const rough = pairs.values.findIndex((value) => value <= NULL_SPACE * pairs.values[0]);
  const smooth = pairs.vectors.slice(0, rough < 0 ? undefined : rough).slice(-DEFLATION.vectors);
  const { preconditioner, start } = await deflation(A, smooth, {
    preconditioner: preconditionerOf("Jacobi", A),
  });
  return conjugateGradient(A, b, { relativeTolerance, preconditioner, x0: start(b) });
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

/** The middle of the iterations for several right-hand sides; null where it is more than `most`. */
export async function medianIterations(
  rightSides: readonly Float64Array[],
  most: number,
  solve: (b: Float64Array) => Method<Step>,
  signal?: AbortSignal,
): Promise<number | null> {
  const counts: number[] = [];
  for (const b of rightSides) counts.push(orInfinite(iterationsOf(await pathOf(solve(b), most, signal))));
  const middle = middleOf(counts);
  return Number.isFinite(middle) ? middle : null;
}

/** The middle one of some numbers, of which some may be infinite; the larger of two. */
export function middleOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** So many iterations of conjugate gradients are always enough here. */
export const MOST_CLASSICAL = 2000;

export const orInfinite = (iterations: number | null): number => iterations ?? Number.POSITIVE_INFINITY;
/** A count as tables have it. */
export const countText = (iterations: number | null, most = MOST): number | string =>
  iterations ?? `more than ${most}`;
