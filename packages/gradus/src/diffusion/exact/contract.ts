import { ArgumentError } from "../../check/errors.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import type { RandomStream } from "../../random/stream.ts";
import {
  checkTimes,
  type ForwardProcess,
  type ImmediatePointFunction,
  type Times,
} from "../processes/contract.ts";

/** Data whose law at every time of a process is known in closed form: what estimates are measured against. */
export interface ExactTarget {
  readonly process: ForwardProcess;
  /** d. */
  readonly dimension: number;
  /** Clean points, count x d. */
  sample(count: number, stream: RandomStream): DenseMatrix;
  /** f*(t, x) = E[X_0 | X_t = x], n x d. */
  readonly posteriorMean: ImmediatePointFunction;
  /** Var(X_0 | X_t = x), coordinate by coordinate, n x d. */
  readonly posteriorVariance: ImmediatePointFunction;
  /** grad log p_t(x), n x d. */
  readonly score: ImmediatePointFunction;
  /** log p_t(x), n numbers. */
  logDensity(times: Times, points: DenseMatrix): Float64Array;
}

/**
 * Checks what a target is asked about.
 *
 * @throws ArgumentError when points do not have d columns, or a time is outside the process's window
 * @throws DataError when a number is not finite
 */
export function checkQuestion(
  process: ForwardProcess,
  dimension: number,
  times: Times,
  points: DenseMatrix,
): void {
  checkFiniteDense("points", points);
  if (points.columns !== dimension)
    throw new ArgumentError(`points must have d = ${dimension} columns, got ${points.columns}`);
  checkTimes("times", times, process, points.rows);
}
