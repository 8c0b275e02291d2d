import type { RandomStream } from "../../../random/stream.ts";
import type { BlockState } from "../block-state.ts";

/** How the next block is chosen. */
export type BlockSelection =
  | "random"
  | "cyclic"
  | "lipschitz"
  | "gs"
  | "gsl"
  | "gsd"
  | "gsq"
  | "gsn"
  | "iht"
  | "working-set"
  | "forest"
  | "random-forest";

/** By what `forest` ranks nodes: |g_i|, or |g_i| / sqrt(L_i). */
export type ForestScore = "gradient" | "scaled-gradient";

/** A selection rule at work. */
export interface BlockSelector {
  /** True when `choose` reads `state.gradient`. */
  readonly greedy: boolean;
  /** Multiplications and additions of one choice, the gradient not counted. */
  readonly flops: number;
  /**
   * The next block, ascending or as it was given; overwritten by the next call. It depends on the state, the iteration
   * and the seed alone.
   */
  choose(state: BlockState, iteration: number): Int32Array;
  /** The number of the fixed block chosen last, -1 for variable blocks: the key of what is kept per block. */
  readonly chosen: number;
}

/** The stream of one iteration: nothing needs to be kept for a run to resume. */
export type IterationStream = (iteration: number) => RandomStream;
