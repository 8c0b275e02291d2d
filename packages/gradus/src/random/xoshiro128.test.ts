import { expect, test } from "vitest";
import { xoshiro128StarStar } from "./xoshiro128.ts";

test("gives the outputs published with the reference implementation from the state 1, 2, 3, 4", () => {
  const words = Int32Array.of(1, 2, 3, 4);
  const outputs = Array.from({ length: 10 }, () => xoshiro128StarStar(words));
  expect(outputs).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ]);
});
