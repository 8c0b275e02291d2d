import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { luFactorize, luSolve } from "../../../linalg/factorize/lu.ts";
import { denseMatrix } from "../../../linalg/matrix.ts";
import { csrFromDense, csrFromTriplets } from "../../../linalg/sparse/build.ts";
import { type CsrMatrix, csrToDense } from "../../../linalg/sparse/csr.ts";
import { randomStream } from "../../../random/stream.ts";
import { descendingOrder } from "./descending-order.ts";
import { colorPartition, forestPartition, latticeForests } from "./forest-partition.ts";
import { greedyForest } from "./greedy-forest.ts";
import { labelPropagation, latticeGraph } from "./label-propagation.ts";
import { forestSolver, solveForest } from "./solve-forest.ts";

/** Edges a - b of weight 1, by triplets. */
function graphOf(n: number, edges: readonly (readonly [number, number])[]): CsrMatrix {
  return csrFromTriplets(n, n, {
    rows: edges.flat(),
    columns: edges.flatMap(([a, b]) => [b, a]),
    values: edges.flatMap(() => [1, 1]),
  });
}

/** Nodes minus edges of an induced graph equals its number of components exactly when it is a forest. */
function isForest(graph: CsrMatrix, nodes: Int32Array): boolean {
  const inside = new Set(nodes);
  const label = new Map<number, number>();
  let components = 0;
  let edges = 0;
  for (const start of nodes) {
    if (label.has(start)) continue;
    components += 1;
    const stack = [start];
    label.set(start, components);
    for (let i = stack.pop(); i !== undefined; i = stack.pop())
      for (let k = graph.rowPointers[i]; k < graph.rowPointers[i + 1]; k++) {
        const j = graph.columnIndices[k];
        if (j === i || !inside.has(j)) continue;
        edges += 0.5;
        if (label.has(j)) continue;
        label.set(j, components);
        stack.push(j);
      }
  }
  return nodes.length - edges === components;
}

/** A random connected graph's Laplacian plus the identity. */
function randomSpd(seed: number, n: number, extra: number): CsrMatrix {
  const stream = randomStream(seed);
  const dense = new Float64Array(n * n);
  const join = (a: number, b: number) => {
    const w = stream.uniform(0.1, 2);
    dense[a * n + b] -= w;
    dense[b * n + a] -= w;
    dense[a * n + a] += w;
    dense[b * n + b] += w;
  };
  for (let i = 0; i < n; i++) dense[i * n + i] += stream.uniform(0.1, 1);
  for (let i = 1; i < n; i++) join(i, stream.integer(i));
  for (let k = 0; k < extra && n > 1; k++) {
    const a = stream.integer(n);
    const b = (a + 1 + stream.integer(n - 1)) % n;
    join(a, b);
  }
  return csrFromDense(denseMatrix(dense, n, n));
}

const graphs = fc.record({ seed: fc.nat(1e6), n: fc.integer({ min: 1, max: 30 }), extra: fc.nat(40) });

describe("message passing", () => {
  test("the path of three nodes, by hand", () => {
    const A = csrFromDense(denseMatrix(Float64Array.of(2, -1, 0, -1, 2, -1, 0, -1, 2), 3, 3));
    expect([...solveForest(A, [0, 1, 2], [1, 0, 1])]).toEqual([1, 1, 1].map((v) => expect.closeTo(v, 15)));
  });

  test("equals a dense direct solve on random forest blocks", () => {
    fc.assert(
      fc.property(graphs, ({ seed, n, extra }) => {
        const A = randomSpd(seed, n, extra);
        const stream = randomStream(seed + 1);
        const block = stream.shuffle(greedyForest(A, stream.fillUniform(new Float64Array(n))));
        const rhs = stream.fillNormal(new Float64Array(block.length));
        const x = solveForest(A, block, rhs);
        const dense = csrToDense(A).values;
        const size = block.length;
        const sub = Float64Array.from(
          { length: size * size },
          (_, k) => dense[block[Math.floor(k / size)] * n + block[k % size]],
        );
        const direct = luSolve(luFactorize(denseMatrix(sub, size, size)), rhs);
        const scale = Math.max(...direct.map(Math.abs), 1e-300);
        x.forEach((value, p) => {
          expect(Math.abs(value - direct[p]) / scale).toBeLessThan(1e-10);
        });
      }),
    );
  });

  test("a path of 200,000 nodes does not exhaust the stack", () => {
    const n = 200_000;
    const A = csrFromTriplets(n, n, {
      rows: Array.from({ length: 3 * n - 2 }, (_, k) => Math.floor((k + 1) / 3)),
      columns: Array.from({ length: 3 * n - 2 }, (_, k) => Math.floor((k + 1) / 3) + ((k + 1) % 3) - 1),
      values: Array.from({ length: 3 * n - 2 }, (_, k) => ((k + 1) % 3 === 1 ? 4 : -1)),
    });
    const x = solveForest(
      A,
      Int32Array.from({ length: n }, (_, i) => i),
      new Float64Array(n).fill(2),
    );
    expect(x[n / 2]).toBeCloseTo(1, 12);
  });

  test("a cycle, a pivot that is not positive, and a block that is none are refused", () => {
    const triangle = csrFromDense(denseMatrix(Float64Array.of(3, -1, -1, -1, 3, -1, -1, -1, 3), 3, 3));
    expect(() => solveForest(triangle, [0, 1, 2], [1, 1, 1])).toThrow(/edge \(\d,\d\) closes a cycle/);
    expect(forestSolver(triangle).isForest(Int32Array.of(0, 2))).toBe(true);
    const indefinite = csrFromDense(denseMatrix(Float64Array.of(1, 2, 2, 1), 2, 2));
    expect(() => solveForest(indefinite, [0, 1], [1, 1])).toThrow("block not positive definite");
    expect(() => solveForest(triangle, [0, 0], [1, 1])).toThrow(
      "block must hold different nodes 0 .. 2, got 0 at 1",
    );
    expect(() => solveForest(triangle, [0], [1, 1])).toThrow("rhs must have |block| = 1 numbers, got 2");
  });
});

test("a hub with many neighbors: one more edge between them closes a cycle", () => {
  const hub = 40;
  const star = Array.from({ length: hub }, (_, i) => [i, hub] as const);
  const scores = Float64Array.from({ length: hub + 1 }, (_, i) => hub - i);
  expect(greedyForest(graphOf(hub + 1, star), scores)).toHaveLength(hub + 1);
  expect([...greedyForest(graphOf(hub + 1, [...star, [3, 30]]), scores)]).toEqual([...Array(hub).keys()]);
});

test("scores that differ in their last bits are in order", () => {
  const scores = Float64Array.from({ length: 40 }, (_, i) => 1 + ((i * 7) % 40) * Number.EPSILON);
  const order = descendingOrder(40).sort(scores);
  for (let p = 1; p < 40; p++) expect(scores[order[p - 1]]).toBeGreaterThan(scores[order[p]]);
});

test("descending order is that of a stable comparison sort", () => {
  const score = fc.oneof(
    fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -2, max: 3 }),
    fc.constant(-0),
  );
  fc.assert(
    fc.property(fc.array(score, { maxLength: 50 }), (scores) => {
      const expected = [...scores.keys()]
        .filter((i) => scores[i] >= 0)
        .sort((a, b) => scores[b] - scores[a] || a - b);
      expect([...descendingOrder(50).sort(Float64Array.from(scores))]).toEqual(expected);
    }),
  );
});

describe("forest blocks", () => {
  test("the triangle with an isolated node", () => {
    const graph = graphOf(4, [
      [0, 1],
      [1, 2],
      [0, 2],
    ]);
    expect([...greedyForest(graph, Float64Array.of(3, 2, 1, 0))]).toEqual([0, 1, 3]);
  });

  test("a greedy forest is one, and every node left out closes a cycle", () => {
    fc.assert(
      fc.property(graphs, ({ seed, n, extra }) => {
        const A = randomSpd(seed, n, extra);
        const block = greedyForest(A, randomStream(seed).fillUniform(new Float64Array(n)));
        expect(isForest(A, block)).toBe(true);
        for (let i = 0; i < n; i++)
          if (!block.includes(i)) expect(isForest(A, Int32Array.of(...block, i))).toBe(false);
      }),
    );
  });

  test("partitions into forests and into colors cover every node once", () => {
    fc.assert(
      fc.property(graphs, ({ seed, n, extra }) => {
        const A = randomSpd(seed, n, extra);
        const order = randomStream(seed).permutation(n);
        for (const parts of [forestPartition(A, order), colorPartition(A, order)])
          expect(Int32Array.from(parts.flatMap((part) => [...part])).sort()).toEqual(
            Int32Array.from(order).sort(),
          );
        for (const forest of forestPartition(A)) expect(isForest(A, forest)).toBe(true);
        for (const color of colorPartition(A))
          for (const i of color)
            for (let k = A.rowPointers[i]; k < A.rowPointers[i + 1]; k++)
              if (A.columnIndices[k] !== i) expect(color).not.toContain(A.columnIndices[k]);
      }),
    );
  });

  test("a lattice: two colors by parity, two combs", () => {
    const graph = latticeGraph(6, 5);
    const colors = colorPartition(graph);
    expect(
      colors.map((color) => new Set(Array.from(color, (i) => (Math.floor(i / 5) + (i % 5)) % 2)).size),
    ).toEqual([1, 1]);
    const forests = latticeForests(6, 5);
    expect(forests.map((forest) => isForest(graph, forest))).toEqual([true, true]);
    expect(Int32Array.from(forests.flatMap((f) => [...f])).sort()).toEqual(
      Int32Array.from({ length: 30 }, (_, i) => i),
    );
  });

  test("orders, scores and sizes that do not fit are refused", () => {
    const graph = latticeGraph(2, 2);
    expect(() => forestPartition(graph, [0, 1, 1, 2])).toThrow(
      "order must hold each of 0 .. 3 once, got 1 at 2",
    );
    expect(() => colorPartition(graph, [0])).toThrow("order must have 4 nodes, got 1");
    expect(() => greedyForest(graph, new Float64Array(3))).toThrow("scores must have 4 numbers, got 3");
    expect(() => latticeForests(1, 4)).toThrow("rows must be an integer >= 2, got 1");
    expect(() =>
      greedyForest(csrFromDense(denseMatrix(new Float64Array(6), 2, 3)), new Float64Array(2)),
    ).toThrow("square");
  });
});

describe("label propagation", () => {
  test("a path between labels 0 and 3 is linear", () => {
    const { A, c, unlabeled } = labelPropagation(
      graphOf(4, [
        [0, 1],
        [1, 2],
        [2, 3],
      ]),
      new Map([
        [0, 0],
        [3, 3],
      ]),
    );
    expect([...unlabeled]).toEqual([1, 2]);
    expect([...csrToDense(A).values]).toEqual([2, -1, -1, 2]);
    expect([...c]).toEqual([0, 3]);
    expect([...luSolve(luFactorize(csrToDense(A)), c)]).toEqual([
      expect.closeTo(1, 14),
      expect.closeTo(2, 14),
    ]);
  });

  test("a component without labels is named, and so are bad labels and weights", () => {
    const graph = graphOf(5, [
      [0, 1],
      [2, 3],
      [3, 4],
    ]);
    expect(() => labelPropagation(graph, new Map([[0, 1]]))).toThrow("node 2 reaches none");
    expect(() => labelPropagation(graph, new Map([[9, 1]]))).toThrow(
      "labels must belong to nodes 0 .. 4, got node 9",
    );
    expect(() => labelPropagation(graph, new Map([[0, Number.NaN]]))).toThrow(
      "the label of node 0 must be finite",
    );
    const negative = { ...graph, values: graph.values.map(() => -1) };
    expect(() =>
      labelPropagation(
        negative,
        new Map([
          [0, 1],
          [2, 1],
        ]),
      ),
    ).toThrow("weights must be >= 0, got -1");
  });
});

test("a score that is not a number is named by its place", () => {
  const graph = csrFromDense(denseMatrix([1, 1, 1, 1], 2, 2));
  expect(() => greedyForest(graph, Float64Array.of(1, Number.NaN))).toThrow(
    "scores must be finite, got NaN at index 1",
  );
  expect(() => greedyForest(graph, Float64Array.of(1))).toThrow("scores must have 2 numbers, got 1");
});
