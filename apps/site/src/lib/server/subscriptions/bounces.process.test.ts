import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { suppressions } from "../database/schema/index.ts";
import { engines } from "../database/testing.ts";
import { noteReport } from "../mail/suppressions.ts";
import { MailError } from "../mail/transport.ts";
import { addressHash } from "../people/address.ts";
import { DAY, key, type MailedSite, openMailedSite, start } from "./testing/mailed-site.ts";

describe.each(engines)("on %s", (_, open) => {
  let site: MailedSite;
  beforeAll(async () => {
    site = await openMailedSite(open);
  });
  afterAll(() => site?.close());
  beforeEach(() => site.reset());

  test("a hard bounce ends all mail until its owner subscribes and confirms again", async () => {
    const id = await site.subscribe("ada@example.org", { hour: 13 });
    const cause = { responseCode: 550, response: "550 5.1.1 no such user", command: "RCPT TO" };
    site.react = () => new MailError("refused", cause);
    site.now = Date.parse("2025-12-25T13:00:00Z");
    await site.tick();
    site.react = () => undefined;
    expect(await site.statusOf(id)).toBe("suppressed");
    site.now += DAY;
    await site.tick();
    expect(site.taken).toEqual([]);
    await site.orm.execute(sql`update mail_outbox set created_at = created_at - interval '1 day'`);
    const again = await site.subscribe("ada@example.org", { hour: 14 });
    expect(again).not.toBe(id);
    expect(await site.orm.$count(suppressions)).toBe(0);
  });

  test("two permanent failures, temporary ones on five days, or one complaint suppress; a report counts once", async () => {
    const report = (name: string, kind: "permanent" | "transient" | "complaint", more = {}, days = 0) =>
      noteReport(
        site.orm,
        { hash: addressHash(`${name}@example.org`, key), kind, ...more },
        new Date(start + days * DAY),
      );
    expect(await report("one", "permanent", { status: "5.2.2", reportId: "r1" })).toBe(false);
    expect(await report("one", "permanent", { status: "5.2.2", reportId: "r1" })).toBe(false);
    expect(await report("one", "permanent", { status: "5.2.2", reportId: "r2" })).toBe(true);
    expect(await report("policy", "permanent", { status: "5.7.1", ofRecipient: true })).toBe(false);
    expect(await report("gone", "permanent", { status: "550", ofRecipient: true })).toBe(true);
    for (let i = 0; i < 9; i++) expect(await report("full", "transient", {}, i / 3)).toBe(false);
    expect([await report("full", "transient", {}, 3), await report("full", "transient", {}, 4)]).toEqual([
      false,
      true,
    ]);
    expect(await report("angry", "complaint")).toBe(true);
  });
});
