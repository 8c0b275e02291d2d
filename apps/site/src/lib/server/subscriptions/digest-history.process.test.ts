import { asc, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { digestItems, digestRuns, papers, subscriptions } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { usualChoices } from "./choices.ts";
import { purgeDigests } from "./digest-history.ts";

const DAY = 86_400_000;
const NOW = Date.parse("2026-06-01T09:00:00Z");

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await openSeeded(open);
  });
  afterAll(() => database?.close());

  test("digests and their papers are forgotten after 90 days, more than a statement takes, and no later ones", async () => {
    const { orm } = database;
    const readers = await orm
      .insert(subscriptions)
      .values(
        ["ada", "ben"].map((name) => ({
          ...{
            email: `${name}@example.org`,
            emailHmac: new TextEncoder().encode(name),
            status: "active" as const,
          },
          ...{ ...usualChoices, topics: [], keywords: [] },
          origin: "https://papers.example.org",
        })),
      )
      .returning({ id: subscriptions.id });
    const known = await orm.select({ id: papers.id }).from(papers).orderBy(asc(papers.id));
    // A paper of a digest each on the first days: a digest of every day, of both.
    const days = Array.from({ length: 300 }, (_, i) => i + 0.5);
    for (const { id } of readers)
      await orm.insert(digestRuns).values(
        days.map((ago) => ({
          ...{ subscriptionId: id, periodKey: `${ago} days ago`, state: "sent" as const, matched: 1 },
          ...{ since: new Date(NOW - (ago + 1) * DAY), cutoff: new Date(NOW - ago * DAY) },
        })),
      );
    for (const { id } of readers)
      await orm.insert(digestItems).values(
        known.map((paper, i) => ({
          ...{ subscriptionId: id, paperId: paper.id, place: 1, periodKey: `${days[80 + i]} days ago` },
        })),
      );

    await purgeDigests(orm, new Date(NOW));
    const runs = await orm
      .select({ cutoff: digestRuns.cutoff })
      .from(digestRuns)
      .orderBy(asc(digestRuns.cutoff));
    expect(runs).toHaveLength(2 * 90);
    expect(runs[0].cutoff.getTime()).toBe(NOW - 89.5 * DAY);
    // Days 80.5 to 89.5.
    expect(await orm.$count(digestItems)).toBe(2 * 10);
    expect(await orm.$count(digestItems, sql`period_key = '90.5 days ago'`)).toBe(0);
  });
});
