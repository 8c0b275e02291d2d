/** Disjoint sets of 0 .. n-1, for telling whether an edge closes a cycle. */
export interface UnionFind {
  readonly parent: Int32Array;
  readonly size: Int32Array;
}

/** Every number a set of its own. */
export function unionFind(n: number): UnionFind {
  return resetSets({ parent: new Int32Array(n), size: new Int32Array(n) });
}

/** Back to every number a set of its own. */
export function resetSets(sets: UnionFind): UnionFind {
  for (let i = 0; i < sets.parent.length; i++) sets.parent[i] = i;
  sets.size.fill(1);
  return sets;
}

/** The number that stands for the set of i; shortens the path on the way (path halving). */
export function findSet({ parent }: UnionFind, i: number): number {
  let node = i;
  while (parent[node] !== node) {
    parent[node] = parent[parent[node]];
    node = parent[node];
  }
  return node;
}

/** Joins the sets of two numbers that stand for their sets; returns the one that stands for both. */
export function joinSets({ parent, size }: UnionFind, a: number, b: number): number {
  const large = size[a] < size[b] ? b : a;
  const small = large === a ? b : a;
  parent[small] = large;
  size[large] += size[small];
  return large;
}
