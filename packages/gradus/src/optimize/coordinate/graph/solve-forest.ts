import { checkAttached } from "../../../check/arrays.ts";
import { ArgumentError } from "../../../check/errors.ts";
import { NotPositiveDefiniteError } from "../../../linalg/factorize/errors.ts";
import { type CsrMatrix, csrDiagonal } from "../../../linalg/sparse/csr.ts";
import { checkGraph } from "./greedy-forest.ts";

/** A block that is not positive definite. */
export class BlockNotPositiveDefiniteError extends NotPositiveDefiniteError {
  override name = "BlockNotPositiveDefiniteError";
  constructor(node: number) {
    super(node);
    this.message = `block not positive definite: the pivot of node ${node} is not positive`;
  }
}

/** A pivot this small beside its diagonal entry is zero to rounding. */
const SINGULAR = 64 * Number.EPSILON;

/** Memory of message passing on forests in one matrix. */
export interface ForestSolver {
  /**
   * Solves A_bb x = q. Where A_bb is positive semidefinite only, and `semidefinite` says so, a root whose pivot is zero
   * to rounding gets x = 0: a solution where q is in the range of A_bb.
   *
   * @param right |b| numbers, overwritten by x
   * @throws ArgumentError naming an edge that closes a cycle
   * @throws BlockNotPositiveDefiniteError naming the node whose pivot is not positive
   */
  solve(block: Int32Array, right: Float64Array, semidefinite?: boolean): void;
  /** True when A_bb has the pattern of a forest. */
  isForest(block: Int32Array): boolean;
}

/** A solver for blocks of A that are forests; its memory is used again by every call. */
export function forestSolver(A: CsrMatrix): ForestSolver {
  const { rows: n, rowPointers, columnIndices, values } = A;
  const inBlock = new Int32Array(n); // place in the block + 1, or 0
  const parent = new Int32Array(n);
  const link = new Float64Array(n); // A_i,parent
  const pivot = new Float64Array(n);
  const scale = csrDiagonal(A);
  const order = new Int32Array(n);
  const visited = new Uint8Array(n);
  let closing: readonly [number, number] | undefined;

  /** Parents before children in `order`, iteratively: a path of 1e5 nodes is no recursion. */
  function traverse(block: Int32Array): boolean {
    closing = undefined;
    for (let p = 0; p < block.length; p++) {
      inBlock[block[p]] = p + 1;
      visited[block[p]] = 0;
    }
    let filled = 0;
    let next = 0;
    for (let p = 0; p < block.length && !closing; p++) {
      if (visited[block[p]] === 1) continue;
      visited[block[p]] = 1;
      parent[block[p]] = -1;
      order[filled++] = block[p];
      while (next < filled && !closing) {
        const i = order[next++];
        pivot[i] = 0;
        for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++) {
          const j = columnIndices[k];
          if (j === i) pivot[i] = values[k];
          if (j === i || j === parent[i] || inBlock[j] === 0) continue;
          if (visited[j] === 1) {
            closing = [i, j];
            break;
          }
          visited[j] = 1;
          parent[j] = i;
          link[j] = values[k];
          order[filled++] = j;
        }
      }
    }
    return closing === undefined;
  }

  function leave(block: Int32Array): void {
    for (let p = 0; p < block.length; p++) inBlock[block[p]] = 0;
  }

  return {
    isForest(block) {
      const forest = traverse(block);
      leave(block);
      return forest;
    },
    solve(block, right, semidefinite = false) {
      if (!traverse(block)) {
        leave(block);
        const [i, j] = closing ?? [0, 0];
        throw new ArgumentError(`block must induce a forest; edge (${i},${j}) closes a cycle`);
      }
      for (let p = block.length - 1; p >= 0; p--) {
        const i = order[p];
        const above = parent[i];
        if (semidefinite && above < 0 && Math.abs(pivot[i]) <= SINGULAR * scale[i]) {
          pivot[i] = Number.POSITIVE_INFINITY;
          continue;
        }
        if (!(pivot[i] > 0)) {
          leave(block);
          throw new BlockNotPositiveDefiniteError(i);
        }
        if (above < 0) continue;
        const ratio = link[i] / pivot[i];
        pivot[above] -= link[i] * ratio;
        right[inBlock[above] - 1] -= ratio * right[inBlock[i] - 1];
      }
      for (let p = 0; p < block.length; p++) {
        const i = order[p];
        const above = parent[i];
        const known = above < 0 ? 0 : link[i] * right[inBlock[above] - 1];
        right[inBlock[i] - 1] = (right[inBlock[i] - 1] - known) / pivot[i];
      }
      leave(block);
    },
  };
}

/**
 * Solves A_bb x = q for a block whose pattern is a forest, by message passing from the leaves to the roots and back:
 *
 *     D_i = A_ii - sum_children A_ic^2 / D_c,   q_i <- q_i - sum_children A_ic q_c / D_c,
 *     x_i = (q_i - A_i,parent x_parent) / D_i
 *
 * O(|b| + its edges). Equal to Gaussian belief propagation, and to Cholesky factorization in an order without fill.
 *
 * @param A n x n, symmetric, by compressed rows
 * @param block nodes without repeats
 * @param rhs |b| numbers
 * @throws ArgumentError when the sizes do not fit, or naming an edge that closes a cycle
 * @throws BlockNotPositiveDefiniteError naming the node whose pivot is not positive
 */
export function solveForest(
  A: CsrMatrix,
  block: ArrayLike<number>,
  rhs: ArrayLike<number>,
): Float64Array<ArrayBuffer> {
  checkGraph(A);
  checkAttached("block", block);
  if (rhs.length !== block.length)
    throw new ArgumentError(`rhs must have |block| = ${block.length} numbers, got ${rhs.length}`);
  const nodes = Int32Array.from(block);
  const seen = new Set<number>();
  for (let p = 0; p < nodes.length; p++) {
    if (block[p] !== nodes[p] || nodes[p] < 0 || nodes[p] >= A.rows || seen.has(nodes[p]))
      throw new ArgumentError(`block must hold different nodes 0 .. ${A.rows - 1}, got ${block[p]} at ${p}`);
    seen.add(nodes[p]);
  }
  const x = Float64Array.from(rhs);
  forestSolver(A).solve(nodes, x);
  return x;
}
