import { describe, expect, test } from "vitest";
import {
  ago,
  countLabel,
  dateLabel,
  dayHeading,
  dayOf,
  fullDateLabel,
  longDate,
  minuteLabel,
  parseDay,
} from "./days.ts";

const christmas = new Date("2025-12-25T12:00:00Z");

describe("parseDay", () => {
  test.each(["2025-12-25", "2024-02-29", "1991-01-01", "2100-12-31", "2000-02-29"])("accepts %s", (text) => {
    expect(parseDay(text)).toBe(text);
  });
  test.each([
    "2025-02-29",
    "1900-02-29",
    "2025-13-01",
    "2025-00-10",
    "2025-04-31",
    "1990-12-31",
    "2101-01-01",
    "2025-1-1",
    "20251225",
    "2025-12-25T00:00",
    "２０２５-12-25",
    " 2025-12-25",
    "",
  ])("refuses %j", (text) => {
    expect(parseDay(text)).toBeUndefined();
  });
});

describe("labels", () => {
  test("the year is left out within the current UTC year only", () => {
    expect(dateLabel(new Date("2025-06-16T00:00:00Z"), christmas)).toBe("Jun 16");
    expect(dateLabel(new Date("2020-08-19T00:00:00Z"), christmas)).toBe("Aug 19, 2020");
    expect(dateLabel(new Date("2025-06-16T00:00:00Z"), new Date("2026-01-01T00:00:00Z"))).toBe(
      "Jun 16, 2025",
    );
    expect(dateLabel(new Date("2025-12-31T23:59:59Z"), new Date("2026-01-01T00:00:00Z"))).toBe(
      "Dec 31, 2025",
    );
  });
  test("an instant to the minute, never too early", () => {
    expect(minuteLabel(new Date("2025-06-16T14:05:00Z"))).toBe("Jun 16, 14:05 UTC");
    expect(minuteLabel(new Date("2025-12-31T23:59:00.001Z"))).toBe("Jan 1, 00:00 UTC");
  });
  test("long forms", () => {
    expect(longDate(new Date("2024-12-11T00:00:00Z"))).toBe("December 11, 2024");
    expect(fullDateLabel(new Date("2024-12-11T23:59:59Z"))).toBe("Dec 11, 2024");
    expect(dayHeading("2025-12-25")).toBe("Thursday, December 25, 2025");
    expect(dayHeading("2026-11-25")).toBe("Wednesday, November 25, 2026");
  });
  test("the day of an instant is its UTC day", () => {
    expect(dayOf(new Date("2019-10-08T03:21:14Z"))).toBe("2019-10-08");
    expect(dayOf(new Date("2025-12-25T23:59:59.999Z"))).toBe("2025-12-25");
  });
  test("counts", () => {
    expect(countLabel(1, "author")).toBe("1 author");
    expect(countLabel(3, "author")).toBe("3 authors");
    expect(countLabel(0, "paper")).toBe("0 papers");
    expect(countLabel(2900, "author")).toBe("2,900 authors");
  });
  test.each([
    [0, "just now"],
    [-5, "just now"],
    [60, "1 min ago"],
    [59 * 60, "59 min ago"],
    [3 * 3600, "3 h ago"],
    [30 * 3600, "1 day ago"],
    [72 * 3600, "3 days ago"],
  ])("%d s ago", (seconds, text) => {
    expect(ago(new Date(christmas.getTime() - seconds * 1000), christmas)).toBe(text);
  });
});
