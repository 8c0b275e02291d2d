import { factorBlock, solveBlock } from "../block-factor.ts";
import { type BlockUpdater, sized, type UpdateContext } from "./contract.ts";
import { blockTrial, VALUE_ROUNDING } from "./trial.ts";

const SUFFICIENT = 1e-4;
const TRIALS = 40;

/** A step length tried and what it gave beyond the linear model: z = f(x + alpha d) - f - alpha phi. */
interface Tried {
  readonly alpha: number;
  readonly excess: number;
}

/**
 * The next step length to try: the minimizer of the quadratic through one trial, of the cubic through two, kept in
 * [0.1, 0.5] of the last.
 *
 * @param slope phi = g^T d < 0
 */
function interpolatedStep(slope: number, last: Tried, before?: Tried): number {
  let next = (-slope * last.alpha ** 2) / (2 * last.excess);
  if (before) {
    const scale = 1 / (last.alpha - before.alpha);
    const l = last.excess / last.alpha ** 2;
    const b = before.excess / before.alpha ** 2;
    const cubic = (l - b) * scale;
    const square = (last.alpha * b - before.alpha * l) * scale;
    const root = square * square - 3 * cubic * slope;
    next = cubic === 0 ? -slope / (2 * square) : (-square + Math.sqrt(root)) / (3 * cubic);
  }
  if (!Number.isFinite(next)) return last.alpha / 2;
  return Math.min(0.5 * last.alpha, Math.max(0.1 * last.alpha, next));
}

/**
 * Newton's step on a block with a line search: d = -alpha [D2_bb f(x)]^-1 g_b, alpha from 1 down until
 * f(x + alpha d) <= f(x) + 1e-4 alpha g_b^T d.
 */
export function newtonUpdate({ problem, capacity }: UpdateContext): BlockUpdater {
  const H = new Float64Array(capacity ** 2);
  const direction = new Float64Array(capacity);
  const scaled = new Float64Array(capacity);
  const trial = blockTrial(problem, capacity);
  return {
    apply(state, block, g) {
      const { x, carried } = state;
      const size = block.length;
      const d = sized(direction, size);
      problem.hessian(x, carried, block, H);
      for (let p = 0; p < size; p++) d[p] = -g[p];
      solveBlock(factorBlock(H, size), d);
      let slope = 0;
      for (let p = 0; p < size; p++) slope += g[p] * d[p];
      let flops = size * problem.blockFlops(block) + size ** 3 / 3;
      const value = problem.value(x, carried);
      if (!(slope < -1e-16 * Math.abs(value))) return flops;
      trial.begin(state, block);
      let alpha = 1;
      let before: Tried | undefined;
      for (let k = 0; k < TRIALS; k++) {
        for (let p = 0; p < size; p++) scaled[p] = alpha * d[p];
        const next = trial.moveTo(state, block, scaled);
        flops += problem.blockFlops(block) + carried.length;
        if (next <= value + SUFFICIENT * alpha * slope + VALUE_ROUNDING * Math.abs(value)) return flops;
        trial.undo(state, block);
        const last = { alpha, excess: next - value - alpha * slope };
        alpha = interpolatedStep(slope, last, before);
        before = last;
      }
      return flops;
    },
  };
}
