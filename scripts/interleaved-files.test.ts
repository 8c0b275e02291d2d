import { expect, test } from "vitest";
import { interleave } from "./interleaved-files.ts";

test("each list is spread over the whole, in its own order", () => {
  const order = interleave([["a1", "a2"], ["b1", "b2", "b3", "b4", "b5", "b6"], ["c1"]]);
  expect(order.join(" ")).toBe("b1 a1 b2 b3 c1 b4 a2 b5 b6");
});

test("nothing gives nothing", () => {
  expect(interleave([])).toEqual([]);
  expect(interleave([[], ["a"]])).toEqual(["a"]);
});
