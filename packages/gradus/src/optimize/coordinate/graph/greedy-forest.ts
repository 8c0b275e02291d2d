import { ArgumentError } from "../../../errors.ts";
import type { CsrMatrix } from "../../../linalg/sparse/csr.ts";
import { descendingOrder } from "./descending-order.ts";
import { findSet, joinSets, resetSets, type UnionFind, unionFind } from "./union-find.ts";

/**
 * Refuses what is not a square pattern.
 *
 * @throws ArgumentError
 */
export function checkGraph(graph: CsrMatrix): void {
  if (graph.rows !== graph.columns)
    throw new ArgumentError(`graph must be square, got ${graph.rows} x ${graph.columns}`);
}

/** Marks the trees that node i touches; false when two of its neighbors in the forest share a tree. */
function touchesOnce(
  { rowPointers, columnIndices }: CsrMatrix,
  sets: UnionFind,
  inForest: Uint8Array,
  seen: Int32Array,
  mark: number,
  i: number,
): boolean {
  for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++) {
    const j = columnIndices[k];
    if (j === i || inForest[j] === 0) continue;
    const tree = findSet(sets, j);
    if (seen[tree] === mark) return false;
    seen[tree] = mark;
  }
  return true;
}

/** A set of nodes that grows and stays without cycles. */
export interface GrowingForest {
  /** Adds a node unless it closes a cycle; says whether it did. */
  add(i: number): boolean;
  /** Back to the empty set. */
  clear(): void;
}

/** An empty forest in a graph. */
export function growingForest(graph: CsrMatrix): GrowingForest {
  const { rows: n, rowPointers, columnIndices } = graph;
  const sets = unionFind(n);
  const inForest = new Uint8Array(n);
  const seen = new Int32Array(n);
  let mark = 0;
  return {
    add(i) {
      mark += 1;
      if (!touchesOnce(graph, sets, inForest, seen, mark, i)) return false;
      inForest[i] = 1;
      let root = findSet(sets, i);
      for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++) {
        const j = columnIndices[k];
        if (j === i || inForest[j] === 0) continue;
        joinSets(sets, root, findSet(sets, j));
        root = findSet(sets, i);
      }
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
    for (const i of order.sort(scores)) if (forest.add(i)) block[size++] = i;
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
