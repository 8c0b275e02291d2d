import { check } from "@gradus/papers";
import { expect, test } from "vitest";
import { formatCheck } from "./format-check.ts";

test.each([
  [check("C", "", 21, { atMost: 30 }), "21 ≤ 30"],
  [check("C", "", 2.9, { atMost: 2.5 }), "2.9 > 2.5"],
  [check("C", "", 3, { atLeast: 5 }), "3 < 5"],
  [check("C", "", 0.25, { below: 0.25 }), "0.25 ≥ 0.25"],
  [check("C", "", 1, { above: 1 }), "1 ≤ 1"],
  [check("C", "", 5, { equals: 6 }), "5 ≠ 6"],
  [check("C", "", 1.008, { between: [0.95, 1.05] }), "1.008 in [0.95, 1.05]"],
  [check("C", "", 1.2, { between: [0.95, 1.05] }), "1.2 not in [0.95, 1.05]"],
  [check("C", "", Number.NaN, { atMost: 1 }), "not a number; must be ≤ 1"],
])("%#: %s", (checked, text) => {
  expect(formatCheck(checked)).toBe(text);
});
