import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { engines } from "../database/testing.ts";
import { MailError } from "../mail/transport.ts";
import { readSubscription, unsubscribe } from "../subscriptions/preferences.ts";
import { confirmSubscription } from "../subscriptions/subscribe.ts";
import {
  HOUR,
  key,
  type MailedSite,
  openMailedSite,
  papersIn,
  tokenIn,
} from "../subscriptions/testing/mailed-site.ts";
import { addressHash } from "./address.ts";
import { moveSubscription } from "./move-subscription.ts";

describe.each(engines)("on %s", (_, open) => {
  let site: MailedSite;
  beforeAll(async () => {
    site = await openMailedSite(open);
  });
  afterAll(() => site?.close());
  beforeEach(() => site.reset());

  describe("an address that moves to one with a subscription", () => {
    const [left, arrived] = ["left@university.example", "arrived@company.example"];
    const hash = (address: string) => addressHash(address, key);
    const move = () =>
      site.orm.transaction((transaction) =>
        moveSubscription(transaction, {
          from: hash(left),
          email: arrived,
          to: hash(arrived),
          now: site.clock(),
        }),
      );
    /** By topic, and by an author. */
    const [explained, coordinates] = ["2206.01254", "1712.08859"];

    test("has one subscription for what both followed, and no paper comes twice", async () => {
      const own = await site.subscribe(left, { topics: ["explanation"], keywords: ["Nutini"], hour: 14 });
      const other = await site.subscribe(arrived, { keywords: ["Nutini", "Jacot"], minVotes: 0, hour: 13 });
      await site.feature("1806.07572", Date.parse("2025-12-26T08:00:00Z"));
      site.now = Date.parse("2025-12-25T13:00:00Z");
      await site.tick();
      expect(site.taken.map(({ to, text }) => [to, papersIn(text)])).toEqual([[arrived, [coordinates]]]);
      await move();
      expect([await site.statusOf(own), await site.statusOf(other)]).toEqual(["active", "unsubscribed"]);
      for (const at of ["2025-12-25T14:00:00Z", "2025-12-26T13:00:00Z", "2025-12-26T14:00:00Z"]) {
        site.now = Date.parse(at);
        await site.tick();
      }
      expect(site.taken.slice(1).map(({ to, text }) => [to, papersIn(text)])).toEqual([
        [arrived, [explained]],
        [arrived, ["1806.07572"]],
      ]);
      // The link of a message before the move.
      await unsubscribe(site.orm, other, site.clock());
      expect(await site.statusOf(own)).toBe("unsubscribed");
    });

    test("gets what waits to be sent, without papers that it had", async () => {
      await site.subscribe(left, { topics: ["explanation"], keywords: ["Nutini"], hour: 14 });
      await site.subscribe(arrived, { keywords: ["Nutini"], hour: 13 });
      site.now = Date.parse("2025-12-25T13:00:00Z");
      await site.tick();
      site.now += HOUR;
      site.react = () => new MailError("unreachable", undefined);
      await expect(site.tick()).rejects.toThrow("unreachable");
      await move();
      site.react = () => undefined;
      site.now += HOUR;
      await site.deliver();
      expect(site.taken.map(({ to, text }) => [to, papersIn(text)])).toEqual([
        [arrived, [coordinates]],
        [arrived, [explained]],
      ]);
    });

    test("gets with the next digest what its own did not send", async () => {
      await site.subscribe(left, { topics: ["explanation"], hour: 12 });
      site.now += HOUR / 2;
      await site.subscribe(arrived, { keywords: ["Nutini"], hour: 13 });
      site.now = Date.parse("2025-12-25T13:00:00Z");
      site.react = () => new MailError("unreachable", undefined);
      await expect(site.tick()).rejects.toThrow("unreachable");
      await move();
      site.react = () => undefined;
      site.now = Date.parse("2025-12-26T12:00:00Z");
      await site.tick();
      expect(site.taken.map(({ to, text }) => [to, papersIn(text).toSorted()])).toEqual([
        [arrived, [coordinates, explained].toSorted()],
      ]);
    });

    test("gets with the next digest what its own, weekly and without a digest yet, owes", async () => {
      await site.subscribe(left, { topics: ["explanation"], hour: 13 });
      await site.subscribe(arrived, { keywords: ["Nutini"], cadence: "weekly", weekday: 7, hour: 13 });
      for (const at of ["2025-12-25T13:00:00Z", "2025-12-26T13:00:00Z"]) {
        site.now = Date.parse(at);
        await site.tick();
        if (site.taken.length === 1) await move();
      }
      expect(site.taken.map(({ to, text }) => [to, papersIn(text)])).toEqual([
        [left, [explained]],
        [arrived, [coordinates]],
      ]);
    });

    test("keeps the account's choices until a link that was asked for there confirms others", async () => {
      const own = await site.subscribe(left, { topics: ["explanation"], hour: 14 });
      await site.ask(arrived, { keywords: ["Nutini"], hour: 9 });
      await move();
      expect(await readSubscription(site.orm, own)).toMatchObject({
        hour: 14,
        keywords: [],
        email: arrived,
      });
      expect(await confirmSubscription(site.orm, tokenIn(site.taken.at(-1)), site.clock())).toBe(own);
      expect(await readSubscription(site.orm, own)).toMatchObject({ hour: 9, keywords: ["Nutini"] });
    });
  });
});
