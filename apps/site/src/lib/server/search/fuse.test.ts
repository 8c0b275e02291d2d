import { expect, test } from "vitest";
import { fuseRanks } from "./fuse.ts";

const alphabetical = (a: string, b: string) => a.localeCompare(b);

test("a document of two lists has the sum of its reciprocal ranks", () => {
  const fused = fuseRanks(
    [
      ["A", "B", "C"],
      ["B", "D"],
    ],
    alphabetical,
  );
  expect(fused.map(({ id }) => id)).toEqual(["B", "A", "D", "C"]);
  expect(fused.map(({ score }) => score)).toEqual([1 / 62 + 1 / 61, 1 / 61, 1 / 62, 1 / 63]);
});

test("ties are broken by the comparison, absent lists add nothing", () => {
  expect(fuseRanks([["b"], ["a"], []], alphabetical).map(({ id }) => id)).toEqual(["a", "b"]);
  expect(fuseRanks<string>([[], []], alphabetical)).toEqual([]);
});
