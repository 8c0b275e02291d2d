import fc from "fast-check";
import { expect, test } from "vitest";
import { lruCache } from "./lru-cache.ts";

const sized = (capacity: number) => lruCache<number>({ capacity, sizeOf: (value) => value });

test("the least recently used values are evicted first, and reading a value counts as use", () => {
  const cache = sized(3);
  for (const key of ["a", "b", "c"]) cache.set(key, 1);
  expect(cache.get("a")).toBe(1);
  cache.set("d", 1);
  expect(["a", "b", "c", "d"].map((key) => cache.get(key))).toEqual([1, undefined, 1, 1]);
});

test("a new value of a key replaces its size; one larger than the capacity is not kept", () => {
  const cache = sized(10);
  cache.set("a", 8);
  cache.set("a", 2);
  cache.set("b", 8);
  expect([cache.get("a"), cache.get("b")]).toEqual([2, 8]);
  cache.set("c", 11);
  expect([cache.get("a"), cache.get("b"), cache.get("c")]).toEqual([undefined, undefined, undefined]);
});

test("after any uses the cache holds the most recent keys that fit together", () => {
  const sizes: Readonly<Record<string, number>> = { a: 1, b: 2, c: 3, d: 4, e: 5 };
  const names = Object.keys(sizes);
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...names), { maxLength: 30 }), (uses) => {
      const cache = sized(6);
      for (const key of uses) if (cache.get(key) === undefined) cache.set(key, sizes[key]);
      const recent = [...new Set(uses.toReversed())];
      const total = (count: number) => recent.slice(0, count).reduce((sum, key) => sum + sizes[key], 0);
      const fitting = recent.filter((_, i) => total(i + 1) <= 6);
      expect(names.filter((key) => cache.get(key) !== undefined)).toEqual(fitting.toSorted());
    }),
    { seed: 14 },
  );
});
