import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../../../random/stream.ts";
import { partitionCoordinates } from "../partition.ts";
import { blockLeastSquares } from "../problems/least-squares.ts";
import { iterativeHardThresholding } from "./iht.ts";
import { largestFinder } from "./largest.ts";
import { scoreHeap } from "./score-heap.ts";
import { weightTree } from "./weight-tree.ts";

test("the k largest are those of a stable sort, ties to the lowest place", () => {
  const numbers = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 20 }), (values, k) => {
      const places = [...values.keys()].sort((a, b) => values[b] - values[a] || a - b).slice(0, k);
      const found = largestFinder(k).find(Float64Array.from(values), k);
      expect([...found]).toEqual(places.sort((a, b) => a - b));
    }),
  );
});

test("places of -Infinity are never among the largest", () => {
  const none = Number.NEGATIVE_INFINITY;
  expect([...largestFinder(3).find(Float64Array.of(none, 2, none, 1), 3)]).toEqual([1, 3]);
});

test("a heap of changing scores gives what a sort gives", () => {
  const changes = fc.array(fc.tuple(fc.nat(19), fc.integer({ min: -3, max: 5 })), { maxLength: 40 });
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -3, max: 5 }), { minLength: 20, maxLength: 20 }),
      changes,
      (start, list) => {
        const heap = scoreHeap(20, 20);
        const scores = start.slice();
        heap.rebuild((i) => scores[i]);
        for (const [i, score] of list) {
          scores[i] = score;
          heap.update(i, score);
          const count = 1 + (i % 7);
          const places = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b).slice(0, count);
          expect([...heap.largest(count)]).toEqual(places.sort((a, b) => a - b));
        }
        expect(heap.largest(20)).toHaveLength(20);
      },
    ),
  );
});

test("draws without replacement have the probabilities of successive draws", () => {
  // weights 1, 2, 3: P({0,1}) = 1/6 2/5 + 2/6 1/4 = 3/20, P({0,2}) = 1/6 3/5 + 3/6 1/3 = 4/15, P({1,2}) = 7/12
  const tree = weightTree(Float64Array.of(1, 2, 3, 0), 3);
  const stream = randomStream(8);
  const counts = new Map<string, number>();
  const draws = 30_000;
  for (let k = 0; k < draws; k++) {
    const key = tree.draw(stream, 2).join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const [key, p] of [
    ["0,1", 3 / 20],
    ["0,2", 4 / 15],
    ["1,2", 7 / 12],
  ] as const)
    expect(Math.abs((counts.get(key) ?? 0) / draws - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / draws));
  expect([...tree.draw(stream, 3)]).toEqual([0, 1, 2]);
});

test("partitions: neighbors, similar constants, smallest with largest", () => {
  const L = Float64Array.of(5, 1, 4, 0, 2, 3);
  const blocks = (partition: "order" | "sort" | "average" | "random", seed = 0) =>
    partitionCoordinates(L, { blockSize: 2, partition, seed }).map((block) => [...block]);
  expect(blocks("order")).toEqual([[0, 1], [2, 4], [5]]);
  expect(blocks("sort")).toEqual([[1, 4], [5, 2], [0]]);
  expect(blocks("average")).toEqual([[1, 0], [4, 2], [5]]);
  expect(blocks("random").flat().sort()).toEqual([0, 1, 2, 4, 5]);
  expect(blocks("random", 1)).not.toEqual(blocks("random", 2));
});

test("hard thresholding finds the best pair where the diagonal rule does not", () => {
  // columns 0 and 1 are nearly parallel, so that the second adds nothing: 4, 3.9604 and 3.9601 are g_i^2 / L_i
  const A = { rows: 3, columns: 3, values: Float64Array.of(1, 1, 0, 0, 0.1, 0, 0, 0, 1) };
  const problem = blockLeastSquares(A, [2, 0, 1.99]);
  const choose = iterativeHardThresholding(problem, problem.boundProduct!, 2, largestFinder(2));
  const g = new Float64Array(3);
  problem.gradient(new Float64Array(3), problem.carry(new Float64Array(3)), g);
  const scores = g.map((value, i) => value ** 2 / problem.lipschitz[i]);
  expect([...largestFinder(2).find(scores, 2)]).toEqual([0, 1]);
  expect([...choose(g)]).toEqual([0, 2]);
});
