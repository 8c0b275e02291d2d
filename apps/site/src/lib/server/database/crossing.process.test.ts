// Pairs of what people, moderators and jobs do, at the same time over several connections: none gets an error, and counts
// stay those of their rows, in whatever order their transactions come to their locks.
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decidePaper } from "../curation/decide.ts";
import type { ArxivClient } from "../ingestion/arxiv/client.ts";
import { machineTiming } from "../ingestion/timing.ts";
import { findDifferences } from "../jobs/check-counts.ts";
import { closeFlag, raiseFlag } from "../moderation/flags.ts";
import { recordWith } from "../papers/writing/testing.ts";
import { writePapers } from "../papers/writing/write.ts";
import { deleteAccount } from "../people/account.ts";
import { addressHash } from "../people/address.ts";
import { type AccountExport, importAccount } from "../people/import-account.ts";
import { mergeMarks } from "../people/reading-marks.ts";
import { beginSession } from "../people/sessions.ts";
import { redeemLink } from "../people/sign-in.ts";
import { suspendAccount } from "../people/suspensions.ts";
import { castVote, updateVoteWeights, withdrawVote } from "../people/votes.ts";
import { indexPapers } from "../search/index-papers.ts";
import { submitPaper } from "../submissions/submit.ts";
import { usualChoices } from "../subscriptions/choices.ts";
import { forgetSubscription } from "../subscriptions/preferences.ts";
import { confirmSubscription, purgeSubscriptions } from "../subscriptions/subscribe.ts";
import {
  key,
  type MailedSite,
  ORIGIN,
  openMailedSite,
  signal,
} from "../subscriptions/testing/mailed-site.ts";
import { freshToken } from "../tokens.ts";
import {
  loginTokens,
  mailOutbox,
  moderationFlags,
  papers,
  subscriptions,
  subscriptionTokens,
  users,
} from "./schema/index.ts";
import { engines } from "./testing.ts";

// The embedded database does one transaction after the other.
const [, server] = engines;

const refuse = () => Promise.reject(new Error("arXiv was asked"));
const silent: ArxivClient = { timing: machineTiming, query: refuse, oai: refuse };
const [ADA, BOB, NEW] = ["ada@readers.example", "bob@readers.example", "new@readers.example"];
const IDS = ["2611.00009", "2611.00001", "2611.00005", "2611.00003"];
const hashOf = (email: string) => addressHash(email, key);

describe.skipIf(!server)("on a Postgres server (skipped without GRADUS_TEST_DATABASE_URL)", () => {
  let site: MailedSite;
  let versions = 1;
  beforeAll(async () => {
    site = await openMailedSite(server[1]);
    await writePapers(site.orm, records(1));
    await indexPapers(site.orm, { signal });
  });
  afterAll(() => site?.close());

  const records = (version: number) =>
    IDS.map((arxivId) =>
      recordWith({
        arxivId,
        version,
        title: `Paper ${arxivId}, ${version}`,
        publishedAt: new Date(site.now),
      }),
    );

  /** What is there before a pair begins. */
  async function prepared(): Promise<Readonly<Record<string, () => Promise<unknown>>>> {
    const { orm } = site;
    await site.reset();
    for (const table of [users, moderationFlags, loginTokens]) await orm.delete(table);
    await orm.execute(
      sql`update papers set hidden = false, lane = null, featured_at = null, hot = null where arxiv_id like '2611.%'`,
    );
    await orm.execute(sql`update papers set tsv = null where arxiv_id like '2611.%'`);
    await orm.delete(mailOutbox);
    const now = new Date(site.now);
    const old = new Date(site.now - 40 * 86_400_000);
    const person = async (email: string, role: "reader" | "moderator" | "administrator") =>
      (
        await orm
          .insert(users)
          .values({ email, emailCanonicalHmac: hashOf(email), confirmedAt: old, createdAt: old, role })
          .returning({ id: users.id })
      )[0].id;
    const ada = await person(ADA, "moderator");
    const bob = await person(BOB, "administrator");
    const seeded = site.seeded.slice(0, 4).map(({ arxivId }) => arxivId);
    for (const arxivId of seeded) await site.feature(arxivId, site.now - 3_600_000);
    const voted = sql`papers where arxiv_id = any(${`{${[...IDS, ...seeded].join()}}`}::text[])`;
    await orm.execute(sql`
      insert into votes (paper_id, user_id, voted_at, weight)
      select papers.id, users.id, ${now.toISOString()}::timestamptz, 1 from users, ${voted}`);
    await orm.execute(sql`select recount_votes(id) from papers`);
    const [{ id: paperId }] = await orm
      .select({ id: papers.id })
      .from(papers)
      .where(eq(papers.arxivId, IDS[0]));
    const links = [freshToken(), freshToken()];
    const subscribed = await Promise.all(
      [ADA, NEW, BOB].map(async (email, i) => {
        const [{ id }] = await orm
          .insert(subscriptions)
          .values({
            ...{ email, emailHmac: hashOf(email), origin: ORIGIN, status: i === 1 ? "pending" : "active" },
            ...{ ...usualChoices, topics: [], keywords: [], confirmedAt: old },
            nextDueAt: i === 1 ? null : now,
          })
          .returning({ id: subscriptions.id });
        return id;
      }),
    );
    const consent = { at: now.toISOString(), network: "192.0.2.0/24", text: "subscribe-1" };
    for (const [i, { hash }] of [...links, freshToken(), freshToken()].entries())
      await orm.insert(subscriptionTokens).values({
        ...{ tokenHash: hash, subscriptionId: subscribed[i < 2 ? 0 : 1], purpose: "confirm" as const },
        ...{ choices: usualChoices, consent, expiresAt: new Date(site.now + 3_600_000) },
      });
    for (const [i, recipient] of [ADA, NEW].entries())
      await orm.insert(mailOutbox).values({
        ...{
          recipient,
          kind: "confirm" as const,
          nextAt: now,
          expiresAt: new Date(site.now + (i ? 3_600_000 : -1)),
        },
        details: { subscription: subscribed[i], choices: usualChoices, consent, origin: ORIGIN },
      });
    const signIns = [freshToken(), freshToken(), freshToken()];
    for (const [i, { hash }] of signIns.entries())
      await orm.insert(loginTokens).values({
        ...{ tokenHash: hash, email: i < 2 ? NEW : ADA, returnTo: "/", changes: i < 2 ? ada : undefined },
        ...{ voteFor: i < 2 ? undefined : IDS[1], expiresAt: new Date(site.now + 3_600_000) },
      });
    const session = await beginSession(orm, { userId: bob, agent: "Firefox", now });
    await raiseFlag(orm, { kind: "votes", subject: "one", summary: "One." }, now);
    const [flag] = await orm.select({ id: moderationFlags.id }).from(moderationFlags);
    const exported: AccountExport = {
      ...{ type: "gradus-account", version: 1, saved: [], read: [], followed: [], subscriptions: [] },
      votes: IDS.map((paper) => ({ paper, at: old.toISOString() })),
    };
    const marks = { saved: IDS.map((arxivId) => ({ arxivId, savedAt: old.toISOString() })), read: [] };
    const redeem = (i: number, session?: string) =>
      redeemLink(orm, { token: signIns[i].token, agent: "Firefox", session, origin: ORIGIN, key, now });
    const by = { id: bob, role: "administrator" } as const;
    const [subscription] = subscribed;
    return {
      vote: () => castVote(orm, { paperId, userId: ada }, { now }),
      "withdraw a vote": () => withdrawVote(orm, { paperId, userId: ada }),
      "import an account": () => importAccount(orm, ada, exported, now),
      "import marks": () => mergeMarks(orm, ada, marks, now),
      "delete the account": () => deleteAccount(orm, ada, key),
      "delete another account": () => deleteAccount(orm, bob, key),
      "confirm by a link": () => confirmSubscription(orm, links[0].token, now),
      "confirm by another link": () => confirmSubscription(orm, links[1].token, now),
      "confirm a new address": () => redeem(0),
      "confirm a new address by another link": () => redeem(1),
      "sign in": () => redeem(2, session),
      "make digests": () => site.tick(),
      "deliver mail": () => site.deliver(),
      "forget a subscription": () => forgetSubscription(orm, subscription),
      "purge subscriptions": () => purgeSubscriptions(orm, new Date(site.now + 3 * 86_400_000)),
      "decide of a paper": () => decidePaper(orm, { arxivId: IDS[0], decision: "feature", actor: ada, now }),
      "submit a paper": () => submitPaper(orm, IDS[0], {}, { client: silent, userId: ada, now }),
      "write papers": () => writePapers(orm, records(++versions)),
      "index papers": () => indexPapers(orm, { signal }),
      "weigh votes": () => updateVoteWeights(orm, now),
      suspend: () => suspendAccount(orm, { userId: ada, by, now }),
      "close a flag": () => closeFlag(orm, flag.id, { by: ada, now }),
    };
  }

  /** Why some work failed, as the database says it. */
  function reason(error: unknown): string {
    return error instanceof Error && error.cause ? reason(error.cause) : String(error);
  }

  test("every two of them end without an error, and counts stay those of their rows", async () => {
    const names = Object.keys(await prepared());
    const failures: string[] = [];
    for (const [i, first] of names.entries())
      for (const second of names.slice(i)) {
        const works = await prepared();
        const ended = await Promise.allSettled([works[first](), works[second]()]);
        for (const one of ended)
          if (one.status === "rejected") failures.push(`${first}, ${second}: ${reason(one.reason)}`);
        const differences = await findDifferences(site.orm);
        if (differences.length > 0) failures.push(`${first}, ${second}: ${differences.length} counts differ`);
      }
    expect(failures).toEqual([]);
  }, 600_000);
});
