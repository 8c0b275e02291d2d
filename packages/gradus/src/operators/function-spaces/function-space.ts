import type { RandomStream } from "../../random/stream.ts";

/** A distribution of functions on an interval, known at evenly spaced points; `gaussianRandomField` is one. */
export interface FunctionSpace {
  /** Evenly spaced points from 0 to the end of the interval. */
  readonly grid: Float64Array;
  /** `count` functions at the grid's points: count x points, row-major. */
  sample(stream: RandomStream, count?: number): Float64Array;
}
