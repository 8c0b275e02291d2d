import { ArgumentError } from "../../../errors.ts";
import type { CsrMatrix } from "../../../linalg/sparse/csr.ts";
import { descendingOrder } from "./descending-order.ts";
import { findSet, joinSets, resetSets, unionFind } from "./union-find.ts";

/**
 * Refuses what is not a square pattern.
 *
 * @throws ArgumentError
 */
export function checkGraph(graph: CsrMatrix): void {
  if (graph.rows !== graph.columns)
    throw new ArgumentError(`graph must be square, got ${graph.rows} x ${graph.columns}`);
}

/** A set of nodes that grows and stays without cycles. */
export interface GrowingForest {
  /** Adds a node unless it closes a cycle; says whether it did. */
  add(i: number): boolean;
  /** Back to the empty set. */
  clear(): void;
}

/** An empty forest in a graph. */
export function growingForest({ rows: n, rowPointers, columnIndices }: CsrMatrix): GrowingForest {
  const sets = unionFind(n);
  const inForest = new Uint8Array(n);
  const seen = new Int32Array(n);
  let touched = new Int32Array(16);
  let mark = 0;
  return {
    add(i) {
      mark += 1;
      let count = 0;
      for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++) {
        const j = columnIndices[k];
        if (j === i || inForest[j] === 0) continue;
        const tree = findSet(sets, j);
        if (seen[tree] === mark) return false; // two neighbors in one tree: a cycle
        seen[tree] = mark;
        if (count === touched.length) touched = new Int32Array(touched.buffer.transfer(8 * count));
        touched[count++] = tree;
      }
      inForest[i] = 1;
      let root = i;
      for (let t = 0; t < count; t++) root = joinSets(sets, root, touched[t]);
      return true;
    },
    clear() {
      resetSets(sets);
      inForest.fill(0);
      seen.fill(0);
      mark = 0;
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
    if (scores.length !== n) throw new ArgumentError(`scores must have ${n} numbers, got ${scores.length}`);
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
 */
export function greedyForest(graph: CsrMatrix, scores: Float64Array): Int32Array {
  return greedyForestBuilder(graph)(scores).slice();
}
