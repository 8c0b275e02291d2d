import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { daysOf, monthOf, parsePeriod, periodHeading, periodLabel, periodPath, weekOf } from "./periods.ts";

describe("weeks are those of ISO 8601", () => {
  // Published examples of the standard's year boundaries.
  test.each([
    ["2005-01-01", "2004-W53"],
    ["2005-01-02", "2004-W53"],
    ["2007-01-01", "2007-W01"],
    ["2008-12-29", "2009-W01"],
    ["2009-12-31", "2009-W53"],
    ["2010-01-03", "2009-W53"],
    ["2010-01-04", "2010-W01"],
    ["2025-12-25", "2025-W52"],
    ["2026-12-31", "2026-W53"],
  ])("%s is in %s", (day, week) => {
    expect(weekOf(day)).toEqual({ kind: "week", key: week });
  });

  test.each([
    ["2026-W53", true],
    ["2025-W53", false],
    ["2020-W53", true],
    ["2025-W00", false],
    ["2025-W54", false],
    ["2025-52", false],
    ["2025-w52", false],
    ["２０２５-W01", false],
    ["1990-W10", false],
    ["2101-W01", false],
  ])("%s exists: %s", (key, exists) => {
    expect(parsePeriod("week", key) !== undefined).toBe(exists);
  });

  test("every day is within the days of its week and of its month", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("1991-01-08"), max: new Date("2100-12-20"), noInvalidDate: true }),
        (date) => {
          const day = date.toISOString().slice(0, 10);
          for (const period of [weekOf(day), monthOf(day)]) {
            expect(parsePeriod(period.kind, period.key)).toEqual(period);
            const { first, last } = daysOf(period);
            expect(first <= day && day <= last).toBe(true);
          }
          const { first, last } = daysOf(weekOf(day));
          expect(new Date(first).getUTCDay()).toBe(1);
          expect(new Date(last).getUTCDay()).toBe(0);
        },
      ),
      { seed: 3 },
    );
  });
});

test.each([
  ["2024-02", "2024-02-01", "2024-02-29"],
  ["2025-02", "2025-02-01", "2025-02-28"],
  ["2025-12", "2025-12-01", "2025-12-31"],
])("the month %s has the days %s to %s", (key, first, last) => {
  const period = parsePeriod("month", key);
  expect(period && daysOf(period)).toEqual({ first, last });
});

test.each(["2025-00", "2025-13", "2025-1", "2025-W12", "12-2025", "2025-12-01"])("no month %s", (key) => {
  expect(parsePeriod("month", key)).toBeUndefined();
});

test("pages, headings and labels", () => {
  const now = new Date("2025-12-27T00:00:00Z");
  const seen = (
    [
      ["day", "2025-12-25"],
      ["week", "2025-W52"],
      ["week", "2026-W53"],
      ["month", "2025-12"],
      ["month", "2024-11"],
    ] as const
  ).map(([kind, key]) => [
    periodPath({ kind, key }),
    periodHeading({ kind, key }),
    periodLabel({ kind, key }, now),
  ]);
  expect(seen).toEqual([
    ["/papers/date/2025-12-25", "Thursday, December 25, 2025", "Dec 25"],
    ["/papers/week/2025-W52", "Week 52 of 2025", "week 52"],
    ["/papers/week/2026-W53", "Week 53 of 2026", "week 53 of 2026"],
    ["/papers/month/2025-12", "December 2025", "December"],
    ["/papers/month/2024-11", "November 2024", "November 2024"],
  ]);
});
