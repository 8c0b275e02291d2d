import { ArgumentError } from "../../../check/errors.ts";
import type { BlockState } from "../block-state.ts";
import { greedyForestBuilder } from "../graph/greedy-forest.ts";
import type { BlockProblem } from "../problem.ts";
import type { BlockSelection, BlockSelector, ForestScore, IterationStream } from "./contract.ts";
import { modelDecrease } from "./fixed.ts";
import { graphSelector } from "./graph-selector.ts";
import { iterativeHardThresholding } from "./iht.ts";
import { largestFinder } from "./largest.ts";
import { weightTree } from "./weight-tree.ts";

/** A uniformly random subset of 0 .. n-1, in time that depends on its size alone (Floyd's method). */
function subsetSampler(n: number, size: number) {
  const taken = new Set<number>();
  const subset = new Int32Array(size);
  return (integer: (below: number) => number): Int32Array => {
    taken.clear();
    for (let j = n - size; j < n; j++) {
      const candidate = integer(j + 1);
      taken.add(taken.has(candidate) ? j : candidate);
    }
    let p = 0;
    for (const i of taken) subset[p++] = i;
    return subset.sort();
  };
}

const blind = (choose: BlockSelector["choose"]): BlockSelector => ({
  greedy: false,
  flops: 0,
  chosen: -1,
  choose,
});
const greedy = (flops: number, choose: BlockSelector["choose"]): BlockSelector => ({
  greedy: true,
  flops,
  chosen: -1,
  choose,
});

/**
 * The selection rules for variable blocks: `size` coordinates chosen anew at every step. `gsl` scales by the row sums
 * sum_j |H_ij|, because the best block by its own constant is intractable.
 *
 * @throws ArgumentError for a rule that variable blocks do not have, or that the problem lacks the means for
 */
export function variableSelector(
  problem: BlockProblem,
  size: number,
  select: BlockSelection,
  streamAt: IterationStream,
  forestScore: ForestScore = "scaled-gradient",
): BlockSelector {
  const { dimension: n, lipschitz, penalty, graph } = problem;
  const candidates = Int32Array.from(lipschitz.keys()).filter((i) => lipschitz[i] > 0);
  const count = Math.min(size, candidates.length);
  if (count === 0) throw new ArgumentError("the problem does not depend on any coordinate: every L_i is 0");
  const block = new Int32Array(count);
  const scores = new Float64Array(n);
  const finder = largestFinder(count);

  /** The coordinates with the largest g_i^2 / D_i; on a graph a step changes few of them. */
  const scaled = (D: Float64Array | undefined) => {
    if (graph) return graphSelector(graph, lipschitz, D, count);
    return greedy(3 * n, ({ gradient }) => {
      for (let i = 0; i < n; i++)
        scores[i] = lipschitz[i] > 0 ? gradient[i] ** 2 / (D ? D[i] : 1) : Number.NEGATIVE_INFINITY;
      return finder.find(scores, count);
    });
  };

  switch (select) {
    case "random": {
      const sample = subsetSampler(candidates.length, count);
      return blind((_, iteration) => {
        const stream = streamAt(iteration);
        const subset = sample((below) => stream.integer(below));
        for (let p = 0; p < count; p++) block[p] = candidates[subset[p]];
        return block;
      });
    }
    case "cyclic": {
      const perSweep = Math.ceil(candidates.length / count);
      let sweep = -1;
      let order = candidates;
      return blind((_, iteration) => {
        const turn = Math.floor(iteration / perSweep);
        if (turn !== sweep) {
          sweep = turn;
          order = streamAt(turn).shuffle(candidates.slice());
        }
        const start = (iteration - turn * perSweep) * count;
        const end = Math.min(start + count, order.length);
        for (let p = start; p < end; p++) block[p - start] = order[p];
        return block.subarray(0, end - start).sort();
      });
    }
    case "lipschitz": {
      const tree = weightTree(lipschitz, count);
      return blind((_, iteration) => tree.draw(streamAt(iteration), count));
    }
    case "gs":
      return scaled(undefined);
    case "gsd":
      return scaled(lipschitz);
    case "gsl":
      if (!problem.boundRowSums)
        throw new ArgumentError('select "gsl" with variable blocks needs boundRowSums');
      return scaled(problem.boundRowSums());
    case "gsn":
    case "gsq":
      if (!penalty)
        throw new ArgumentError(
          `select "${select}" with variable blocks is NP-hard; use "gsd" or "iht", or fixed blocks`,
        );
      return greedy(8 * n, ({ x, gradient }: BlockState) => {
        for (let i = 0; i < n; i++) {
          const decrease = modelDecrease(problem, x[i], gradient[i], lipschitz[i]);
          // of coordinates with nothing to gain, those off 0 come first: a large block then holds the support
          scores[i] = decrease === 0 && x[i] !== 0 ? Number.MIN_VALUE : decrease;
        }
        return finder.find(scores, count);
      });
    case "iht": {
      if (!problem.boundProduct) throw new ArgumentError('select "iht" needs boundProduct');
      const choose = iterativeHardThresholding(problem, problem.boundProduct, count, finder);
      return greedy(10 * problem.gradientFlops, ({ gradient }) => choose(gradient));
    }
    case "forest":
    case "random-forest": {
      if (!graph) throw new ArgumentError(`select "${select}" needs a sparse quadratic (blockQuadratic)`);
      const build = greedyForestBuilder(graph);
      const operations = 2 * n + graph.values.length;
      if (select === "random-forest")
        return {
          ...blind((_, iteration) => {
            streamAt(iteration).fillUniform(scores);
            return build(scores);
          }),
          flops: operations,
        };
      const plain = forestScore === "gradient";
      return greedy(operations, ({ gradient }) => {
        for (let i = 0; i < n; i++) {
          const size = Math.abs(gradient[i]);
          scores[i] = lipschitz[i] > 0 ? (plain ? size : size / Math.sqrt(lipschitz[i])) : -1;
        }
        return build(scores);
      });
    }
    default:
      throw new ArgumentError(`select must be a selection rule, got ${String(select)}`);
  }
}
