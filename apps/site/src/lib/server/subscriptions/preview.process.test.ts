import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { papers, type SubscriptionChoices } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { indexPapers } from "../search/index-papers.ts";
import { usualChoices } from "./choices.ts";
import { previewChoices } from "./preview.ts";

const choices: SubscriptionChoices = { ...usualChoices, hour: 7, tz: "UTC", topics: [], keywords: [] };

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await openSeeded(open, indexPapers);
  });
  afterAll(() => database?.close());

  const at = (now: string, own: Partial<SubscriptionChoices> = {}) =>
    previewChoices(database.orm, { ...choices, ...own }, new Date(now));

  test("a message without papers is followed by the last before it that had some", async () => {
    // The seed's day begins with December 25.
    const last = await at("2025-12-25T12:00:00Z");
    expect(last).toMatchObject({ due: new Date("2025-12-25T07:00:00Z"), matched: 21 });
    expect(last.earlier).toBeUndefined();
    for (const now of ["2025-12-27T12:00:00Z", "2026-11-30T12:00:00Z"]) {
      const later = await at(now);
      expect(later).toMatchObject({ due: new Date(`${now.slice(0, 10)}T07:00:00Z`), matched: 0, papers: [] });
      expect(later.earlier).toEqual(last);
    }
  });

  test("it is the one due after the newest paper that the choices match", async () => {
    const nutini = await at("2025-12-29T12:00:00Z", { keywords: ["Nutini"], tz: "America/Los_Angeles" });
    expect(nutini.earlier).toMatchObject({ due: new Date("2025-12-25T15:00:00Z"), matched: 1 });
    expect(nutini.earlier?.papers).toEqual([expect.objectContaining({ arxivId: "1712.08859" })]);
    const weekly = await at("2026-01-06T12:00:00Z", { cadence: "weekly", weekday: 1 });
    expect(weekly).toMatchObject({ due: new Date("2026-01-05T07:00:00Z"), matched: 0 });
    expect(weekly.earlier).toMatchObject({ due: new Date("2025-12-29T07:00:00Z"), matched: 21 });
  });

  test("papers of the month before the newest are looked through, and no others", async () => {
    const { orm } = database;
    const own = eq(papers.arxivId, "1712.08859");
    const look = () => at("2025-12-29T12:00:00Z", { keywords: ["Nutini"] });
    await orm
      .update(papers)
      .set({ featuredAt: new Date("2025-11-25T07:00:00Z") })
      .where(own);
    // A message has the papers up to the instant at which it is due.
    expect((await look()).earlier).toMatchObject({ due: new Date("2025-11-25T07:00:00Z"), matched: 1 });
    await orm
      .update(papers)
      .set({ featuredAt: new Date("2025-11-23T07:00:00Z") })
      .where(own);
    expect((await look()).earlier).toBeUndefined();
    expect((await at("2025-12-29T12:00:00Z", { minVotes: 1000 })).earlier).toBeUndefined();
  });
});
