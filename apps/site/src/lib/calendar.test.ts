import fc from "fast-check";
import { expect, test } from "vitest";
import { monthWeeks } from "./calendar.ts";

test("December 2025 begins on a Monday and ends on a Wednesday", () => {
  const weeks = monthWeeks("2025-12");
  expect(weeks).toHaveLength(5);
  expect(weeks[0][0]).toBe("2025-12-01");
  expect(weeks[4]).toEqual([
    "2025-12-29",
    "2025-12-30",
    "2025-12-31",
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("February 2027 fills four weeks, August 2026 needs six", () => {
  expect(monthWeeks("2027-02")).toHaveLength(4);
  expect(monthWeeks("2026-08")).toHaveLength(6);
});

test("every month has each of its days once, in order, under its weekday", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1991, max: 2100 }), fc.integer({ min: 1, max: 12 }), (year, month) => {
      const weeks = monthWeeks(`${year}-${String(month).padStart(2, "0")}`);
      const days = weeks.flat().filter((day) => day !== undefined);
      expect(days).toHaveLength(new Date(Date.UTC(year, month, 0)).getUTCDate());
      expect([...days].sort()).toEqual(days);
      for (const week of weeks)
        for (const [i, day] of week.entries())
          if (day) expect(new Date(`${day}T00:00:00Z`).getUTCDay()).toBe((i + 1) % 7);
    }),
  );
});
