import type { CsrMatrix } from "../../../linalg/sparse/csr.ts";
import { REFRESH } from "../block-state.ts";
import type { BlockSelector } from "./contract.ts";
import { scoreHeap } from "./score-heap.ts";

/**
 * The coordinates with the largest g_i^2 / D_i of a sparse quadratic, kept in a heap: a step changes the gradient of the
 * block and its neighbors alone, so that a choice costs O(|b| neighbors log n) and no pass over all coordinates.
 */
export function graphSelector(
  { rows: n, rowPointers, columnIndices }: CsrMatrix,
  lipschitz: Float64Array,
  D: Float64Array | undefined,
  count: number,
): BlockSelector {
  const heap = scoreHeap(n, count);
  let expected = -1;
  return {
    greedy: true,
    flops: 3 * count,
    chosen: -1,
    choose({ gradient, block }, iteration) {
      const score = (i: number) =>
        lipschitz[i] > 0 ? gradient[i] ** 2 / (D ? D[i] : 1) : Number.NEGATIVE_INFINITY;
      // a run that begins or resumes here, or a gradient computed anew
      if (iteration !== expected || iteration % REFRESH === 0) heap.rebuild(score);
      else
        for (let p = 0; p < block.length; p++)
          for (let k = rowPointers[block[p]]; k < rowPointers[block[p] + 1]; k++)
            heap.update(columnIndices[k], score(columnIndices[k]));
      expected = iteration + 1;
      return heap.largest(count);
    },
  };
}
