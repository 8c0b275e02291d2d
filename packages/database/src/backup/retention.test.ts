import fc from "fast-check";
import { expect, test } from "vitest";
import { expiredBackups } from "./retention.ts";

const days = (...texts: string[]) => texts.map((text) => new Date(`${text}T03:00:00Z`));
const texts = (times: readonly Date[]) => times.map((time) => time.toISOString().slice(0, 10)).sort();

test("after two months of nightly backups there are 7 daily and 4 weekly ones", () => {
  const first = Date.UTC(2025, 9, 27, 3);
  let kept: Date[] = [];
  // Night by night, as they are made: Monday, October 27 to Thursday, December 25.
  for (let night = 0; night < 60; night++) {
    kept.push(new Date(first + night * 86_400_000));
    const expired = new Set(expiredBackups(kept));
    kept = kept.filter((time) => !expired.has(time));
  }
  expect(texts(kept)).toEqual([
    // The Sundays of the three weeks before this one; this week's last is also a daily one.
    "2025-12-07",
    "2025-12-14",
    ...["19", "20", "21", "22", "23", "24", "25"].map((day) => `2025-12-${day}`),
  ]);
});

test("of several on a day the last stays, and the three newest of all", () => {
  const hours = [3, 9, 10, 11].map((hour) => new Date(Date.UTC(2025, 11, 25, hour)));
  expect(expiredBackups(hours.slice(0, 3))).toEqual([]);
  expect(expiredBackups(hours)).toEqual([hours[0]]);
  const [before] = days("2025-12-24");
  const next = new Date("2025-12-26T03:00:00Z");
  expect(expiredBackups([before, ...hours, next])).toEqual([hours[1], hours[0]]);
});

test("old ones stay while there are no newer", () => {
  expect(expiredBackups(days("2020-01-01", "2021-01-01", "2022-01-01"))).toEqual([]);
});

test("the newest always stays, and never more than days and weeks together", () => {
  const times = fc.array(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 }), (all, d, w) => {
      const expired = expiredBackups(all, { newest: 2, days: d, weeks: w });
      const newest = Math.max(...all.map((time) => time.getTime()));
      expect(all.some((time) => time.getTime() === newest && !expired.includes(time))).toBe(true);
      expect(all.length - expired.length).toBeLessThanOrEqual(2 + d + w);
    }),
    { seed: 3 },
  );
});
