import { expect, test } from "vitest";
import { percentOf } from "./percent.ts";

test("shares are whole percent, and none is minus zero", () => {
  expect([0.664, 0.004, -0.004, -0.041].map(percentOf)).toEqual(["66%", "0%", "0%", "\u22124%"]);
});
