import type { BlockUpdater, UpdateContext } from "./contract.ts";
import { blockTrial, VALUE_ROUNDING } from "./trial.ts";

/**
 * A gradient step with an estimated constant ("LA"): L starts at the largest estimate of the block's coordinates and
 * doubles until f(x - g_b / L) <= f(x) - ||g_b||^2 / (2 L), and the block keeps it.
 *
 * @param relaxation factor on the kept estimate: below 1 it can come down again; 1 never lets it
 */
export function backtrackingUpdate({ problem, capacity }: UpdateContext, relaxation: number): BlockUpdater {
  const step = new Float64Array(capacity);
  const trial = blockTrial(problem, capacity);
  return {
    apply(state, block, g) {
      const { x, carried, estimates } = state;
      let L = 0;
      let square = 0;
      for (let p = 0; p < block.length; p++) {
        L = Math.max(L, estimates[block[p]]);
        square += g[p] * g[p];
      }
      const value = problem.value(x, carried);
      let flops = carried.length;
      trial.begin(state, block);
      if (square === 0) return flops;
      for (; Number.isFinite(L); L *= 2) {
        for (let p = 0; p < block.length; p++) step[p] = -g[p] / L;
        const next = trial.moveTo(state, block, step);
        flops += problem.blockFlops(block) + carried.length;
        if (next <= value - square / (2 * L) + VALUE_ROUNDING * Math.abs(value)) {
          for (let p = 0; p < block.length; p++) estimates[block[p]] = relaxation * L;
          return flops;
        }
        trial.undo(state, block);
      }
      return flops;
    },
  };
}
