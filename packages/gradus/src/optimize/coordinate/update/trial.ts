import type { BlockState } from "../block-state.ts";
import { type BlockProblem, objectiveValue } from "../problem.ts";

/** Tries steps along a block and takes them back. */
export interface BlockTrial {
  /** Remembers where x stands. */
  begin(state: BlockState, block: Int32Array): void;
  /** f (with the penalty) after a step from there; the state is left at the new point. */
  moveTo(state: BlockState, block: Int32Array, step: Float64Array): number;
  /** Back to where x stood, bit for bit. */
  undo(state: BlockState, block: Int32Array): void;
}

/** Memory for trials of blocks of at most `capacity` coordinates. */
export function blockTrial(problem: BlockProblem, capacity: number): BlockTrial {
  const old = new Float64Array(capacity);
  let carried = new Float64Array(0);
  function undo(state: BlockState, block: Int32Array): void {
    for (let p = 0; p < block.length; p++) state.x[block[p]] = old[p];
    state.carried.set(carried);
  }
  return {
    begin(state, block) {
      for (let p = 0; p < block.length; p++) old[p] = state.x[block[p]];
      if (carried.length !== state.carried.length) carried = state.carried.slice();
      else carried.set(state.carried);
    },
    moveTo(state, block, step) {
      problem.move(state.x, state.carried, block, step);
      return objectiveValue(problem, state.x, state.carried);
    },
    undo,
  };
}

/** What rounding may add to a value: near an optimum decreases drown in it. */
export const VALUE_ROUNDING = 16 * Number.EPSILON;
