import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { auditLog, users } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { closeFlag, countOpenFlags, openFlags, raiseFlag } from "./flags.ts";

const now = new Date("2025-12-25T12:00:00Z");
const later = new Date("2025-12-25T13:00:00Z");
const earlier = new Date("2025-12-25T11:00:00Z");
const flag = { kind: "votes", subject: "2412.08424", summary: "20 new accounts", path: "/papers/2412.08424" };

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let by: string;
  beforeAll(async () => {
    database = await openSeeded(open);
    const [{ id }] = await database.orm
      .insert(users)
      .values({ email: "moderator@example.org", emailCanonicalHmac: new Uint8Array([1]) })
      .returning({ id: users.id });
    by = id;
  });
  afterAll(() => database?.close());

  test("a flag is open once, is brought up to date, is closed once, and can be raised again", async () => {
    const { orm } = database;
    await Promise.all([raiseFlag(orm, flag, now), raiseFlag(orm, flag, now)]);
    const changed = { ...flag, summary: "30 new accounts", path: "/operator/accounts" };
    await raiseFlag(orm, changed, later);
    await raiseFlag(orm, { kind: "votes", subject: "1806.07572", summary: "others" }, later);
    await raiseFlag(orm, { kind: "counts", subject: "counts", summary: "old" }, earlier);
    const [other, first, last] = await openFlags(orm);
    expect(other).toMatchObject({ subject: "1806.07572", raisedAt: later });
    expect(other).not.toHaveProperty("path");
    expect(first).toMatchObject({ ...changed, raisedAt: now });
    expect(last).toMatchObject({ kind: "counts", raisedAt: earlier });

    expect(await closeFlag(orm, first.id, { by, now: later })).toBe(true);
    expect(await closeFlag(orm, first.id, { by, now: later })).toBe(false);
    expect(await closeFlag(orm, 0, { by, now: later })).toBe(false);
    expect(await orm.select().from(auditLog)).toMatchObject([
      { actor: by, action: "flag.close", subject: `flag ${first.id}`, actedAt: later },
    ]);
    expect(await countOpenFlags(orm)).toBe(2);
    await raiseFlag(orm, flag, later);
    expect(await countOpenFlags(orm)).toBe(3);
  });
});
