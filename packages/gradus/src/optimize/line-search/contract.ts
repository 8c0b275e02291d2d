import { ConvergenceError } from "../../check/errors.ts";
import type { MaybePromise, Objective, ValueAndGradient } from "../../objectives/objective.ts";

/** Where a search starts, and along what: what is known there is not computed again. */
export interface SearchStart extends ValueAndGradient {
  readonly x: Float64Array;
  /** The search goes through x + stepSize direction, stepSize > 0. */
  readonly direction: Float64Array;
}

/** Calls of the objective that a search made; a call for both is one of each. */
export interface Evaluations {
  readonly values: number;
  readonly gradients: number;
}

/** A step that a line search accepted, and what is known where it leads. */
export interface AcceptedStep {
  readonly status: "accepted";
  readonly stepSize: number;
  /** x + stepSize direction. */
  readonly x: Float64Array;
  readonly value: number;
  /** The gradient at x, where the search has computed it. */
  readonly gradient: Float64Array | undefined;
  readonly evaluations: Evaluations;
}

/** Why a search ended without a step. */
export type SearchFailure =
  /** The slope along the direction is not negative. */
  | "not-a-descent-direction"
  /** No point tried met the conditions within the trials allowed. */
  | "no-step-found"
  /** The value still falls, no less steeply than at first, at the longest step allowed. */
  | "unbounded"
  /** The value, the gradient or the direction at the start is not finite. (A trial that is not is only rejected.) */
  | "not-finite";

/** A line search that ended without a step, and why. */
export interface FailedSearch {
  readonly status: SearchFailure;
  /** What happened, with the figures. */
  readonly message: string;
  readonly evaluations: Evaluations;
}

/** How a line search ended: with a step, or without one. */
export type SearchResult = AcceptedStep | FailedSearch;

/** Where a search begins, and how far it may go. */
export interface FirstStep {
  readonly initialStep: number;
  /** The longest step that the method can take. */
  readonly maximalStep?: number;
}

/**
 * How far a method goes along its direction: `armijo`, `strongWolfe`, `fixedStep(0.1)`, or a function that calls one
 * of them with options of its own.
 */
export type LineSearch = (
  objective: Objective,
  start: SearchStart,
  first: FirstStep,
) => MaybePromise<SearchResult>;

/** The line search that a method depends on ended without a step. */
export class LineSearchError extends ConvergenceError {
  override name = "LineSearchError";
  readonly status: SearchFailure;
  readonly evaluations: Evaluations;

  constructor({ status, message, evaluations }: FailedSearch) {
    super(message);
    this.status = status;
    this.evaluations = evaluations;
  }
}
