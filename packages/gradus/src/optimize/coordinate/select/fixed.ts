import { ArgumentError } from "../../../check/errors.ts";
import { categoricalSampler } from "../../../random/categorical.ts";
import { type BlockFactor, factorBlock, largestEigenvalue, solveBlock } from "../block-factor.ts";
import type { BlockState } from "../block-state.ts";
import { type BlockProblem, proximalPoint } from "../problem.ts";
import type { BlockSelection, BlockSelector, IterationStream } from "./contract.ts";

/** Constants of fixed blocks, computed on first use and kept. */
export interface FixedBlocks {
  readonly blocks: readonly Int32Array[];
  /** L_b. */
  constant(b: number): number;
  /** H_b, |b| x |b|. */
  bound(b: number): Float64Array;
  /** The factor of H_b. */
  factor(b: number): BlockFactor;
}

/** The constants of a partition. */
export function fixedBlocks(problem: BlockProblem, blocks: readonly Int32Array[]): FixedBlocks {
  const constants = new Float64Array(blocks.length).fill(Number.NaN);
  const bounds: (Float64Array | undefined)[] = blocks.map(() => undefined);
  const factors: (BlockFactor | undefined)[] = blocks.map(() => undefined);
  const computeBound = (b: number) => {
    const H = new Float64Array(blocks[b].length ** 2);
    problem.bound(blocks[b], H);
    return H;
  };
  const bound = (b: number) => (bounds[b] ??= computeBound(b));
  return {
    blocks,
    bound,
    constant(b) {
      if (Number.isNaN(constants[b]))
        constants[b] = largestEigenvalue(bounds[b] ?? computeBound(b), blocks[b].length);
      return constants[b];
    },
    factor: (b) => (factors[b] ??= factorBlock(bounds[b] ?? computeBound(b), blocks[b].length)),
  };
}

/** Chooses the block with the largest score; of equal ones the first. */
function largestScore(
  blocks: readonly Int32Array[],
  flops: number,
  score: (state: BlockState, b: number) => number,
): BlockSelector {
  const selector = {
    greedy: true,
    flops,
    chosen: 0,
    choose(state: BlockState) {
      let best = Number.NEGATIVE_INFINITY;
      for (let b = 0; b < blocks.length; b++) {
        const value = score(state, b);
        if (value > best) {
          best = value;
          selector.chosen = b;
        }
      }
      return blocks[selector.chosen];
    },
  };
  return selector;
}

function squaredNorm(g: Float64Array, block: Int32Array): number {
  let sum = 0;
  for (let p = 0; p < block.length; p++) sum += g[block[p]] * g[block[p]];
  return sum;
}

/**
 * What a proximal step of one coordinate takes off the model: -(g d + L d^2 / 2 + psi(x + d) - psi(x)) >= 0. On one side
 * of 0 the penalty joins the gradient, so that nothing cancels near an optimum.
 */
export function modelDecrease({ penalty }: BlockProblem, x: number, g: number, L: number): number {
  if (L === 0) return Number.NEGATIVE_INFINITY;
  const lambda = penalty ? penalty.lambda : 0;
  const next = proximalPoint(penalty, x, g, L);
  const joined = g + lambda * Math.sign(next === 0 ? x : next);
  if (next === 0) return x * joined - (L * x * x) / 2;
  if (next * x >= 0) return (joined * joined) / (2 * L);
  const d = next - x;
  return -(g * d + (L * d * d) / 2 + lambda * (Math.abs(next) - Math.abs(x)));
}

/** Chooses blocks by their numbers alone. */
function byNumber(blocks: readonly Int32Array[], number: (iteration: number) => number): BlockSelector {
  const selector = {
    greedy: false,
    flops: 0,
    chosen: 0,
    choose(_: BlockState, iteration: number) {
      selector.chosen = number(iteration);
      return blocks[selector.chosen];
    },
  };
  return selector;
}

/**
 * The selection rules for fixed blocks. With a penalty, `gsq` compares the models' decreases summed over a block.
 *
 * @throws ArgumentError for a rule that fixed blocks do not have
 */
export function fixedSelector(
  problem: BlockProblem,
  fixed: FixedBlocks,
  select: BlockSelection,
  streamAt: IterationStream,
  estimated: boolean,
): BlockSelector {
  const { blocks } = fixed;
  const { dimension, lipschitz, penalty } = problem;
  const q = blocks.map((block) => new Float64Array(block.length));
  const longest = blocks.reduce((most, block) => Math.max(most, block.length), 0);
  /** g_b^T H_b^-1 g_b. */
  function solvedNorm(g: Float64Array, b: number, factor: BlockFactor): number {
    const block = blocks[b];
    for (let p = 0; p < block.length; p++) q[b][p] = g[block[p]];
    solveBlock(factor, q[b]);
    let sum = 0;
    for (let p = 0; p < block.length; p++) sum += g[block[p]] * q[b][p];
    return sum;
  }
  switch (select) {
    case "random":
      return byNumber(blocks, (iteration) => streamAt(iteration).integer(blocks.length));
    case "cyclic":
      return byNumber(blocks, (iteration) => iteration % blocks.length);
    case "lipschitz": {
      const sample = categoricalSampler(blocks.map((_, b) => fixed.constant(b)));
      return byNumber(blocks, (iteration) => sample(streamAt(iteration)));
    }
    case "gs":
      return largestScore(blocks, 2 * dimension, ({ gradient }, b) => squaredNorm(gradient, blocks[b]));
    case "gsl":
      return largestScore(blocks, 2 * dimension, ({ gradient, estimates }, b) => {
        const block = blocks[b];
        const bound = estimated
          ? block.reduce((most, i) => Math.max(most, estimates[i]), 0)
          : fixed.constant(b);
        return squaredNorm(gradient, block) / bound;
      });
    case "gsd":
      return largestScore(blocks, 3 * dimension, ({ gradient }, b) => {
        let sum = 0;
        for (const i of blocks[b]) if (lipschitz[i] > 0) sum += gradient[i] ** 2 / lipschitz[i];
        return sum;
      });
    case "gsq":
      if (penalty)
        return largestScore(blocks, 8 * dimension, ({ x, gradient }, b) => {
          let sum = 0;
          for (const i of blocks[b])
            if (lipschitz[i] > 0) sum += modelDecrease(problem, x[i], gradient[i], lipschitz[i]);
          return sum;
        });
      return largestScore(blocks, 2 * dimension * longest, ({ gradient }, b) =>
        solvedNorm(gradient, b, fixed.factor(b)),
      );
    case "gsn": {
      const H = new Float64Array(longest ** 2);
      return largestScore(blocks, 2 * dimension * longest ** 2, ({ x, carried, gradient }, b) => {
        const block = blocks[b];
        problem.hessian(x, carried, block, H);
        return solvedNorm(gradient, b, factorBlock(H, block.length));
      });
    }
    case "iht":
    case "working-set":
    case "forest":
    case "random-forest":
      throw new ArgumentError(`select "${select}" builds its own blocks and needs partition "variable"`);
    default:
      throw new ArgumentError(`select must be a selection rule, got ${String(select)}`);
  }
}
