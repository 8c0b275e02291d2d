import { expect, test } from "vitest";
import { repeatSeeds } from "./seeds.ts";

test("runs with different seeds repeat with different ones", () => {
  expect(repeatSeeds(1, 3)).toEqual([1, 2, 3]);
  expect(repeatSeeds(2, 3)).toEqual([4, 5, 6]);
  expect(repeatSeeds(1, 3, 0)).toEqual([0, 1, 2]);
  expect(repeatSeeds(3, 2, 0)).toEqual([4, 5]);
});
