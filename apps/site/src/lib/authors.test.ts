import { expect, test } from "vitest";
import { authorsLine } from "./authors.ts";

test.each([
  [["A"], "A"],
  [["A", "B", "C"], "A, B, C"],
  [["A", "B", "C", "D"], "A, B, C, D"],
  [["A", "B", "C", "D", "E"], "A, B, C and 2 more"],
  [Array.from({ length: 2903 }, () => "A"), "A, A, A and 2,900 more"],
  [[], ""],
])("%#: %s", (names, line) => {
  expect(authorsLine(names)).toBe(line);
});
