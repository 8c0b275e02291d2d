import { checkFiniteVector, checkLength } from "../../../check/arrays.ts";
import type { CsrMatrix } from "../../../linalg/sparse/csr.ts";
import { checkSquare } from "../../../linalg/square.ts";
import { descendingOrder } from "./descending-order.ts";

/**
 * Checks that an argument is a square pattern.
 *
 * @throws ArgumentError
 */
export function checkGraph(graph: CsrMatrix): void {
  checkSquare(graph, "graph");
}

/** A set of nodes that grows and stays without cycles. */
export interface GrowingForest {
  /** Adds a node unless it closes a cycle; says whether it did. */
  add(i: number): boolean;
  /** Back to the empty set. */
  clear(): void;
}

const OUTSIDE = 0x7fffffff;
/** Up to this many trees are compared one by one. */
const FEW = 16;

/**
 * An empty forest in a graph: a union-find over its nodes, in one array, because nodes come in the order of their scores
 * and every access is to another place of memory.
 */
export function growingForest({ rows: n, rowPointers, columnIndices }: CsrMatrix): GrowingForest {
  // OUTSIDE, the node above, or at the top of a tree minus its size
  const above = new Int32Array(n).fill(OUTSIDE);
  let touched = new Int32Array(FEW);
  const many = new Set<number>();

  function top(j: number): number {
    let node = j;
    let next = above[node];
    while (next >= 0) {
      const beyond = above[next];
      if (beyond < 0) return next;
      above[node] = beyond; // halves the path
      node = beyond;
      next = above[node];
    }
    return node;
  }

  /** True when a tree is among the first `count` touched. */
  function isTouched(tree: number, count: number): boolean {
    if (count < FEW) {
      for (let t = 0; t < count; t++) if (touched[t] === tree) return true;
      return false;
    }
    if (count === FEW) {
      many.clear();
      for (let t = 0; t < count; t++) many.add(touched[t]);
    } else many.add(touched[count - 1]);
    return many.has(tree);
  }

  return {
    add(i) {
      let count = 0;
      for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++) {
        const j = columnIndices[k];
        if (j === i || above[j] === OUTSIDE) continue;
        const tree = top(j);
        if (isTouched(tree, count)) return false; // two neighbors in one tree: a cycle
        if (count === touched.length) touched = new Int32Array(touched.buffer.transfer(8 * count));
        touched[count++] = tree;
      }
      above[i] = -1;
      let root = i;
      for (let t = 0; t < count; t++) {
        const tree = touched[t];
        const large = above[root] <= above[tree] ? root : tree;
        const small = large === root ? tree : root;
        above[large] += above[small];
        above[small] = large;
        root = large;
      }
      return true;
    },
    clear() {
      above.fill(OUTSIDE);
    },
  };
}

/** Greedy forests of one graph for changing scores; see `greedyForest`. */
export function greedyForestBuilder(graph: CsrMatrix): (scores: Float64Array) => Int32Array {
  checkGraph(graph);
  const n = graph.rows;
  const forest = growingForest(graph);
  const order = descendingOrder(n);
  const block = new Int32Array(n);
  return (scores) => {
    checkLength("scores", scores, n);
    forest.clear();
    let size = 0;
    const sorted = order.sort(scores);
    for (let p = 0; p < sorted.length; p++) if (forest.add(sorted[p])) block[size++] = sorted[p];
    return block.subarray(0, size).sort();
  };
}

/**
 * A large set of nodes that induces a forest: nodes by descending score (ties by number),each taken unless it closes
 * a cycle with those taken. O(n + edges).
 *
 * @param graph n x n, symmetric pattern
 * @param scores n numbers; nodes with a negative score are left out
 * @returns the nodes, ascending
 * @throws ArgumentError when the sizes do not fit
 * @throws DataError naming the place of a score that is NaN or infinite
 */
export function greedyForest(graph: CsrMatrix, scores: Float64Array): Int32Array {
  checkFiniteVector("scores", scores);
  return greedyForestBuilder(graph)(scores).slice();
}
