import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { isZone, lastDue, localDay, localInstant, nextDue, periodKey } from "./local-time.ts";

// From the rules of the zones, as the tz database publishes them.
test.each([
  ["2025-03-30", 2, "Europe/Berlin", "2025-03-30T01:00:00.000Z"],
  ["2025-11-02", 1, "America/New_York", "2025-11-02T05:00:00.000Z"],
  ["2025-12-25", 7, "Asia/Kathmandu", "2025-12-25T01:15:00.000Z"],
  ["2025-10-26", 2, "Europe/Berlin", "2025-10-26T00:00:00.000Z"],
  ["2025-10-05", 2, "Australia/Lord_Howe", "2025-10-04T15:30:00.000Z"],
  ["2025-07-01", 0, "Pacific/Kiritimati", "2025-06-30T10:00:00.000Z"],
  ["2025-07-01", 23, "Pacific/Pago_Pago", "2025-07-02T10:00:00.000Z"],
  // Clocks that jump from 23:00 to the next day.
  ["2025-03-29", 23, "America/Nuuk", "2025-03-30T00:59:59.000Z"],
  ["2025-03-30", 23, "America/Nuuk", "2025-03-31T00:00:00.000Z"],
  // A whole day that was left out.
  ["2011-12-30", 9, "Pacific/Apia", "2011-12-30T10:00:00.000Z"],
  ["2025-12-25", 7, "UTC", "2025-12-25T07:00:00.000Z"],
])("%s %i:00 in %s is %s", (day, hour, zone, instant) => {
  expect(localInstant(day, hour, zone).toISOString()).toBe(instant);
});

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "America/Sao_Paulo",
];
const HOUR = 3_600_000;

test("a year of digests has one on each local day, or in each week, and each is the next of the one before", () => {
  const schedule = fc.record({
    hour: fc.integer({ min: 0, max: 23 }),
    tz: fc.constantFrom(...ZONES),
    weekday: fc.option(fc.integer({ min: 1, max: 7 })),
  });
  fc.assert(
    fc.property(schedule, ({ hour, tz, weekday }) => {
      const choices = { hour, tz, weekday, cadence: weekday === null ? "daily" : "weekly" } as const;
      const keys = new Set<string>();
      let now = new Date("2025-01-01T12:00:00Z");
      const wanted = weekday === null ? 365 : 52;
      for (let i = 0; i < wanted; i++) {
        const due = nextDue(choices, now);
        const apart = due.getTime() - now.getTime();
        expect(apart).toBeGreaterThan(0);
        if (i > 0)
          expect(Math.abs(apart - (weekday === null ? 24 : 168) * HOUR)).toBeLessThanOrEqual(2 * HOUR);
        if (i === wanted - 1) expect(lastDue(choices, due)).toEqual([now, due]);
        if (i === wanted - 1) expect(lastDue(choices, new Date(due.getTime() - 1))[1]).toEqual(now);
        // One that has just been due is not due again.
        expect(nextDue(choices, new Date(due.getTime() - 1))).toEqual(due);
        keys.add(periodKey(choices, due));
        if (weekday !== null) expect(new Date(localDay(due, tz)).getUTCDay() || 7).toBe(weekday);
        now = due;
      }
      expect(keys.size).toBe(wanted);
    }),
    { numRuns: 25, seed: 33 },
  );
});

test.each([
  // No 23:00 on March 29.
  ["America/Nuuk", 23, "2025-03-28T12:00:00Z", ["2025-03-28", "2025-03-29", "2025-03-30", "2025-03-31"]],
  // No December 30.
  ["Pacific/Apia", 7, "2011-12-29T12:00:00Z", ["2011-12-29", "2011-12-31", "2012-01-01", "2012-01-02"]],
])("in %s at %i:00 each day has a digest, and no day two", (tz, hour, from, days) => {
  const daily = { cadence: "daily", hour, weekday: null, tz } as const;
  let now = new Date(from);
  const periods = days.map(() => {
    now = nextDue(daily, now);
    return periodKey(daily, now);
  });
  expect(periods).toEqual(days);
});

test("the last days of December may belong to the next year's first week", () => {
  const weekly = { cadence: "weekly", tz: "UTC" } as const;
  expect(periodKey(weekly, new Date("2025-12-29T07:00:00Z"))).toBe("2026-W01");
  expect(periodKey(weekly, new Date("2027-01-03T07:00:00Z"))).toBe("2026-W53");
});

test("a digest is told from others by the day of its own zone, and that day's week", () => {
  // 7:00 on Monday, 29 December, 14 hours ahead of UTC, and 20:00 on that Sunday, 11 hours behind.
  const [ahead, behind] = [new Date("2025-12-28T17:00:00Z"), new Date("2025-12-29T07:00:00Z")];
  expect(periodKey({ cadence: "daily", tz: "Pacific/Kiritimati" }, ahead)).toBe("2025-12-29");
  expect(periodKey({ cadence: "weekly", tz: "Pacific/Kiritimati" }, ahead)).toBe("2026-W01");
  expect(periodKey({ cadence: "daily", tz: "Pacific/Pago_Pago" }, behind)).toBe("2025-12-28");
  expect(periodKey({ cadence: "weekly", tz: "Pacific/Pago_Pago" }, behind)).toBe("2025-W52");
});

test("names of zones are told from anything else", () => {
  for (const name of [...ZONES, "Etc/GMT+5", "America/Argentina/Buenos_Aires"])
    expect(isZone(name)).toBe(true);
  for (const name of ["", "Mars/Olympus", "+01:00", "Europe/Berlin\n", "../etc/passwd", "europe"])
    expect(isZone(name), name).toBe(false);
});

test("however a zone is spelled, what is kept of it is one format", () => {
  const spellings = Array.from({ length: 64 }, (_, bits) =>
    [..."Asia/Tbilisi"].map((letter, i) => ((bits >> i) & 1 ? letter.toUpperCase() : letter)).join(""),
  );
  const made = vi.spyOn(Intl, "DateTimeFormat");
  try {
    expect(spellings.every(isZone)).toBe(true);
    expect(made).toHaveBeenCalledTimes(1);
  } finally {
    made.mockRestore();
  }
});
