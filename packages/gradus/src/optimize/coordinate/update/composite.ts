import { factorBlock, largestEigenvalue, solveBlock } from "../block-factor.ts";
import type { BlockState } from "../block-state.ts";
import { type BlockPenalty, objectiveValue, proximalPoint } from "../problem.ts";
import { minimizeSparseQuadratic, sparseQuadraticWork } from "../sparse-quadratic.ts";
import { type BlockUpdater, sized, type UpdateContext } from "./contract.ts";
import { blockTrial, VALUE_ROUNDING } from "./trial.ts";

const SUFFICIENT = 1e-4;
const TRIALS = 40;

/** PG: x_b <- prox(x_b - g_b / L_b). */
export function proxUpdate({ problem, fixed, capacity }: UpdateContext): BlockUpdater {
  const step = new Float64Array(capacity);
  const H = fixed ? undefined : new Float64Array(capacity ** 2);
  return {
    apply({ x, carried }, block, g, chosen) {
      let L = 0;
      let flops = 6 * block.length;
      if (H) {
        problem.bound(block, H);
        L = largestEigenvalue(H, block.length);
        flops += block.length * problem.blockFlops(block) + block.length ** 3;
      } else if (fixed) L = fixed.constant(chosen);
      if (!(L > 0)) return flops;
      for (let p = 0; p < block.length; p++)
        step[p] = proximalPoint(problem.penalty, x[block[p]], g[p], L) - x[block[p]];
      problem.move(x, carried, block, step);
      return flops;
    },
  };
}

/**
 * PN: the minimizer of g_b^T d + d^T D2_bb d / 2 + psi(x_b + d), exactly; exact for quadratic f, and with backtracking
 * on f(x + alpha d) + psi otherwise.
 */
export function projectedNewtonUpdate(
  { problem, fixed, capacity }: UpdateContext,
  penalty: BlockPenalty,
): BlockUpdater {
  const kept = problem.quadratic ? fixed : undefined;
  const scratch = new Float64Array(kept ? 0 : capacity ** 2);
  const linear = new Float64Array(capacity);
  const y = new Float64Array(capacity);
  const step = new Float64Array(capacity);
  const scaled = new Float64Array(capacity);
  const trial = blockTrial(problem, capacity);
  const work = sparseQuadraticWork(capacity);
  return {
    apply(state, block, g, chosen) {
      const { x, carried } = state;
      const size = block.length;
      let flops = size ** 3 / 3;
      let H: Float64Array = scratch;
      if (kept) H = kept.bound(chosen);
      else {
        problem.hessian(x, carried, block, H);
        flops += size * problem.blockFlops(block);
      }
      for (let p = 0; p < size; p++) {
        let sum = g[p];
        for (let q = 0; q < size; q++) sum -= H[p * size + q] * x[block[q]];
        linear[p] = sum;
        y[p] = x[block[p]];
      }
      minimizeSparseQuadratic(H, size, linear, penalty, y, work);
      let predicted = 0;
      for (let p = 0; p < size; p++) {
        step[p] = y[p] - x[block[p]];
        predicted += g[p] * step[p] + penalty.lambda * (Math.abs(y[p]) - Math.abs(x[block[p]]));
      }
      if (problem.quadratic) {
        problem.move(x, carried, block, step);
        return flops;
      }
      const value = objectiveValue(problem, x, carried);
      if (!(predicted < 0)) return flops;
      trial.begin(state, block);
      let alpha = 1;
      for (let k = 0; k < TRIALS; k++) {
        for (let p = 0; p < size; p++) scaled[p] = alpha === 1 ? step[p] : alpha * step[p];
        const next = trial.moveTo(state, block, scaled);
        flops += problem.blockFlops(block) + carried.length;
        if (next <= value + SUFFICIENT * alpha * predicted + VALUE_ROUNDING * Math.abs(value)) return flops;
        trial.undo(state, block);
        alpha /= 2;
      }
      return flops;
    },
  };
}

/** 1e-4 times the median positive x_i: coordinates below count as being at the bound. */
function defaultActiveTolerance(x: Float64Array): number {
  const positive = x.filter((value) => value > 0).sort();
  return positive.length === 0 ? 0 : 1e-4 * positive[positive.length >> 1];
}

/**
 * TMP, two-metric projection for x >= 0: with the active coordinates {i in b : x_i <= tolerance and g_i > 0}, Newton's
 * direction on the others and -g_i / (sum of the active L) on the active ones; x_b <- max(x_b + alpha d, 0), alpha from
 * 1 down until the decrease is sufficient.
 * Source: Gafni & Bertsekas 1984, "Two-metric projection methods for constrained optimization".
 */
export function twoMetricUpdate(
  { problem, capacity }: UpdateContext,
  { lambda }: BlockPenalty,
  activeTolerance: number | undefined,
): BlockUpdater {
  const H = new Float64Array(capacity ** 2);
  const free = new Int32Array(capacity);
  const isFree = new Uint8Array(capacity);
  const direction = new Float64Array(capacity);
  const newton = new Float64Array(capacity);
  const scaled = new Float64Array(capacity);
  const trial = blockTrial(problem, capacity);

  /** Fills `direction`; returns the free coordinates' slope. */
  function direct({ x, carried }: BlockState, block: Int32Array, g: Float64Array): number {
    const tolerance = activeTolerance ?? defaultActiveTolerance(x);
    let count = 0;
    let activeL = 0;
    isFree.fill(0);
    for (let p = 0; p < block.length; p++) {
      if (x[block[p]] <= tolerance && g[p] + lambda > 0) activeL += problem.lipschitz[block[p]];
      else free[count++] = p;
    }
    for (let p = 0; p < block.length; p++) direction[p] = -(g[p] + lambda) / activeL;
    if (count === 0) return 0;
    problem.hessian(
      x,
      carried,
      Int32Array.from(free.subarray(0, count), (p) => block[p]),
      H,
    );
    const d = sized(newton, count);
    for (let f = 0; f < count; f++) d[f] = -(g[free[f]] + lambda);
    solveBlock(factorBlock(H, count), d);
    let slope = 0;
    for (let f = 0; f < count; f++) {
      direction[free[f]] = d[f];
      slope += (g[free[f]] + lambda) * d[f];
      isFree[free[f]] = 1;
    }
    return slope;
  }

  return {
    apply(state, block, g) {
      const { x, carried } = state;
      const slope = direct(state, block, g);
      const value = objectiveValue(problem, x, carried);
      let flops = block.length * problem.blockFlops(block) + block.length ** 3 / 3;
      trial.begin(state, block);
      for (let alpha = 1, k = 0; k < TRIALS; alpha /= 2, k++) {
        let expected = alpha * slope;
        for (let p = 0; p < block.length; p++) {
          const old = x[block[p]];
          scaled[p] = Math.max(old + alpha * direction[p], 0) - old;
          if (isFree[p] === 0) expected += (g[p] + lambda) * scaled[p];
        }
        const next = trial.moveTo(state, block, scaled);
        flops += problem.blockFlops(block) + carried.length;
        if (next <= value + SUFFICIENT * expected + VALUE_ROUNDING * Math.abs(value)) return flops;
        trial.undo(state, block);
      }
      return flops;
    },
  };
}
