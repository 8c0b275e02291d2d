import { array } from "@gradus/graph";
import { expect, test } from "vitest";
import { freshArrays, partsOf, putVector, vectorOf } from "./vectors.ts";

test("parts take every element once, in order, and fill up", () => {
  const sizes = [3, 0, 10, 1, 4];
  const parts = partsOf(sizes, 4);
  const taken = sizes.map((size) => new Array<number>(size).fill(0));
  for (const part of parts)
    for (const { array, from, to } of part) for (let i = from; i < to; i++) taken[array][i] += 1;
  expect(taken.flat().every((count) => count === 1)).toBe(true);
  const lengths = parts.map((part) => part.reduce((sum, { from, to }) => sum + to - from, 0));
  expect(lengths).toEqual([4, 4, 4, 4, 2]);
});

test("what is put back from vectors is what they were read from", () => {
  const arrays = [
    array(Float64Array.of(1, 2, 3)),
    array(new Float64Array(0)),
    array(Float64Array.of(4, 5, 6, 7, 8)),
  ];
  const copies = freshArrays(arrays, "f64");
  for (const part of partsOf([3, 0, 5], 4)) putVector(vectorOf(arrays, part, "f64"), part, copies);
  expect(copies).toEqual(arrays);
});
