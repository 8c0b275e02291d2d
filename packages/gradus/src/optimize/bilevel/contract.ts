import type { Iterate } from "../../iterate/iterate.ts";
import type { OptimizationStatus } from "../status.ts";

/** Why a bilevel method ended. */
export type BilevelStatus = Extract<
  OptimizationStatus,
  "converged" | "inner-not-converged" | "max-iterations" | "oracle-limit" | "time-limit" | "stopped"
>;

/** What an iterate of every bilevel method shows. */
export interface BilevelView {
  /** The penalty parameter of the last step; NaN at the start and for methods without one. */
  readonly sigma: number;
  /** ||x - P(x - step G)|| / step at the x from which the last step was made, with its estimate G; Infinity at the start. */
  readonly stationarity: number;
  /** The larger length of the last inner steps over their step size; Infinity at the start. */
  readonly innerResidual: number;
  /** Gradients of either level in either variable. */
  readonly oracleCalls: number;
  /** Products with second derivatives of the lower level. */
  readonly products: number;
  readonly status: "converged" | undefined;
}

/** The points of an iterate, copied when they are read. */
export interface BilevelPoints {
  readonly x: Float64Array;
  /** Minimizes the penalized lower level; the lower level itself for methods without a penalty. */
  readonly y: Float64Array;
  /** Minimizes the lower level. */
  readonly z: Float64Array;
}

/** An iterate of a bilevel method. */
export type BilevelIterate<State = unknown> = Iterate<State> & BilevelView & BilevelPoints;

/** Figures that all states hold. */
export interface BilevelFigures {
  sigma: number;
  stationarity: number;
  innerResidual: number;
  calls: number;
  products: number;
  converged: boolean;
}

export const freshFigures = (): BilevelFigures => ({
  sigma: Number.NaN,
  stationarity: Number.POSITIVE_INFINITY,
  innerResidual: Number.POSITIVE_INFINITY,
  calls: 0,
  products: 0,
  converged: false,
});

export const viewOf = ({
  sigma,
  stationarity,
  innerResidual,
  calls,
  products,
  converged,
}: BilevelFigures): BilevelView & { readonly done: boolean } => ({
  sigma,
  stationarity,
  innerResidual,
  oracleCalls: calls,
  products,
  status: converged ? "converged" : undefined,
  done: converged,
});
