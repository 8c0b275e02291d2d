import { formatFigure } from "@gradus/papers";
import { describe, expect, test } from "vitest";
import { formatComparison } from "./comparison.ts";

describe("a figure beside what it is held against", () => {
  test.each([
    [21, { atMost: 30 }, "21 ≤ 30"],
    [30, { atMost: 30 }, "30 ≤ 30"],
    [2.9, { atMost: 2.5 }, "2.9 > 2.5"],
    [5, { atLeast: 4 }, "5 ≥ 4"],
    [3, { atLeast: 4 }, "3 < 4"],
    [0.5, { below: 1 }, "0.5 < 1"],
    [1, { below: 1 }, "1 ≥ 1"],
    [2, { above: 1 }, "2 > 1"],
    [1, { above: 1 }, "1 ≤ 1"],
    [0, { equals: 0 }, "exactly 0"],
    [2, { equals: 0 }, "2 ≠ 0"],
    [1.008, { between: [0.95, 1.05] }, "1.01, in 0.95 to 1.05"],
    [1.2, { between: [0.95, 1.05] }, "1.2, not in 0.95 to 1.05"],
  ] as const)("%s, %o: %s", (figure, condition, text) => {
    expect(formatComparison(figure, condition)).toBe(text);
  });

  test("what is not a number is compared with nothing", () => {
    expect(formatComparison(Number.NaN, { atMost: 1 })).toBe(formatFigure(Number.NaN));
  });
});
