import { expect, test } from "vitest";
import { formatCheck } from "./format-check.ts";

test.each([
  [21, { atMost: 30 }, "21, wanted at most 30"],
  [3, { atLeast: 5 }, "3, wanted at least 5"],
  [0.25, { below: 0.25 }, "0.25, wanted below 0.25"],
  [1, { above: 1 }, "1, wanted above 1"],
  [5, { equals: 6 }, "5, wanted exactly 6"],
  [1.2, { between: [0.95, 1.05] }, "1.2, wanted 0.95 to 1.05"],
  [Number.NaN, { atMost: 1 }, "NaN, wanted at most 1"],
] as const)("%d against %o reads %s", (measured, condition, text) => {
  expect(formatCheck({ measured, condition })).toBe(text);
});
