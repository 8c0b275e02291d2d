import { and, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LINK_MINUTES } from "#lib/sign-in-link.ts";
import type { Database } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import {
  loginTokens,
  mailOutbox,
  papers,
  sessions,
  subscriptionRequests,
  subscriptions,
  users,
  votes,
} from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { usualChoices } from "../subscriptions/choices.ts";
import { requestSubscription, subscriptionJob } from "../subscriptions/subscribe.ts";
import { deleteAccount, exportAccount } from "./account.ts";
import { addressHash } from "./address.ts";
import { addressChangedMail } from "./address-changed-mail.ts";
import { requestAddressChange } from "./change-address.ts";
import { agentClass, endAllSessions, listSessions, readSession, SESSION_SECONDS } from "./sessions.ts";
import { linkPurpose, purgeLinks, redeemLink, requestSignIn, signInComposer } from "./sign-in.ts";
import { castVote } from "./votes.ts";

const key = Buffer.alloc(32, 7);
const start = new Date("2025-12-25T12:00:00Z");
/** Other spellings of goneperson@gmail.com. */
const SPELLINGS = ["Gone.Person@gmail.com", "goneperson+papers@googlemail.com"];
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000);

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await openSeeded(open);
  });
  afterAll(() => database?.close());

  /** The token of the link that is mailed to an address. */
  async function mailed(recipient: string, voteFor?: string): Promise<string> {
    const details = { origin: "https://papers.example.org", returnTo: "/papers/2412.08424", voteFor };
    const message = await signInComposer(database.orm, () => start)({ id: 1, recipient, details });
    return tokenIn(message?.text);
  }
  const tokenIn = (text = "") => /sign-in\/([\w-]{43})\n/.exec(text)?.[1] ?? "";
  const answerTo = (token: string, { now = start, session }: { now?: Date; session?: string } = {}) =>
    redeemLink(database.orm, {
      ...{ token, agent: "Firefox on Linux", session, origin: "https://p.example", key, now },
    });
  async function redeem(token: string, settings: { now?: Date; session?: string } = {}) {
    const answer = await answerTo(token, settings);
    if (answer === "taken") throw new Error("another account has the address");
    return answer;
  }
  async function signIn(email: string): Promise<string> {
    return (await redeem(await mailed(email)))?.session ?? "";
  }
  const personOf = async (session: string, now = start) =>
    (await readSession(database.orm, session, now))?.person;

  test("a link signs in once, and makes the account of its address", async () => {
    const token = await mailed("ada@example.org");
    expect(await database.orm.$count(users)).toBe(0);
    const first = await redeem(token);
    expect(first?.returnTo).toBe("/papers/2412.08424");
    expect(await personOf(first?.session ?? "")).toMatchObject({ email: "ada@example.org", role: "reader" });
    expect(await redeem(token)).toBeUndefined();
    expect(await redeem("nonsense")).toBeUndefined();
  });

  test("of two who redeem a link at once one is signed in", async () => {
    const token = await mailed("twice@example.org");
    const both = await Promise.all([redeem(token), redeem(token)]);
    expect(both.filter((result) => result !== undefined)).toHaveLength(1);
  });

  test("a link expires, and is then forgotten", async () => {
    const token = await mailed("late@example.org");
    expect(await redeem(token, { now: after(LINK_MINUTES * 60) })).toBeUndefined();
    await purgeLinks(database.orm, after(LINK_MINUTES * 60 + 1));
    expect(await database.orm.$count(loginTokens)).toBe(0);
  });

  test("spellings of one mailbox are one account", async () => {
    const before = await database.orm.$count(users);
    const ids = new Set<string | undefined>();
    for (const email of ["g.race@gmail.com", "Grace+papers@googlemail.com", "GRACE@gmail.com"])
      ids.add((await personOf(await signIn(email)))?.id);
    expect(ids.size).toBe(1);
    expect(await database.orm.$count(users)).toBe(before + 1);
  });

  describe("another address", () => {
    const waitingFor = (recipient: string) =>
      database.orm.select().from(mailOutbox).where(eq(mailOutbox.recipient, recipient));

    /** The message with the link that is mailed to an account's new address. */
    const messageTo = (userId: string, recipient: string) => {
      const details = { origin: "https://p.example", returnTo: "/account#email", changes: userId };
      return signInComposer(database.orm, () => start)({ id: 1, recipient, details });
    };
    /** The token of that link. */
    async function change(userId: string, recipient: string): Promise<string> {
      await requestAddressChange(database.orm, {
        userId,
        email: recipient,
        origin: "https://p.example",
        now: start,
      });
      const [mail] = await waitingFor(recipient);
      expect(mail).toMatchObject({ kind: "sign-in", state: "waiting", details: { changes: userId } });
      const { text } = (await messageTo(userId, recipient)) ?? {};
      expect(text).toContain("to use this address for your gradus account");
      return tokenIn(text);
    }
    const subscribe = async (email: string) => {
      const [{ id }] = await database.orm
        .insert(subscriptions)
        .values({
          ...{ email, emailHmac: addressHash(email, key), status: "active" as const },
          ...{ ...usualChoices, topics: [], keywords: [], origin: "https://p.example" },
        })
        .returning({ id: subscriptions.id });
      return id;
    };
    const addressOf = async (id: string) =>
      (await database.orm.select().from(subscriptions).where(eq(subscriptions.id, id)))[0].email;

    test("is the account's by its link: votes and subscription stay, other sessions end", async () => {
      const old = await signIn("old@university.example");
      const { id = "" } = (await personOf(old)) ?? {};
      const subscription = await subscribe("old@university.example");
      const token = await change(id, "new@company.example");
      expect(await linkPurpose(database.orm, token, after(60))).toBe("change address");
      expect(await linkPurpose(database.orm, "nonsense", after(60))).toBeUndefined();
      expect(await addressOf(subscription)).toBe("old@university.example");
      const redeemed = await redeem(token);
      expect(redeemed).toMatchObject({ returnTo: "/account#email", changed: true });
      expect(await personOf(redeemed?.session ?? "")).toMatchObject({ id, email: "new@company.example" });
      expect(await personOf(old)).toBeUndefined();
      expect(await addressOf(subscription)).toBe("new@company.example");
      expect(await redeem(token)).toBeUndefined();
      expect(await linkPurpose(database.orm, token, after(60))).toBeUndefined();
      // Whoever has the old address now is somebody else.
      expect((await personOf(await signIn("old@university.example")))?.id).not.toBe(id);
      expect((await personOf(await signIn("New@Company.example")))?.id).toBe(id);
    });

    test("that another account has is refused, and a subscription that it has becomes a part of the account's", async () => {
      const { id = "" } = (await personOf(await signIn("first@readers.example"))) ?? {};
      await signIn("second@readers.example");
      expect(await answerTo(await change(id, "second@readers.example"))).toBe("taken");
      expect(await waitingFor("first@readers.example")).toEqual([]);
      const [mine, theirs] = [
        await subscribe("first@readers.example"),
        await subscribe("third@readers.example"),
      ];
      expect(await redeem(await change(id, "third@readers.example"))).toMatchObject({
        returnTo: "/account#email",
      });
      expect(await addressOf(mine)).toBe("third@readers.example");
      const open = and(
        eq(subscriptions.emailHmac, addressHash("third@readers.example", key)),
        eq(subscriptions.status, "active"),
      );
      expect(await database.orm.select({ id: subscriptions.id }).from(subscriptions).where(open)).toEqual([
        { id: mine },
      ]);
      expect(theirs).not.toBe(mine);
    });

    test("may be another spelling of the account's own", async () => {
      const { id = "" } = (await personOf(await signIn("s.pelling@gmail.com"))) ?? {};
      expect(await redeem(await change(id, "spelling@gmail.com"))).toMatchObject({ changed: true });
      const [account] = await database.orm.select().from(users).where(eq(users.id, id));
      expect(account.email).toBe("spelling@gmail.com");
    });

    test("ends the account's links to others", async () => {
      const { id = "" } = (await personOf(await signIn("torn@readers.example"))) ?? {};
      const [one, two] = [await change(id, "one@readers.example"), await change(id, "two@readers.example")];
      expect(await redeem(two)).toMatchObject({ changed: true });
      expect(await redeem(one)).toBeUndefined();
      const [account] = await database.orm.select().from(users).where(eq(users.id, id));
      expect(account.email).toBe("two@readers.example");
    });

    test("the old address is told that the account has another", async () => {
      const { id = "" } = (await personOf(await signIn("left@university.example"))) ?? {};
      await redeem(await change(id, "arrived@company.example"));
      const [notice, ...others] = await waitingFor("left@university.example");
      expect(others).toEqual([]);
      expect(notice).toMatchObject({ kind: "address-changed", state: "waiting", nextAt: start });
      const { recipient, details } = notice;
      const { compose } = addressChangedMail("Run by Ada Example, ada@p.example.");
      const message = await compose({ id: 7, recipient, details: details as { origin: string } });
      expect(message).toMatchObject({
        to: "left@university.example",
        subject: "The address of your account was changed (p.example)",
        messageId: "<address-changed.7@p.example>",
      });
      for (const part of [message?.text, message?.html]) {
        expect(part).toContain("Run by Ada Example");
        expect(part).not.toContain("arrived@company.example");
      }
    });

    test("no link is sent or redeemed for an account that is gone or suspended", async () => {
      const { id = "" } = (await personOf(await signIn("fleeting@readers.example"))) ?? {};
      const token = await change(id, "fleeting@company.example");
      await database.orm.update(users).set({ suspendedAt: start }).where(eq(users.id, id));
      expect(await messageTo(id, "fleeting@company.example")).toBeUndefined();
      expect(await redeem(token)).toBeUndefined();
      expect(await database.orm.$count(users, eq(users.email, "fleeting@readers.example"))).toBe(1);
      await deleteAccount(database.orm, id, key);
      expect(await waitingFor("fleeting@company.example")).toEqual([]);
      expect(await messageTo(id, "fleeting@company.example")).toBeUndefined();
    });
  });

  test("whoever signs in to vote has voted, with the weight of a new account", async () => {
    const voteFor = "1806.07572";
    const [before] = await database.orm.select().from(papers).where(eq(papers.arxivId, voteFor));
    const result = await redeem(await mailed("voter@example.org", voteFor));
    expect(result?.returnTo).toBe("/papers/2412.08424");
    const [after] = await database.orm.select().from(papers).where(eq(papers.arxivId, voteFor));
    expect([after.votesCount, after.hot]).toEqual([before.votesCount + 1, before.hot]);
    // A paper that is gone by then is no reason not to sign in.
    expect(await redeem(await mailed("voter@example.org", "2501.99999"))).toBeDefined();
    const person = await personOf(result?.session ?? "");
    await deleteAccount(database.orm, person?.id ?? "", key);
  });

  test("signing in ends the session that the browser had, and no other", async () => {
    const [here, elsewhere] = [await signIn("rotate@example.org"), await signIn("rotate@example.org")];
    const next = await redeem(await mailed("rotate@example.org"), { session: here });
    expect(await personOf(here)).toBeUndefined();
    expect(await personOf(elsewhere)).toBeDefined();
    expect(next?.session).not.toBe(here);
    const person = await personOf(elsewhere);
    const listed = await listSessions(database.orm, person?.id ?? "", elsewhere, start);
    expect(listed.map(({ current }) => current).sort()).toEqual([false, true]);
    const ended = after(SESSION_SECONDS);
    expect(await listSessions(database.orm, person?.id ?? "", elsewhere, ended)).toEqual([]);
    const somebody = await signIn("unmoved@example.org");
    await endAllSessions(database.orm, person?.id ?? "");
    expect(await personOf(somebody)).toBeDefined();
    expect(await personOf(elsewhere)).toBeUndefined();
    expect(await personOf(next?.session ?? "")).toBeUndefined();
  });

  test("a session lasts 30 days after its last use", async () => {
    const session = await signIn("rolling@example.org");
    expect(await personOf(session, after(SESSION_SECONDS - 1))).toBeDefined();
    expect(await personOf(session, after(2 * SESSION_SECONDS - 2))).toBeDefined();
    expect(await personOf(session, after(3 * SESSION_SECONDS))).toBeUndefined();
  });

  test("a session that is used is renewed once an hour", async () => {
    const session = await signIn("hourly@example.org");
    const renewed = async (seconds: number) =>
      (await readSession(database.orm, session, after(seconds)))?.renewed;
    const seen: (boolean | undefined)[] = [];
    for (const seconds of [0, 3599, 3600, 7199, 7200]) seen.push(await renewed(seconds));
    expect(seen).toEqual([false, false, true, false, true]);
  });

  test("an account keeps the time at which its address was first confirmed", async () => {
    await signIn("constant@example.org");
    await redeem(await mailed("constant@example.org"), { now: after(60) });
    const own = eq(users.email, "constant@example.org");
    const [{ confirmedAt }] = await database.orm.select().from(users).where(own);
    expect(confirmedAt).toEqual(start);
  });

  test("a suspended account is signed out, and not in again", async () => {
    const session = await signIn("troll@example.org");
    await database.orm.update(users).set({ suspendedAt: start }).where(eq(users.email, "troll@example.org"));
    expect(await personOf(session)).toBeUndefined();
    expect(await signIn("troll@example.org")).toBe("");
  });

  test("nothing in the database lets its reader sign in", async () => {
    const token = await mailed("secret@example.org");
    const session = await signIn("secret@example.org");
    const rows = await Promise.all([
      database.orm.select().from(loginTokens),
      database.orm.select().from(sessions),
    ]);
    const stored = JSON.stringify(rows, (_key, value) =>
      value instanceof Uint8Array
        ? `${Buffer.from(value).toString("base64url")} ${Buffer.from(value)}`
        : value,
    );
    for (const secret of [token, session]) expect(stored).not.toContain(secret);
  });

  test("an account is exported whole, and deleted without a trace, its votes too", async () => {
    const { orm } = database;
    const address = "goneperson@gmail.com";
    const session = await signIn(address);
    await mailed(address);
    await requestSignIn(orm, {
      email: address,
      returnTo: "/papers",
      origin: "https://x.example",
      now: start,
    });
    const { id: userId } = (await personOf(session)) ?? { id: "" };
    const [paper] = await orm.select().from(papers).where(eq(papers.arxivId, "1806.07572"));
    await castVote(orm, { paperId: paper.id, userId }, { now: start });
    expect(await exportAccount(orm, userId)).toMatchObject({
      account: { email: address, role: "reader" },
      votes: [{ paper: "1806.07572" }],
      sessions: [{ browser: "Firefox on Linux" }],
    });

    // Spellings of the address, in what anybody may ask for, and in what its owner confirmed.
    for (const email of SPELLINGS) {
      await mailed(email);
      await requestSignIn(orm, { email, returnTo: "/papers", origin: "https://x.example", now: start });
      const request = { email, choices: usualChoices, network: "192.0.2.7", origin: "https://x.example" };
      await requestSubscription(orm, { ...request, now: start });
    }
    const follow = async () => {};
    await subscriptionJob(orm, { now: () => start, key, follow }).run(new AbortController().signal);
    await requestSubscription(orm, {
      ...{ email: SPELLINGS[0], choices: usualChoices, network: "192.0.2.7", origin: "https://x.example" },
      now: start,
    });
    for (const table of [loginTokens, mailOutbox, subscriptionRequests, subscriptions])
      expect(await orm.$count(table)).toBeGreaterThan(0);
    // What belongs to somebody else stays.
    await mailed("gone.person@example.org");

    await deleteAccount(orm, userId, key);
    expect(await exportAccount(orm, userId)).toBeUndefined();
    expect(await personOf(session)).toBeUndefined();
    const [after] = await orm.select().from(papers).where(eq(papers.id, paper.id));
    expect([after.votesCount, after.hot]).toEqual([paper.votesCount, paper.hot]);
    expect(await orm.$count(votes)).toBe(0);
    expect(await orm.$count(loginTokens, eq(loginTokens.email, "gone.person@example.org"))).toBe(1);
    const columns = rowsOf<{ table: string; column: string }>(
      await orm.execute(sql`
        select table_name as table, column_name as column from information_schema.columns
        where table_schema = 'public' and data_type in ('text', 'USER-DEFINED', 'jsonb', 'ARRAY')`),
    );
    expect(columns.length).toBeGreaterThan(40);
    for (const { table, column } of columns) {
      for (const spelling of [address, ...SPELLINGS]) {
        const found = rowsOf<{ found: number }>(
          await orm.execute(sql`
            select count(*)::int as found from ${sql.identifier(table)}
            where position(lower(${spelling}::text) in lower(${sql.identifier(column)}::text)) > 0`),
        );
        expect([table, column, spelling, found[0].found]).toEqual([table, column, spelling, 0]);
      }
    }
  });

  test("with an account its vote for a paper that moderators have hidden goes, and the paper comes back without it", async () => {
    const { orm } = database;
    const { id: userId } = (await personOf(await signIn("hidden@example.org"))) ?? { id: "" };
    const [before] = await orm.select().from(papers).where(eq(papers.arxivId, "1806.07572"));
    await castVote(orm, { paperId: before.id, userId }, { now: start });
    await orm.update(papers).set({ hidden: true }).where(eq(papers.id, before.id));
    await deleteAccount(orm, userId, key);
    await orm.update(papers).set({ hidden: false }).where(eq(papers.id, before.id));
    const [after] = await orm.select().from(papers).where(eq(papers.id, before.id));
    expect([after.votesCount, after.hot]).toEqual([before.votesCount, before.hot]);
  });
});

test.each([
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"],
  [
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
    "Edge on Windows",
  ],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iOS"],
  ["curl/8.0", "Unknown browser"],
  [null, "Unknown browser"],
])("%s is %s", (field, kind) => expect(agentClass(field)).toBe(kind));
