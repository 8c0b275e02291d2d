import fc from "fast-check";
import { expect, test } from "vitest";
import { layOut } from "./layout.ts";

const box = { width: 100, height: 40 };
const boxes = (count: number) => new Array(count).fill(box);

test("a chain stands in one straight column", () => {
  const { places, curves, width } = layOut(boxes(4), [
    [0, 1],
    [1, 2],
    [2, 3],
  ]);
  expect(new Set(places.map(({ x }) => x))).toEqual(new Set([50]));
  expect(places.map(({ layer }) => layer)).toEqual([0, 1, 2, 3]);
  expect(width).toBe(100);
  for (const d of curves) expect(d).toMatch(/^M50,\d+V\d+$/);
});

test("a shortcut passes beside what it skips", () => {
  const { places, curves, width } = layOut(boxes(3), [
    [0, 1],
    [1, 2],
    [0, 2],
  ]);
  expect(places.map(({ layer }) => layer)).toEqual([0, 1, 2]);
  expect(curves).toHaveLength(3);
  expect(curves[2]).toMatch(/C.*V.*C/);
  expect(width).toBeGreaterThan(100);
});

test("what nothing leads to stands right above what uses it", () => {
  const { places } = layOut(boxes(5), [
    [0, 2],
    [2, 3],
    [3, 4],
    [1, 4],
  ]);
  expect(places[1].layer).toBe(2);
});

test("two branches that are given crossed are drawn uncrossed", () => {
  // 0 and 1 lead to 2 and 3, which lead to 5 and 4.
  const { places } = layOut(boxes(6), [
    [0, 3],
    [1, 2],
    [2, 5],
    [3, 4],
  ]);
  expect(Math.sign(places[0].x - places[1].x)).toBe(Math.sign(places[3].x - places[2].x));
  expect(Math.sign(places[3].x - places[2].x)).toBe(Math.sign(places[4].x - places[5].x));
});

test("of any acyclic graph boxes do not overlap, and edges lead down", () => {
  const graphs = fc.integer({ min: 1, max: 25 }).chain((count) =>
    fc.record({
      sizes: fc.array(
        fc.record({ width: fc.integer({ min: 20, max: 200 }), height: fc.integer({ min: 20, max: 60 }) }),
        { minLength: count, maxLength: count },
      ),
      pairs: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 40 }),
    }),
  );
  fc.assert(
    fc.property(graphs, ({ sizes, pairs }) => {
      const edges = pairs.filter(([from, to]) => from < to);
      const { places, width, height } = layOut(sizes, edges);
      for (const [from, to] of edges) expect(places[from].layer).toBeLessThan(places[to].layer);
      for (const [i, a] of places.entries()) {
        expect(a.x - sizes[i].width / 2).toBeGreaterThanOrEqual(-0.1);
        expect(a.x + sizes[i].width / 2).toBeLessThanOrEqual(width + 0.1);
        expect(a.y + sizes[i].height).toBeLessThanOrEqual(height);
        for (const [j, b] of places.entries())
          if (j > i && a.layer === b.layer)
            expect(Math.abs(a.x - b.x)).toBeGreaterThanOrEqual((sizes[i].width + sizes[j].width) / 2);
      }
    }),
  );
});

test("nothing is laid out as nothing", () => {
  expect(layOut([], [])).toEqual({ width: 0, height: 0, places: [], curves: [] });
});
