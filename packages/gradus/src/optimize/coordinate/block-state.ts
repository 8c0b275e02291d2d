/** What is carried along x is computed anew after this many iterations, against drift. */
export const REFRESH = 1000;

/** Plain data from which block coordinate descent continues bit for bit. */
export interface BlockState {
  x: Float64Array;
  /** What the problem carries along x. */
  carried: Float64Array;
  /** The gradient at x where the selection rule needs it; empty otherwise. */
  gradient: Float64Array;
  /** The block moved last; empty at the start. */
  block: Int32Array;
  /** The longest change of a coordinate in the last step. */
  change: number;
  /** Estimated constants of the coordinates, for backtracked steps; empty otherwise. */
  estimates: Float64Array;
  /** Multiplications and additions so far: selection, update and move. */
  flops: number;
  /** The last iteration that changed which coordinates are 0. */
  supportChanged: number;
}
