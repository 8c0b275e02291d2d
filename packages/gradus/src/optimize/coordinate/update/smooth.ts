import { factorBlock, largestEigenvalue, solveBlock } from "../block-factor.ts";
import { forestSolver } from "../graph/solve-forest.ts";
import { type BlockUpdater, sized, type UpdateContext } from "./contract.ts";

/** d = -g_b / L_b; f falls by at least ||g_b||^2 / (2 L_b). */
export function gradientUpdate({ problem, fixed, capacity }: UpdateContext): BlockUpdater {
  const step = new Float64Array(capacity);
  const H = fixed ? undefined : new Float64Array(capacity ** 2);
  return {
    apply({ x, carried }, block, g, chosen) {
      let L = 0;
      let flops = 0;
      if (H) {
        problem.bound(block, H);
        L = largestEigenvalue(H, block.length);
        flops = block.length * problem.blockFlops(block) + block.length ** 3;
      } else if (fixed) L = fixed.constant(chosen);
      if (!(L > 0)) return flops;
      for (let p = 0; p < block.length; p++) step[p] = -g[p] / L;
      problem.move(x, carried, block, step);
      return flops + block.length;
    },
  };
}

/** d = -H_b^-1 g_b (pseudo-inverse where H_b is singular); f falls by at least g_b^T H_b^-1 g_b / 2. */
export function matrixUpdate({ problem, fixed, capacity }: UpdateContext): BlockUpdater {
  const step = new Float64Array(capacity);
  let H = new Float64Array(0); // made when first needed: forests take none, and may be as large as the problem
  return {
    apply({ x, carried }, block, g, chosen) {
      const size = block.length;
      const d = sized(step, size);
      for (let p = 0; p < size; p++) d[p] = -g[p];
      let flops = 2 * size * size;
      if (fixed) solveBlock(fixed.factor(chosen), d);
      else {
        if (H.length === 0) H = new Float64Array(capacity ** 2);
        problem.bound(block, H);
        solveBlock(factorBlock(H, size), d);
        flops += size * problem.blockFlops(block) + size ** 3 / 3;
      }
      problem.move(x, carried, block, d);
      return flops;
    },
  };
}

/**
 * The minimizer over a block of a sparse quadratic: by message passing where the block is a forest, in O(|b|), else by
 * a dense factorization.
 */
export function exactUpdate(context: UpdateContext, alwaysForest: boolean): BlockUpdater {
  const { problem, fixed, capacity } = context;
  const dense = matrixUpdate(context);
  if (!problem.graph) return dense; // other quadratics: the matrix update is exact
  const solver = forestSolver(problem.graph);
  const forests = fixed?.blocks.map((block) => solver.isForest(block));
  const step = new Float64Array(capacity);
  return {
    apply(state, block, g, chosen) {
      if (!(alwaysForest || (forests ? forests[chosen] : solver.isForest(block))))
        return dense.apply(state, block, g, chosen);
      for (let p = 0; p < block.length; p++) step[p] = -g[p];
      solver.solve(block, step, true);
      problem.move(state.x, state.carried, block, step);
      return 8 * block.length;
    },
  };
}
