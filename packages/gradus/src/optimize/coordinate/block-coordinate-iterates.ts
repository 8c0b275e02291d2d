import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import type { Iterate, Method, MethodOptions } from "../../iterate/iterate.ts";
import { type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { randomStream } from "../../random/stream.ts";
import { type BlockState, REFRESH } from "./block-state.ts";
import { type BlockPartition, checkBlockSize, checkBlocks, partitionCoordinates } from "./partition.ts";
import { type BlockProblem, kktResidual, longestStep, objectiveValue, startingPoint } from "./problem.ts";
import type { BlockSelection, BlockSelector, ForestScore, IterationStream } from "./select/contract.ts";
import { fixedBlocks, fixedSelector } from "./select/fixed.ts";
import { variableSelector } from "./select/variable.ts";
import { workingSetSelector } from "./select/working-set.ts";
import type { BlockUpdate, UpdateContext } from "./update/contract.ts";
import { sized } from "./update/contract.ts";
import { type UpdateOptions, updateRule } from "./update/rules.ts";

/** Which blocks, in which order, changed how. */
export interface BlockCoordinateOptions extends MethodOptions<BlockState>, UpdateOptions {
  /**
   * Coordinates in a block. By default 50, of variable blocks with a penalty and no quadratic 2.5 times the root of the
   * dimension; all of them where there are at most 50.
   */
  readonly blockSize?: number;
  /** Custom fixed blocks, in place of `blockSize` and `partition`. */
  readonly blocks?: readonly ArrayLike<number>[];
  readonly partition?: BlockPartition;
  readonly select?: BlockSelection;
  /** By what `select: "forest"` ranks nodes; |g_i| / sqrt(L_i) by default. */
  readonly forestScore?: ForestScore;
  readonly update?: BlockUpdate;
  /** Starting point; zeros by default. */
  readonly x0?: ArrayLike<number>;
  /** Seed of the random rules. */
  readonly seed?: number;
}

/** What an iterate shows at once. */
export interface BlockCoordinateView {
  /** The longest change of a coordinate in the last step; 0 at the start. */
  readonly change: number;
  /** Multiplications and additions so far. */
  readonly flops: number;
  /** The last iteration that changed which coordinates are 0: where the support was identified, once it is final. */
  readonly supportChanged: number;
}

/** What an iterate computes when it is read. */
export interface BlockCoordinateFigures {
  readonly x: Float64Array;
  /** The block moved last, empty at the start. */
  readonly block: Int32Array;
  /** f(x), with the penalty. */
  readonly value: number;
  /** The smooth part's gradient: free with greedy rules, one pass over the data with the others. */
  readonly gradient: Float64Array;
  /** max_i |x_i - prox(x_i - g_i)|: |g_i| without a penalty, |min(x_i, g_i + lambda)| with x >= 0. */
  readonly kktResidual: number;
  /** max_i |x_i - prox(x_i - g_i / L_i)|. */
  readonly longestStep: number;
  /** At least f(x) - f*, by a dual point made from the gradient: for least squares with a penalty. */
  readonly dualityGap: number | undefined;
}

/** An iterate of block coordinate descent. */
export type BlockCoordinateIterate = Iterate<BlockState> & BlockCoordinateView & BlockCoordinateFigures;

const DEFAULT_SIZE = 50;
/**
 * Of blocks of a problem with a penalty that is not a quadratic, over the root of the dimension n. A step computes the
 * gradient, in m n operations, and the block's Hessian, in m b^2 / 2 for b coordinates: at b = 2.5 sqrt(n) three times as
 * many. Logistic regression took 0.3 to 1.3 of the time of blocks of 50 on 7 dense designs of 100 to 5,000 columns, 0.8 in
 * the geometric mean.
 */
const SIZE_BY_ROOT = 2.5;

/** Coordinates in a variable block where nothing is said. */
function defaultSize({ dimension, penalty, quadratic }: BlockProblem): number {
  if (dimension <= DEFAULT_SIZE) return dimension;
  return penalty && !quadratic ? Math.round(SIZE_BY_ROOT * Math.sqrt(dimension)) : DEFAULT_SIZE;
}

const forestRules: readonly (BlockSelection | undefined)[] = ["forest", "random-forest"];
const compositeRules: readonly BlockSelection[] = ["random", "cyclic", "lipschitz", "gsq", "working-set"];

/** Whether a working set of its own size, and sweeps over it, are what is meant where nothing is said. */
function byWorkingSets(problem: BlockProblem, options: BlockCoordinateOptions): boolean {
  const { blockSize, blocks, partition, select, update } = options;
  if (select !== undefined) return select === "working-set";
  const open = [blockSize, blocks, partition, update].every((option) => option === undefined);
  return open && problem.penalty !== undefined && problem.quadratic;
}

/** The choice of blocks, and what updates need to know of them. */
function plan(problem: BlockProblem, options: BlockCoordinateOptions, update: BlockUpdate) {
  const { dimension, lipschitz, penalty } = problem;
  const { blocks, seed = 0, forestScore = "scaled-gradient" } = options;
  checkOneOf(["gradient", "scaled-gradient"], { forestScore });
  const select = options.select ?? (penalty ? "gsq" : blocks ? "cyclic" : "gsd");
  if (penalty && !compositeRules.includes(select))
    throw new ArgumentError(
      `select "${select}" is for smooth problems; with a penalty use ${compositeRules.join(", ")}`,
    );
  const partition = options.partition ?? "variable";
  const root = randomStream(seed);
  const streamAt: IterationStream = (iteration) => root.split(iteration);
  if (blocks && (options.partition !== undefined || options.blockSize !== undefined))
    throw new ArgumentError("blocks replaces blockSize and partition");
  if (byWorkingSets(problem, options)) {
    if (
      !penalty ||
      blocks ||
      options.blockSize !== undefined ||
      partition !== "variable" ||
      update !== "sweeps"
    )
      throw new ArgumentError(
        'select "working-set" needs a penalty, partition "variable", update "sweeps" and no blockSize',
      );
    const context = { problem, capacity: dimension } satisfies UpdateContext;
    return { selector: workingSetSelector(problem, penalty), context, forests: false };
  }
  if (!blocks && partition === "variable") {
    const forests = forestRules.includes(select);
    const size = forests ? dimension : (options.blockSize ?? defaultSize(problem));
    checkBlockSize(size, dimension);
    const selector = variableSelector(problem, size, select, streamAt, forestScore);
    return {
      selector,
      context: { problem, capacity: size } satisfies UpdateContext,
      forests,
    };
  }
  const groups = blocks
    ? checkBlocks(blocks, dimension)
    : partitionCoordinates(lipschitz, {
        blockSize: options.blockSize ?? Math.min(dimension, DEFAULT_SIZE),
        partition: partition === "variable" ? "order" : partition,
        seed,
      });
  if (groups.length === 0)
    throw new ArgumentError("the problem does not depend on any coordinate: every L_i is 0");
  const fixed = fixedBlocks(problem, groups);
  const selector: BlockSelector = fixedSelector(problem, fixed, select, streamAt, update === "backtracking");
  const capacity = groups.reduce((most, block) => Math.max(most, block.length), 0);
  return { selector, context: { problem, fixed, capacity } satisfies UpdateContext, forests: false };
}

/**
 * Block coordinate descent for min f(x), or f(x) + lambda ||x||_1, or that with x >= 0: each step chooses a block of
 * coordinates, changes them alone, and updates what is carried along x by their columns.
 *
 * Selection (`select`), with g the gradient, L_b = lambda_max(H_b), H the bound of the Hessian: `random`; `cyclic`
 * (variable blocks: a new order every sweep); `lipschitz`: probability proportional to L_b; `gs`: largest ||g_b||;
 * `gsl`: ||g_b||^2 / L_b; `gsd`: sum_i g_i^2 / L_i; `gsq`: g_b^T H_b^-1 g_b, with a penalty the largest decrease of the
 * model; `gsn`: gsq with the Hessian at x; `iht`: gsq over variable blocks by iterative hard thresholding; `working-set`, with a penalty: the
 * nonzeros and as many of the zeros whose conditions fail most, or hold with the least room; `forest`,
 * `random-forest`: a set of O(n) nodes of a sparse quadratic without cycles.
 *
 * Update (`update`): `gradient`: -g_b / L_b; `matrix`: -H_b^-1 g_b; `newton`: -alpha [D2_bb f]^-1 g_b; `exact`: the
 * minimizer of a quadratic, by message passing on forests; `backtracking`: -g_b / L with L estimated; with a penalty
 * `prox`, `projected-newton` (the exact minimizer of the block's model), `two-metric` and `sweeps` (proximal coordinate descent
 * over the block).
 *
 * Defaults: variable blocks of 50, `gsd` and `newton` (`exact` for quadratics), with a penalty blocks of 2.5 sqrt(n), `gsq`
 * and `projected-newton`, for quadratics with a penalty `working-set` and `sweeps`. The rate, with the Polyak-Lojasiewicz
 * constant mu: 1 - mu / (m L_max) a step for random blocks out of m, 1 - mu / sum_b L_b for Lipschitz sampling, and at least as good for `gsl`.
 *
 * Source: Nutini, Laradji & Schmidt 2022, "Let's Make Block Coordinate Descent Converge Faster", JMLR 23(131).
 *
 * @throws ArgumentError when an option does not fit the problem, blocks miss or repeat a coordinate, or blockSize is
 * outside 1 .. n
 * @throws DataError naming the place of a number of x0 that is not finite, or negative with nonnegativity
 * @throws ConvergenceError when a coordinate is no longer finite
 * @throws BlockNotPositiveDefiniteError when a forest block is not positive definite
 */
export function blockCoordinateIterates(
  problem: BlockProblem,
  options: BlockCoordinateOptions = {},
): Method<BlockCoordinateIterate> {
  checkOptions("blockCoordinateIterates", options, [
    "blockSize",
    "blocks",
    "partition",
    "select",
    "forestScore",
    "update",
    "x0",
    "seed",
    "relaxation",
    "activeTolerance",
    "resume",
    "signal",
  ]);
  const { dimension, penalty, graph } = problem;
  const composite = byWorkingSets(problem, options) ? "sweeps" : "projected-newton";
  const update = options.update ?? (penalty ? composite : problem.quadratic ? "exact" : "newton");
  const { selector, context, forests } = plan(problem, options, update);
  if (forests && update !== "exact") throw new ArgumentError('forest blocks need update "exact"');
  const rule = updateRule(update, context, options, forests);
  const x0 = startingPoint(problem, options.x0);
  const partials = new Float64Array(context.capacity);
  const old = new Float64Array(context.capacity);
  const gradientOf = ({ gradient, carried }: BlockState) => (graph ? carried : gradient);

  function currentGradient(state: BlockState): Float64Array {
    const gradient = gradientOf(state);
    if (gradient.length === dimension) return gradient;
    const fresh = new Float64Array(dimension);
    problem.gradient(state.x, state.carried, fresh);
    return fresh;
  }

  const stepper: InPlaceStepper<BlockState, BlockCoordinateView, BlockCoordinateFigures> = {
    fields: { x: dimension, carried: undefined, gradient: undefined, estimates: undefined },
    start() {
      const carried = problem.carry(x0);
      // a quadratic carries its gradient; the others need memory of their own where the rule is greedy
      const gradient = new Float64Array(selector.greedy && !graph ? dimension : 0);
      if (gradient.length > 0) problem.gradient(x0, carried, gradient);
      const estimates = new Float64Array(update === "backtracking" ? dimension : 0).fill(1);
      return {
        x: x0.slice(),
        carried,
        gradient,
        block: new Int32Array(0),
        change: 0,
        estimates,
        flops: 0,
        supportChanged: 0,
      };
    },
    advance(state, iteration) {
      const { x, carried, gradient } = state;
      const view = graph ? { ...state, gradient: carried } : state;
      const block = selector.choose(view, iteration);
      const size = block.length;
      const g = sized(partials, size);
      if (selector.greedy) {
        const all = view.gradient;
        for (let p = 0; p < size; p++) g[p] = all[block[p]];
      } else problem.partials(x, carried, block, g);
      for (let p = 0; p < size; p++) old[p] = x[block[p]];
      state.flops +=
        selector.flops + rule.apply(state, block, g, selector.chosen) + problem.blockFlops(block);
      let change = 0;
      for (let p = 0; p < size; p++) {
        const next = x[block[p]];
        if (!Number.isFinite(next))
          throw new ConvergenceError(
            `x[${block[p]}] must be finite, got ${next} in iteration ${iteration + 1}`,
          );
        change = Math.max(change, Math.abs(next - old[p]));
        if ((next === 0) !== (old[p] === 0)) state.supportChanged = iteration + 1;
      }
      state.change = change;
      state.block = block;
      if ((iteration + 1) % REFRESH === 0) carried.set(problem.carry(x));
      if (gradient.length > 0) {
        problem.gradient(x, carried, gradient);
        state.flops += problem.gradientFlops;
      } else if (!selector.greedy) state.flops += problem.blockFlops(block);
    },
    view: ({ change, flops, supportChanged }) => ({ change, flops, supportChanged }),
    lazy: {
      x: ({ x }) => x.slice(),
      block: ({ block }) => block.slice(),
      value: ({ x, carried }) => objectiveValue(problem, x, carried),
      gradient: (state) => currentGradient(state).slice(),
      kktResidual: (state) => kktResidual(problem, state.x, currentGradient(state)),
      longestStep: (state) => longestStep(problem, state.x, currentGradient(state)),
      dualityGap: (state) =>
        penalty && problem.duality?.gap(penalty, state.x, state.carried, currentGradient(state)),
    },
    copy: (state) => structuredClone({ ...state, block: state.block.slice() }),
  };
  return iteratesInPlace(stepper, options);
}
