// A site with something to decide in every section of the operator's.
import { eq } from "drizzle-orm";
import { vi } from "vitest";
import {
  auditLog,
  mailOutbox,
  papers,
  reports,
  type TokenScope,
  users,
  votes,
} from "../database/schema/index.ts";
import { openMigrated, openSeeded } from "../database/testing.ts";
import { startJobs } from "../jobs/start.ts";
import { noteReport } from "../mail/suppressions.ts";
import { raiseFlag } from "../moderation/flags.ts";
import { recordWith } from "../papers/writing/testing.ts";
import { writePapers } from "../papers/writing/write.ts";
import { makeAccessToken } from "../people/access-tokens.ts";
import { addressHash } from "../people/address.ts";
import type { Person } from "../people/sessions.ts";

export const NOW = new Date("2026-11-20T12:00:00Z");
export const PAPERS = ["2611.00001", "2611.00002", "2611.00003"] as const;
/** A paper of the seed, which has a report and a vote. */
export const SEEDED = "2412.08424";
const HOUR = 3_600_000;
const addressKey = Buffer.alloc(32, 1);
const hashOf = (address: string) => addressHash(address, addressKey);

/** An account, with a token of some scopes. */
export interface Account {
  readonly id: string;
  readonly token: string;
}

/** Opens the site, in place of the one that requests would open. Its database can be made to be away. */
export async function openOperatorSite() {
  // The log of the jobs.
  const output = vi.spyOn(process.stdout, "write").mockImplementation(() => true);
  const database = await openSeeded(openMigrated);
  const { orm } = database;
  const ran: string[] = [];
  const jobs = await startJobs(database, [
    { name: "maintenance", run: async () => void ran.push("maintenance") },
    { name: "mail", run: async () => void ran.push("mail") },
    {
      name: "digest-tick",
      async run() {
        throw new Error("the clock is broken");
      },
    },
  ]);
  await jobs.request("digest-tick");

  let isAway = false;
  const down = () => {
    throw Object.assign(new Error("no database"), { code: "ECONNREFUSED" });
  };
  const site = {
    get database() {
      return isAway ? { orm: new Proxy({}, { get: down }) } : database;
    },
    ...{ now: () => NOW, jobs, addressKey, mail: { folder: undefined } },
  };
  Object.assign(globalThis, { gradusSite: Promise.resolve(site) });

  async function account(
    name: string,
    role: Person["role"] = "reader",
    scopes: readonly TokenScope[] = ["operator"],
  ): Promise<Account> {
    const email = `${name}@readers.example`;
    const [{ id }] = await orm
      .insert(users)
      .values({ email, emailCanonicalHmac: hashOf(email), confirmedAt: NOW, createdAt: NOW, role })
      .returning({ id: users.id });
    const made = await makeAccessToken(orm, { userId: id, name: "test", scopes });
    if (typeof made === "string") throw new Error(made);
    return { id, token: made.token };
  }

  await writePapers(orm, [
    ...PAPERS.slice(0, 2).map((arxivId) => recordWith({ arxivId, title: `Paper ${arxivId}` })),
    recordWith({ arxivId: PAPERS[2], title: "A withdrawn paper", withdrawn: true }),
  ]);
  const sender = await account("sender");
  const [{ id: paperId }] = await orm
    .select({ id: papers.id })
    .from(papers)
    .where(eq(papers.arxivId, SEEDED));
  const [report] = await orm
    .insert(reports)
    .values({
      ...{ paperId, userId: sender.id, experiment: "steps", profile: "quick", seed: 1, version: "0.1.0" },
      environment: { runtime: "Node 24.21.0", platform: "linux x64", cores: 2 },
      ...{ parameters: {}, findings: {}, checks: [], undecided: [], ms: 1, measuredAt: NOW },
      ...{ hash: new Uint8Array(32), note: "Ran well.", noteState: "pending", createdAt: NOW },
    })
    .returning({ id: reports.id });
  await orm.insert(votes).values({ paperId, userId: sender.id, votedAt: NOW, weight: 1 });
  await raiseFlag(orm, { kind: "votes", subject: "a", summary: "20 new accounts", path: "/papers/a" }, NOW);
  await raiseFlag(orm, { kind: "duplicate", subject: "b", summary: "Two alike" }, NOW);
  const [message] = await orm
    .insert(mailOutbox)
    .values({
      ...{ recipient: "full@example.net", kind: "sign-in", details: { origin: "https://x", returnTo: "/" } },
      ...{ state: "failed", refusal: "4.2.2", nextAt: NOW, expiresAt: new Date(NOW.getTime() + HOUR) },
      endedAt: NOW,
    })
    .returning({ id: mailOutbox.id });
  const suppressed = hashOf("gone@example.org");
  await noteReport(orm, { hash: suppressed, kind: "permanent", status: "5.1.1" }, NOW);

  return {
    ...{ orm, account, sender, ran },
    ids: { report: String(report.id), message: String(message.id) },
    suppressed: Buffer.from(suppressed).toString("hex"),
    /** What was noted of decisions. */
    noted: () =>
      orm
        .select({ actor: auditLog.actor, action: auditLog.action, subject: auditLog.subject })
        .from(auditLog)
        .orderBy(auditLog.id),
    setAway(away: boolean) {
      isAway = away;
    },
    async close() {
      await jobs.close();
      await database.close();
      output.mockRestore();
    },
  };
}
