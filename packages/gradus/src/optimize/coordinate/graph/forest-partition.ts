import { ArgumentError } from "../../../check/errors.ts";
import type { CsrMatrix } from "../../../linalg/sparse/csr.ts";
import { checkGraph, type GrowingForest, growingForest } from "./greedy-forest.ts";

/**
 * Checks that `order` names every node once.
 *
 * @throws ArgumentError naming a node that is missing, repeated or out of range
 */
function checkOrder(order: ArrayLike<number>, n: number): Int32Array {
  if (order.length !== n) throw new ArgumentError(`order must have ${n} nodes, got ${order.length}`);
  const seen = new Uint8Array(n);
  for (let p = 0; p < n; p++) {
    const i = order[p];
    if (!Number.isInteger(i) || i < 0 || i >= n || seen[i] === 1)
      throw new ArgumentError(`order must hold each of 0 .. ${n - 1} once, got ${i} at ${p}`);
    seen[i] = 1;
  }
  return Int32Array.from(order);
}

const ascending = (groups: readonly number[][]) => groups.map((group) => Int32Array.from(group).sort());

/**
 * Splits all nodes into sets that induce forests: each node, in the given order, goes into the first forest that stays
 * without cycles, else opens a new one.
 *
 * @param graph n x n, symmetric pattern
 * @param order the nodes; by number without it
 * @throws ArgumentError when the graph is not square or `order` is not an order of its nodes
 */
export function forestPartition(graph: CsrMatrix, order?: ArrayLike<number>): Int32Array[] {
  checkGraph(graph);
  const nodes = order ? checkOrder(order, graph.rows) : Int32Array.from({ length: graph.rows }, (_, i) => i);
  const forests: { forest: GrowingForest; members: number[] }[] = [];
  for (const i of nodes) {
    let home = forests.find(({ forest }) => forest.add(i));
    if (!home) {
      home = { forest: growingForest(graph), members: [] };
      home.forest.add(i);
      forests.push(home);
    }
    home.members.push(i);
  }
  return ascending(forests.map(({ members }) => members));
}

/**
 * Splits all nodes into sets without edges inside ("red-black" where two suffice), so that blocks are diagonal: each
 * node, in the given order, takes the least used color that no neighbor has, else a new one.
 *
 * @param graph n x n, symmetric pattern
 * @param order the nodes; by number without it
 * @throws ArgumentError when the graph is not square or `order` is not an order of its nodes
 */
export function colorPartition(graph: CsrMatrix, order?: ArrayLike<number>): Int32Array[] {
  checkGraph(graph);
  const { rows: n, rowPointers, columnIndices } = graph;
  const nodes = order ? checkOrder(order, n) : Int32Array.from({ length: n }, (_, i) => i);
  const color = new Int32Array(n).fill(-1);
  const groups: number[][] = [];
  for (const i of nodes) {
    const taken = new Set<number>();
    for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++)
      if (columnIndices[k] !== i) taken.add(color[columnIndices[k]]);
    let best = -1;
    for (let c = 0; c < groups.length; c++)
      if (!taken.has(c) && (best < 0 || groups[c].length < groups[best].length)) best = c;
    if (best < 0) {
      best = groups.length;
      groups.push([]);
    }
    color[i] = best;
    groups[best].push(i);
  }
  return ascending(groups);
}

/**
 * Two forests that cover a lattice whose node r * columns + c stands in row r, column c: the first row with the even
 * columns above the last row, and the last row with the odd columns below the first row. Each is one comb.
 *
 * @throws ArgumentError unless both sizes are integers >= 2
 */
export function latticeForests(rows: number, columns: number): Int32Array[] {
  for (const [name, size] of [
    ["rows", rows],
    ["columns", columns],
  ] as const)
    if (!Number.isInteger(size) || size < 2)
      throw new ArgumentError(`${name} must be an integer >= 2, got ${size}`);
  const forests: number[][] = [[], []];
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const first = r === 0 || (r < rows - 1 && c % 2 === 0);
      forests[first ? 0 : 1].push(r * columns + c);
    }
  return ascending(forests);
}
