import type { BlockState } from "../block-state.ts";
import { type BlockPenalty, type BlockProblem, proximalPoint, type SweepLimits } from "../problem.ts";
import { projectedNewtonUpdate } from "./composite.ts";
import { type BlockUpdater, sized, type UpdateContext } from "./contract.ts";

/** Sweeps end when a sweep's squared steps are at most this share of the first one's. */
const SHARE = 1e-5;
const FEWEST_SWEEPS = 10;
/** Number of sweeps between two looks at the zeros of a block. */
const WHOLE_SWEEPS = 5;
/** Blocks up to this size are minimized exactly where sweeps converge slowly. */
const LARGEST_EXACT = 300;

/** Sweeps by the partial derivatives of single coordinates, for problems without compiled ones. */
function singleSweeps(problem: BlockProblem, penalty: BlockPenalty) {
  const one = new Int32Array(1);
  const number = new Float64Array(1);
  return ({ x, carried }: BlockState, block: Int32Array, { most, share }: SweepLimits): number => {
    let goal = 0;
    let whole = true;
    for (let sweep = 1; sweep <= most; sweep++) {
      let moved = 0;
      for (const i of block) {
        const L = problem.lipschitz[i];
        if (L === 0 || (!whole && x[i] === 0)) continue;
        one[0] = i;
        problem.partials(x, carried, one, number);
        const next = proximalPoint(penalty, x[i], number[0], L);
        const step = next - x[i];
        if (step === 0) continue;
        number[0] = step;
        problem.move(x, carried, one, number);
        x[i] = next; // a coordinate that ends at 0 ends there exactly
        moved += L * step * step;
      }
      if (sweep === 1) goal = share * moved;
      const small = !(moved > goal);
      if (whole && small) return sweep;
      whole = small || sweep % WHOLE_SWEEPS === 0;
    }
    return most;
  };
}

/**
 * Sweeps of proximal coordinate descent over the block, until they gain little; exact minimizers of single
 * coordinates for a quadratic. Where as many as cost what the block's Gram matrix costs do not suffice, blocks of up to
 * 300 coordinates are minimized by `projected-newton`, for a quadratic exactly.
 */
export function sweepsUpdate({ problem, capacity }: UpdateContext, penalty: BlockPenalty): BlockUpdater {
  const numbers = new Float64Array(capacity);
  const single = singleSweeps(problem, penalty);
  let exact: BlockUpdater | undefined;
  return {
    apply(state, block, g) {
      const { x, carried } = state;
      const size = block.length;
      const limits = { most: Math.max(FEWEST_SWEEPS, size >> 2), share: SHARE };
      let made: number;
      if (problem.sweep) {
        const y = sized(numbers, size);
        for (let p = 0; p < size; p++) y[p] = x[block[p]];
        made = problem.sweep(penalty, block, limits, y, carried);
        for (let p = 0; p < size; p++) x[block[p]] = y[p];
      } else made = single(state, block, limits);
      const flops = 2 * made * problem.blockFlops(block);
      if (made < limits.most || size > LARGEST_EXACT) return flops;
      const most = Math.min(capacity, LARGEST_EXACT);
      exact ??= projectedNewtonUpdate({ problem, capacity: most }, penalty);
      problem.partials(x, carried, block, g);
      return flops + exact.apply(state, block, g, -1);
    },
  };
}
