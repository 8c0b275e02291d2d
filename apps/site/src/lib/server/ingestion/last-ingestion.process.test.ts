import { expect, test } from "vitest";
import { ingestState } from "../database/schema/index.ts";
import { openMigrated } from "../database/testing.ts";
import { lastIngestion, weekdayHours } from "./last-ingestion.ts";

const at = (text: string) => new Date(`${text}:00Z`);

test.each([
  ["within a day", "2025-12-24T04:00", "2025-12-24T16:30", 12.5],
  ["over midnight", "2025-12-24T22:00", "2025-12-25T03:00", 5],
  ["over a weekend, which does not count", "2025-12-19T04:00", "2025-12-22T04:00", 24],
  ["within a weekend", "2025-12-20T04:00", "2025-12-21T23:00", 0],
  ["backwards", "2025-12-25T04:00", "2025-12-24T04:00", 0],
])("hours of weekdays %s", (_, from, to, hours) => {
  expect(weekdayHours(at(from), at(to))).toBe(hours);
});

test("a source that brought papers lately is fresh, 36 h of weekdays later it is not; none is nothing to say", async () => {
  const { orm, close } = await openMigrated();
  try {
    const now = at("2025-12-24T12:00");
    expect(await lastIngestion(orm, now)).toBeUndefined();
    await orm.insert(ingestState).values({ source: "oai", okAt: null, error: "503", errorAt: now });
    expect(await lastIngestion(orm, now)).toBeUndefined();
    await orm.insert(ingestState).values([
      { source: "atom", okAt: at("2025-12-24T09:00") },
      { source: "old", okAt: at("2025-12-01T09:00") },
    ]);
    expect(await lastIngestion(orm, now)).toEqual({
      label: "3 h ago",
      instant: "2025-12-24T09:00:00.000Z",
      stale: false,
    });
    expect((await lastIngestion(orm, at("2025-12-25T20:00")))?.stale).toBe(false);
    expect(await lastIngestion(orm, at("2025-12-25T22:00"))).toMatchObject({
      label: "2 days ago",
      stale: true,
    });
  } finally {
    await close();
  }
});
