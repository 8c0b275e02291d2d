import { expect, test } from "vitest";
import { authorsLine, readRunnable } from "./feed.ts";

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

test.each([
  ["", false, false],
  ["runnable=1", true, false],
  ["runnable=0", false, false],
  ["runnable=", false, false],
  ["runnable=1&runnable=0", true, false],
  ["runnable=yes", false, true],
  ["runnable[]=1", false, false],
])("%j: only runnable %s, with a notice %s", (query, only, noticed) => {
  const read = readRunnable(new URLSearchParams(query));
  expect(read.only).toBe(only);
  expect(read.notice !== undefined).toBe(noticed);
});
