import type { BlockState } from "../block-state.ts";
import type { BlockProblem } from "../problem.ts";
import type { FixedBlocks } from "../select/fixed.ts";

/** How the chosen block is changed. */
export type BlockUpdate =
  | "gradient"
  | "matrix"
  | "newton"
  | "exact"
  | "backtracking"
  | "prox"
  | "projected-newton"
  | "two-metric"
  | "sweeps";

/** An update rule at work. */
export interface BlockUpdater {
  /**
   * Moves x and what is carried along a block.
   *
   * @param g the block's partial derivatives, |b| numbers
   * @param chosen the number of a fixed block, -1 for a variable one
   * @returns multiplications and additions, the move itself not counted
   */
  apply(state: BlockState, block: Int32Array, g: Float64Array, chosen: number): number;
}

/** What update rules are made from. */
export interface UpdateContext {
  readonly problem: BlockProblem;
  /** Constants of fixed blocks, kept from step to step; none with variable blocks. */
  readonly fixed?: FixedBlocks;
  /** The largest block. */
  readonly capacity: number;
}

/** The first `size` numbers of a buffer, which itself is handed out where it fits. */
export function sized(buffer: Float64Array, size: number): Float64Array {
  return buffer.length === size ? buffer : buffer.subarray(0, size);
}
